import type { JsonArray, JsonValue } from '@countersign/pure/core/json'
import type { Condition } from '@countersign/pure/ep/condition'
import type { Policy, Rule } from '@countersign/pure/ep/policy'
import type { Quorum } from '@countersign/pure/ep/quorum'

const comparisons: Readonly<Record<string, string>> = {
  eq: 'is',
  in: 'is one of',
  prefix: 'begins with',
  dec_lt: '<',
  dec_le: '<=',
  dec_gt: '>',
  dec_ge: '>=',
}

/** A condition as a sentence part. Text in it is as the document has it. */
export function conditionWords(condition: Condition): string {
  const [operator, operand] = Object.entries(condition)[0] as [string, JsonValue]
  if (operator === 'all' || operator === 'any') {
    const parts = (operand as unknown as Condition[]).map(conditionWords)
    return parts.length === 1 ? parts[0]! : `(${parts.join(operator === 'all' ? ' and ' : ' or ')})`
  }
  if (operator === 'not') return `not (${conditionWords(operand as unknown as Condition)})`
  const [pointer, literal] = operand as JsonArray
  if (operator === 'exists') return `${pointer} is there`
  return `${pointer} ${comparisons[operator]} ${JSON.stringify(literal)}`
}

/** A quorum as a sentence part. */
export function quorumWords(quorum: Quorum): string {
  if ('k' in quorum) return `${quorum.k} of ${quorum.roles.join(' or ')}`
  const [parts, join] = 'all' in quorum ? [quorum.all, ' and '] : [quorum.any, ' or ']
  return parts.length === 1 ? quorumWords(parts[0]!) : `(${parts.map(quorumWords).join(join)})`
}

function ruleWords(rule: Rule): string {
  const when = rule.when === undefined ? 'always' : `when ${conditionWords(rule.when)}`
  if (rule.then === 'require') return `${when}: needs ${quorumWords(rule.quorum!)}`
  return `${when}: ${rule.then === 'refuse' ? 'refused' : 'runs without approval'}`
}

const separations: Readonly<Record<Policy['separation'], string>> = {
  principal: 'nobody approves their own request',
  responsible: 'nobody approves their own request, or that of an agent they answer for',
}

/** What a policy demands, one line each. Text in it is as the document has it. */
export function policyWords(policy: Policy): readonly string[] {
  return [
    `for ${policy.action_types.join(', ')}`,
    ...policy.rules.map(ruleWords),
    'no rule matches: refused',
    `keys of class ${policy.min_key_class} or better, within ${policy.max_window_seconds} s, enforcement ${policy.enforcement_minimum} or better`,
    separations[policy.separation],
  ]
}
