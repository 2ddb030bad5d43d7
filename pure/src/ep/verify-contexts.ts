import { parseInstant } from '../core/instant.js'
import { Refusal } from '../core/refusal.js'
import type { Action } from './action.js'
import type { AuthorizationContext } from './context.js'

/** What all contexts of an attempt share (EP-CTX-6). */
export interface Attempt {
  readonly nonce: string
  readonly requiredApprovals: number
  readonly prevReceiptHash: string
  /** ms since the epoch. */
  readonly issuedAt: number
  readonly expiresAt: number
}

const shared = ['required_approvals', 'nonce', 'issued_at', 'expires_at', 'prev_receipt_hash'] as const

/**
 * Every context commits to this action and policy, and all are equal but for approver and index, which rise.
 *
 * @param pointers - the JSON Pointer of each context
 */
export function verifyContexts(
  contexts: readonly AuthorizationContext[],
  expected: { action: Action; actionHash: string; policyHash: string },
  pointers: readonly string[],
): Attempt {
  const first = contexts[0]!
  const approvers = new Set<string>()
  let lastIndex = 0
  for (const [index, context] of contexts.entries()) {
    const at = pointers[index]!
    if (context.action_hash !== expected.actionHash)
      throw new Refusal('context_action_hash_mismatch', `${at}/action_hash`)
    if (context.policy_hash !== expected.policyHash)
      throw new Refusal('context_policy_hash_mismatch', `${at}/policy_hash`)
    if (context.policy_id !== expected.action.policy_id)
      throw new Refusal('context_policy_id_mismatch', `${at}/policy_id`)
    if (context.initiator !== expected.action.initiator)
      throw new Refusal('context_initiator_mismatch', `${at}/initiator`)
    for (const member of shared)
      if (context[member] !== first[member]) throw new Refusal('context_member_mismatch', `${at}/${member}`)
    if (context.approver_index === lastIndex)
      throw new Refusal('context_approver_index_duplicate', `${at}/approver_index`)
    if (context.approver_index < lastIndex) throw new Refusal('context_order_invalid', `${at}/approver_index`)
    lastIndex = context.approver_index
    if (approvers.has(context.approver)) throw new Refusal('context_approver_duplicate', `${at}/approver`)
    approvers.add(context.approver)
  }
  return {
    nonce: first.nonce,
    requiredApprovals: first.required_approvals,
    prevReceiptHash: first.prev_receipt_hash,
    issuedAt: parseInstant(first.issued_at),
    expiresAt: parseInstant(first.expires_at),
  }
}
