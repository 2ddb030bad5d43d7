import type { JsonObject } from '../core/json.js'
import { into, Refusal } from '../core/refusal.js'
import {
  array,
  choice,
  hash,
  type Infer,
  integer,
  isHash,
  literal,
  object,
  optional,
  type Shape,
} from '../core/shape.js'
import type { Action } from './action.js'
import { type Condition, condition, evaluateCondition, resolvePointer } from './condition.js'
import { directoryId, logOrigin, name, organizationId, pointer, policyId, typeName } from './identifier.js'
import { type Quorum, quorum } from './quorum.js'

export const keyClass = choice(['A', 'B', 'C'])
export type KeyClass = Infer<typeof keyClass>

export const enforcementClass = choice(['STRONG', 'STANDARD', 'BASIC'])
export type EnforcementClass = Infer<typeof enforcementClass>

const ruleMembers = object({
  when: optional(condition),
  // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
  then: choice(['require', 'refuse', 'ungated']),
  quorum: optional(quorum),
})
export type Rule = Infer<typeof ruleMembers>

const rule: Shape<Rule> = {
  read(value, path) {
    const read = ruleMembers.read(value, path)
    if (read.then === 'require' && read.quorum === undefined)
      throw new Refusal('policy_quorum_missing', path.reduce<string>(into, ''))
    if (read.then !== 'require' && read.quorum !== undefined)
      throw new Refusal('policy_quorum_unsupported', path.reduce<string>(into, ''))
    return read
  },
}

/**
 * A policy: signed by the organization as a leaf of its directory, evaluated again by everyone.
 * @see EP authorization receipts -00, sections 2, 4, 7; EP-POL-1
 */
const policyMembers = object({
  type: literal('ep.policy.v1', 'type_mismatch'),
  policy_id: policyId,
  organization: organizationId,
  directory_id: directoryId,
  log_origin: logOrigin,
  action_types: array(name, { min: 1, max: 64 }),
  rules: array(rule, { min: 1, max: 64 }),
  max_window_seconds: integer(1, 31_536_000),
  min_key_class: keyClass,
  separation: choice(['principal', 'responsible']),
  commit_after: object({ level: choice(['anchored', 'witnessed']), k: optional(integer(1, 16)) }),
  enforcement_minimum: enforcementClass,
  display: object({
    template_hash: optional(hash),
    second_surface: optional(object({ when: optional(condition) })),
    masking: optional(array(pointer, { min: 1, max: 32 })),
  }),
  delegation: object({ max_depth: integer(0, 2) }),
  evidence_required: array(typeName, { max: 16 }),
  material: optional(array(pointer, { min: 1, max: 64 })),
  pinned: optional(array(pointer, { min: 1, max: 64 })),
})
export type Policy = Infer<typeof policyMembers>

export const policy: Shape<Policy> = {
  read(value, path) {
    const read = policyMembers.read(value, path)
    const witnessed = read.commit_after.level === 'witnessed'
    if (witnessed !== (read.commit_after.k !== undefined))
      throw new Refusal('policy_commit_after_malformed', [...path, 'commit_after', 'k'].reduce<string>(into, ''))
    return read
  },
}

/** What the first matching rule of a policy says of an action. No match is a refusal: "not covered" is never "allowed". */
export type PolicyDecision =
  | { readonly decision: 'require'; readonly rule: number; readonly quorum: Quorum }
  | { readonly decision: 'ungated' | 'refuse'; readonly rule: number }

/**
 * Evaluates the rules in order; the first match wins.
 * @throws Refusal `policy_rule_missing` when none matches, a `condition_operand_*` code (EP-POL-2), or `pinned_digest_missing`,
 *   `pinned_digest_malformed` (EP-ACT-4)
 */
export function evaluatePolicy(policy: Policy, action: Action, at = ''): PolicyDecision {
  requirePinned(policy, action, at)
  for (const [index, rule] of policy.rules.entries()) {
    const when = rule.when as Condition | undefined
    if (when !== undefined && !evaluateCondition(when, action as unknown as JsonObject, `${at}/rules/${index}/when`))
      continue
    if (rule.then === 'require') return { decision: 'require', rule: index, quorum: rule.quorum! }
    return { decision: rule.then, rule: index }
  }
  throw new Refusal('policy_rule_missing', `${at}/rules`)
}

/** What a policy pins must stand in the action as a digest, so that what runs is exactly what was approved. */
function requirePinned(policy: Policy, action: Action, at: string): void {
  for (const [index, pointer] of (policy.pinned ?? []).entries()) {
    const value = resolvePointer(action as unknown as JsonObject, pointer)
    if (value === undefined) throw new Refusal('pinned_digest_missing', `${at}/pinned/${index}`)
    if (typeof value !== 'string' || !isHash(value))
      throw new Refusal('pinned_digest_malformed', `${at}/pinned/${index}`)
  }
}

const strength: Record<KeyClass, number> = { A: 3, B: 2, C: 1 }

/** Whether a key class is at least another (A over B over C). */
export function classAtLeast(actual: KeyClass, minimum: KeyClass): boolean {
  return strength[actual] >= strength[minimum]
}

const enforcement: Record<EnforcementClass, number> = { STRONG: 3, STANDARD: 2, BASIC: 1 }

export function enforcementAtLeast(actual: EnforcementClass, minimum: EnforcementClass): boolean {
  return enforcement[actual] >= enforcement[minimum]
}
