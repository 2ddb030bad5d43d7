import type { JsonObject } from '../core/json.js'
import { array, choice, hash, type Infer, literal, object, openObject, optional } from '../core/shape.js'
import { action, epVersion, request } from './action.js'
import { authority, openings } from './authority.js'
import { authorizationContext } from './context.js'
import { typeName } from './identifier.js'
import { policy } from './policy.js'
import { sealed } from './sealed.js'
import { signoff } from './signoff.js'

/** A typed object that later work puts into an artifact (EP-ENC-7). */
export const evidence = array(openObject({ type: typeName }), { max: 16 })

export const display = object({
  surface: choice(['operator-page', 'client']),
  template_hash: optional(hash),
  masking_hash: optional(hash),
})

/** The members that an authorization bundle and the trust receipt made from it share. */
export const approvedMembers = {
  ep_version: epVersion,
  action,
  action_hash: hash,
  policy,
  contexts: array(authorizationContext, { min: 1, max: 64 }),
  signoffs: array(signoff, { min: 1, max: 64 }),
  authority,
  initiation: optional(sealed(request)),
  evidence,
}

/** Evidence before commitment; confers nothing by itself. @see section 9; EP-BUN-1 */
export const authorizationBundle = object({
  type: literal('ep.bundle.v1', 'type_mismatch'),
  state: literal('APPROVED', 'bundle_state_mismatch'),
  ...approvedMembers,
  approver_key_proofs: openings,
})
export type AuthorizationBundle = Infer<typeof authorizationBundle>

/** Everything that is judged alike in a bundle and in a receipt. */
export type Approved = Pick<AuthorizationBundle, keyof typeof approvedMembers | 'approver_key_proofs'>

/** The bundle without its openings, as it stood when the executor hashed it: rebuilt from a bundle or from a receipt. */
export function hashedBundle(approved: Approved): JsonObject {
  const { ep_version, action, action_hash, policy, contexts, signoffs, authority, initiation, evidence } = approved
  const body = {
    type: 'ep.bundle.v1',
    ep_version,
    state: 'APPROVED',
    action,
    action_hash,
    policy,
    contexts,
    signoffs,
    authority,
    evidence,
  }
  return (initiation === undefined ? body : { ...body, initiation }) as unknown as JsonObject
}
