import { binary, hash, type Infer, instant, literal, object, optional, text } from '../core/shape.js'
import { keyId } from './identifier.js'
import { keyClass } from './policy.js'
import { webauthnMember } from './sealed.js'

const signature = binary(8, 80)
const psea = object({ token: text(65_536) })

/** The members that signoff and denial share, all that an approver's client sends of a signoff: the instant is the server's. */
export const signatureMembers = {
  context_hash: hash,
  signature,
  key_class: keyClass,
  approver_key_id: keyId,
  webauthn: optional(webauthnMember),
  psea: optional(psea),
}

/** One approver's signature over one context. @see EP authorization receipts -00, section 5.3; EP-SIG-1 */
export const signoff = object({ ...signatureMembers, signed_at: instant })
export type Signoff = Infer<typeof signoff>

export const denialReason = text(280)

/** All that an approver's client sends of a denial. */
export const denialMembers = {
  ...signatureMembers,
  decision: literal('denied', 'denial_decision_unknown'),
  reason: optional(denialReason),
}

/** One approver's signature over the denial envelope of one context (EP-SIG-2). */
export const denial = object({ ...denialMembers, denied_at: instant })
export type Denial = Infer<typeof denial>

/** The object whose hash a denial signs; its `type` keeps it apart from a context. */
export function denialEnvelope(contextHash: string, reason: string | undefined) {
  const envelope = { type: 'ep.denial.v1', context_hash: contextHash, decision: 'denied' }
  return reason === undefined ? envelope : { ...envelope, reason }
}
