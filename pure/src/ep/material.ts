import { hashJson } from '../core/digest.js'
import type { JsonObject, JsonValue } from '../core/json.js'
import { Refusal } from '../core/refusal.js'
import type { Action } from './action.js'
import { resolvePointer } from './condition.js'
import type { Policy } from './policy.js'

/**
 * The hash of what matters in an action by its policy's `material` pointers, so that a retry with a reworded description is recognised as
 * the standing authorization; what runs is the action that was approved (EP-ACT-4).
 *
 * @returns undefined if the policy names no material members
 * @throws Refusal `material_operand_missing` if a pointer finds nothing
 */
export function materialHash(policy: Policy, action: Action): string | undefined {
  if (policy.material === undefined) return undefined
  const values: { [pointer: string]: JsonValue } = {}
  for (const [index, pointer] of policy.material.entries()) {
    const value = resolvePointer(action as unknown as JsonObject, pointer)
    if (value === undefined) throw new Refusal('material_operand_missing', `/policy/material/${index}`)
    values[pointer] = value
  }
  const { action_type, target, initiator, policy_id } = action
  return hashJson({ type: 'ep.material.v1', action_type, target, initiator, policy_id, values })
}
