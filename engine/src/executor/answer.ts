import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import type { ConsumeRequest } from '@countersign/pure/ep/consumption'
import type { PinnedTrust } from '@countersign/pure/ep/pinned-trust'
import { type VerifiedReceipt, verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import { satisfied } from './admit.js'

/**
 * Verifies the answer to a consume request: a trust receipt that holds with the executor's own trust, in which its own request stands
 * octet for octet, and whose head was logged before it (EP-BUN-2, EP-REC-5). With the request, and the seal on it that the receipt's
 * verification judged, organization, nonce, action, policy, bundle, executor and class are those that were verified before.
 *
 * @throws Refusal with pointers below `/receipt`
 */
export function verifyAnswer(
  octets: Uint8Array,
  request: ConsumeRequest,
  trust: PinnedTrust,
  now: number,
): VerifiedReceipt {
  const verified = satisfied(verifyReceipt(octets, trust, { now }), '/receipt')
  const { consume } = verified.receipt.consumption
  if (consume === undefined || textOf(consume) !== textOf(request))
    throw new Refusal('executor_request_mismatch', '/receipt/consumption/consume')
  if (verified.notEstablished.includes('head_logged_before'))
    throw new Refusal('executor_head_logged_missing', '/receipt/log_proof/head')
  return verified
}

function textOf(request: ConsumeRequest): string {
  return canonicalString(request as unknown as JsonObject)
}
