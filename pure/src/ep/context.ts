import { binary, hash, type Infer, instant, integer, literal, named, object } from '../core/shape.js'
import { epVersion } from './action.js'
import { approverId, entityId, policyId } from './identifier.js'

/** 16 octets at least on reading, 32 when made (EP-CTX-2). */
export const nonce = binary(16, 64, 'nonce_length_insufficient', 'nonce_length_too_large')

/**
 * What one approver signs; its hash is the WebAuthn challenge or the Ed25519 message.
 * @see EP authorization receipts -00, section 4; EP-CTX-1
 */
export const authorizationContext = object({
  ep_version: epVersion,
  context_type: literal('ep.signoff.v1', 'context_type_mismatch'),
  action_hash: hash,
  policy_id: policyId,
  policy_hash: hash,
  initiator: entityId,
  approver: approverId,
  approver_index: integer(1, 1024),
  required_approvals: named(integer(1, 16), {
    missing: 'required_approvals_missing',
    malformed: 'required_approvals_malformed',
  }),
  nonce,
  issued_at: instant,
  expires_at: instant,
  prev_receipt_hash: hash,
})
export type AuthorizationContext = Infer<typeof authorizationContext>

/** `prev_receipt_hash` of a log without receipts, `prev_head_hash` of the first head. */
export const zeroHash = `sha256:${'0'.repeat(64)}`
