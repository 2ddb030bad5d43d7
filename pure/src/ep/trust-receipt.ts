import type { JsonObject } from '../core/json.js'
import { type Infer, literal, object } from '../core/shape.js'
import { openings } from './authority.js'
import { approvedMembers, display } from './bundle.js'
import { consumption } from './consumption.js'
import { receiptId } from './identifier.js'
import { logProof } from './log-proof.js'
import { enforcementClass } from './policy.js'

/** The terminal artifact: evidence after commitment. @see EP authorization receipts -00, section 6.2; EP-REC-1 */
export const trustReceipt = object({
  type: literal('ep.trust_receipt.v1', 'type_mismatch'),
  receipt_id: receiptId,
  ...approvedMembers,
  consumption,
  enforcement_class: enforcementClass,
  display,
  log_proof: logProof,
  approver_key_proofs: openings,
})
export type TrustReceipt = Infer<typeof trustReceipt>

/** The receipt as hashed: without its proofs, which grow with the log (EP-REC-2). */
export function hashedReceipt(receipt: TrustReceipt): JsonObject {
  const { log_proof: _log, approver_key_proofs: _openings, ...body } = receipt
  return body as unknown as JsonObject
}
