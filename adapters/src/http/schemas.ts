import type { Action, Request } from '@countersign/pure/ep/action'
import type { Opening } from '@countersign/pure/ep/authority'
import type { AuthorizationBundle } from '@countersign/pure/ep/bundle'
import type { ConsumeRequest } from '@countersign/pure/ep/consumption'
import type { AuthorizationContext } from '@countersign/pure/ep/context'
import type { DenialRecord } from '@countersign/pure/ep/denial-record'
import type { DirectoryHead } from '@countersign/pure/ep/directory-head'
import type { DirectoryLeaf } from '@countersign/pure/ep/directory-leaf'
import type { OutcomeReport } from '@countersign/pure/ep/outcome-report'
import type { Policy } from '@countersign/pure/ep/policy'
import type { Sealed } from '@countersign/pure/ep/sealed'
import type { Denial, Signoff } from '@countersign/pure/ep/signoff'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import { type TObject, type TProperties, type TSchema, Type } from 'typebox'

// A schema with a `title` becomes a named component of the OpenAPI document.

/**
 * An EP artifact inside a body. Its members are described once, by the strict parsers of the format, which judge what this
 * schema lets through; here it is an object of that name.
 */
function artifact<T>(title: string, section: string) {
  return Type.Unsafe<T>({
    title,
    type: 'object',
    description: `EP authorization receipts -00, ${section}. Closed, canonical I-JSON; parsed strictly.`,
  })
}

export const action = artifact<Action>('Action', 'section 3')
export const initiation = artifact<Sealed<Request>>(
  'Initiation',
  'section 3: the action request sealed by its initiator',
)
export const authorizationContext = artifact<AuthorizationContext>('AuthorizationContext', 'section 4')
export const policy = artifact<Policy>('Policy', 'sections 2, 4 and 7')
export const signoff = artifact<Signoff>('Signoff', 'section 5.3')
export const denial = artifact<Denial>('Denial', 'section 6.1')
export const authorizationBundle = artifact<AuthorizationBundle>('AuthorizationBundle', 'section 9')
export const consumeRequest = artifact<ConsumeRequest>('ConsumeRequest', 'section 9: sealed by the executor')
export const trustReceipt = artifact<TrustReceipt>('TrustReceipt', 'section 6.2')
export const denialRecord = artifact<DenialRecord>('DenialRecord', 'section 6.1')
export const outcomeReport = artifact<OutcomeReport>('OutcomeReport', 'section 7: sealed by the executor')
export const directoryHead = artifact<DirectoryHead>('DirectoryHead', 'section 5.2')
export const directoryLeaf = artifact<DirectoryLeaf>('DirectoryLeaf', 'section 5.2')
export const opening = artifact<Opening>('Opening', 'section 5.2: a leaf and its path to the head')

export const hash = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' })
export const instant = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,12}Z$' })
export const treeSize = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** Seconds that a read may wait for an answer that is on its way. */
export const wait = Type.Integer({ minimum: 0, maximum: 20 })
/** Chosen by the caller: the same key with the same request gets the same answer. */
export const idempotencyKey = Type.String({ pattern: '^[A-Za-z0-9._:-]{8,128}$' })
export const anchorPlace = Type.Union([Type.Literal('same_device'), Type.Literal('separate')])

/** A page is asked for with the `next` of the page before it. */
export const cursor = {
  after: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
}

/** An object that takes no other members; with a title it is a component of the OpenAPI document. */
export function closed<M extends TProperties>(members: M, title?: string): TObject<M> {
  return Type.Object(members, { additionalProperties: false, ...(title === undefined ? {} : { title }) })
}

/** A list whose type is read-only, as everything is that comes from the wire. */
export function list<S extends TSchema>(items: S) {
  return Type.Immutable(Type.Array(items))
}
