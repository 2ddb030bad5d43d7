import { binary, hash, type Infer, instant, literal, object, optional, text } from '../core/shape.js'
import { keyId } from './identifier.js'
import { keyClass } from './policy.js'
import { webauthnMember } from './sealed.js'

const signature = binary(8, 80)
const psea = object({ token: text(65_536) })

/** One approver's signature over one context. @see EP authorization receipts -00, section 5.3; EP-SIG-1 */
export const signoff = object({
  context_hash: hash,
  signature,
  key_class: keyClass,
  approver_key_id: keyId,
  signed_at: instant,
  webauthn: optional(webauthnMember),
  psea: optional(psea),
})
export type Signoff = Infer<typeof signoff>

export const denialReason = text(280)

/** One approver's signature over the denial envelope of one context (EP-SIG-2). */
export const denial = object({
  context_hash: hash,
  decision: literal('denied', 'denial_decision_unknown'),
  reason: optional(denialReason),
  signature,
  key_class: keyClass,
  approver_key_id: keyId,
  denied_at: instant,
  webauthn: optional(webauthnMember),
  psea: optional(psea),
})
export type Denial = Infer<typeof denial>

/** The object whose hash a denial signs; its `type` keeps it apart from a context. */
export function denialEnvelope(contextHash: string, reason: string | undefined) {
  const envelope = { type: 'ep.denial.v1', context_hash: contextHash, decision: 'denied' }
  return reason === undefined ? envelope : { ...envelope, reason }
}
