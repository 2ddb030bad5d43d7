import { Refusal } from '../core/refusal.js'
import type { Action } from './action.js'
import type { OpenedAuthority } from './open-authority.js'
import { evaluatePolicy, type Policy } from './policy.js'
import { type Quorum, requiredApprovals } from './quorum.js'
import type { Attempt } from './verify-contexts.js'

/**
 * The policy is the organization's, it covers this action, its first matching rule demands signoffs, and the contexts carry
 * the number and window that it gives (EP-POL-1, EP-POL-4, EP-ACT-1). That no other policy leaf was in force is the head
 * signer's word.
 *
 * @returns the quorum that must be met
 */
export function verifyPolicy(
  artifact: { action: Action; policy: Policy },
  attempt: Attempt,
  authority: OpenedAuthority,
  policyHash: string,
): Quorum {
  const { action, policy } = artifact
  if (authority.policy !== undefined) {
    const { entry, at } = authority.policy
    if (entry.policy_hash !== policyHash) throw new Refusal('policy_leaf_hash_mismatch', `${at}/entry/policy_hash`)
    if (entry.policy_id !== policy.policy_id) throw new Refusal('policy_leaf_id_mismatch', `${at}/entry/policy_id`)
  }
  if (action.policy_id !== policy.policy_id) throw new Refusal('policy_id_mismatch', '/action/policy_id')
  if (!policy.action_types.includes(action.action_type))
    throw new Refusal('policy_action_type_mismatch', '/policy/action_types')
  const decision = evaluatePolicy(policy, action, '/policy')
  const ruleAt = `/policy/rules/${decision.rule}/then`
  if (decision.decision !== 'require')
    throw new Refusal(decision.decision === 'refuse' ? 'policy_rule_refused' : 'policy_rule_ungated', ruleAt)
  if (attempt.requiredApprovals !== requiredApprovals(decision.quorum))
    throw new Refusal('required_approvals_mismatch', ruleAt)
  const window = attempt.expiresAt - attempt.issuedAt
  if (window <= 0) throw new Refusal('window_length_invalid', '/policy/max_window_seconds')
  if (window > policy.max_window_seconds * 1000)
    throw new Refusal('window_length_too_large', '/policy/max_window_seconds')
  if (policy.display.second_surface !== undefined)
    throw new Refusal('display_second_surface_unsupported', '/policy/display/second_surface')
  if (policy.display.masking !== undefined) throw new Refusal('display_masking_unsupported', '/policy/display/masking')
  return decision.quorum
}
