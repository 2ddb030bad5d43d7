import { set } from '@countersign/conformance/cases/case'
import { hashJson } from '@countersign/pure/core/digest'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import { denialEnvelope } from '@countersign/pure/ep/signoff'
import { verifyDenial } from '@countersign/pure/ep/verify-denial'
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import { type AttemptOptions, makeBundle, makeDenial, makeReceipt } from '@countersign/simulator/attempt'
import { pinned, type World, type WorldOptions } from '@countersign/simulator/world'
import type { Attack } from '../attack.js'
import { repeating } from '../forgery.js'
import { makeOwnedWorld, Owners, operatorKey } from '../owners.js'
import { judged } from './judged.js'

/** A denial that nobody gave, to end what somebody asked for; or one in the place of an approval. */
interface FalseDenial {
  readonly name: string
  readonly requirements: string
  readonly did: string
  readonly expected: string
  readonly world?: WorldOptions
  /** While the owners are there; answers how the operator makes the record when they are gone. */
  readonly prepare: (world: World) => AttemptOptions
}

const falseDenials: readonly FalseDenial[] = [
  {
    name: 'forged',
    requirements: 'EP-DEN-1 EP-SIG-2',
    did: 'denied in the name of an approver with a key of its own',
    expected: 'signoff_signature_invalid',
    prepare: (world) => {
      makeBundle(world)
      return { approverSigner: ({ keyId }) => operatorKey(keyId) }
    },
  },
  {
    name: 'approval as denial',
    requirements: 'EP-SIG-2 EP-ENC-8',
    did: 'presented the signature of an approval as a denial',
    expected: 'signoff_signature_invalid',
    prepare: (world) => ({ approverSigner: repeating(hashJson(makeBundle(world).contexts[0]!)) }),
  },
  {
    name: 'of another attempt',
    requirements: 'EP-INV-2 EP-SIG-2',
    did: 'presented the denial of one attempt as that of another',
    expected: 'signoff_signature_invalid',
    prepare: (world) => {
      makeDenial(world, { label: 'other' })
      const other = denialEnvelope(hashJson(makeBundle(world, { label: 'other' }).contexts[0]!), undefined)
      return { approverSigner: repeating(hashJson(other)) }
    },
  },
  {
    name: 'reason changed',
    requirements: 'EP-SIG-2',
    did: 'changed the reason of a signed denial',
    expected: 'signoff_signature_invalid',
    prepare: (world) => {
      makeDenial(world, { reason: 'wrong account' })
      return { reason: 'wrong account', alter: { denial: [set('/reason', 'no objection')] } }
    },
  },
  {
    name: 'by somebody without a role',
    requirements: 'EP-DEN-1 EP-POL-4',
    did: 'had somebody deny who may not approve either',
    expected: 'signoff_role_insufficient',
    world: { approvers: [{ name: 'jchen', roles: ['audit'] }] },
    prepare: (world) => {
      makeDenial(world)
      return {}
    },
  },
  {
    name: 'not logged',
    requirements: 'EP-DEN-1 EP-VER-5',
    did: 'logged the attempt as committed, and showed the denial',
    expected: 'inclusion_root_mismatch',
    prepare: (world) => {
      makeDenial(world)
      return { alter: { logEntry: [set('/state', 'COMMITTED')] } }
    },
  },
]

/** A genuine record of one kind in the place of the other. */
const exchanged: readonly Attack[] = [
  {
    name: 'receipt: a denial record',
    target: 'verifier',
    requirements: 'EP-ENC-8',
    did: 'presented a genuine denial as a receipt',
    expected: 'member_unknown',
    run: async () => {
      const world = makeOwnedWorld({}, new Owners())
      return judged(verifyReceipt(canonicalBytes(makeDenial(world).record), pinned(world.trustFile())))
    },
  },
  {
    name: 'denial: a receipt',
    target: 'verifier',
    requirements: 'EP-ENC-8',
    did: 'presented a genuine receipt as a denial',
    expected: 'member_unknown',
    run: async () => {
      const world = makeOwnedWorld({}, new Owners())
      return judged(verifyDenial(canonicalBytes(makeReceipt(world).receipt), pinned(world.trustFile())))
    },
  },
]

const forged = falseDenials.map(
  ({ prepare, world: options = {}, name, ...attack }): Attack => ({
    ...attack,
    name: `denial: ${name}`,
    target: 'verifier',
    run: async () => {
      const owners = new Owners()
      const world = makeOwnedWorld(options, owners)
      const made = prepare(world)
      owners.leave()
      return judged(verifyDenial(canonicalBytes(makeDenial(world, made).record), pinned(world.trustFile())))
    },
  }),
)

export const denialAttacks: readonly Attack[] = [...forged, ...exchanged]
