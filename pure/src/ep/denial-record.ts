import type { JsonObject } from '../core/json.js'
import { hash, type Infer, literal, object, optional } from '../core/shape.js'
import { action, epVersion, request } from './action.js'
import { authority, openings } from './authority.js'
import { authorizationContext } from './context.js'
import { denialId } from './identifier.js'
import { logProof } from './log-proof.js'
import { policy } from './policy.js'
import { sealed } from './sealed.js'
import { denial } from './signoff.js'

/** One approver's signed refusal of one attempt, terminal and logged (EP-DEN-1). */
export const denialRecord = object({
  type: literal('ep.denial_record.v1', 'type_mismatch'),
  ep_version: epVersion,
  denial_id: denialId,
  action,
  action_hash: hash,
  policy,
  context: authorizationContext,
  denial,
  authority,
  initiation: optional(sealed(request)),
  log_proof: logProof,
  approver_key_proofs: openings,
})
export type DenialRecord = Infer<typeof denialRecord>

/** The record as hashed: without its proofs. */
export function hashedDenial(record: DenialRecord): JsonObject {
  const { log_proof: _log, approver_key_proofs: _openings, ...body } = record
  return body as unknown as JsonObject
}
