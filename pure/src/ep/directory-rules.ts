import { parseInstant } from '../core/instant.js'
import { Refusal } from '../core/refusal.js'
import type { DirectoryLeaf } from './directory-leaf.js'
import type { Policy } from './policy.js'

/** What may be held by one subject only at any instant: a key, a system, an action type. */
interface Claim {
  readonly code: string
  readonly value: string
  readonly subject: string | number
}

interface Held extends Claim {
  readonly from: number
  readonly to: number
  readonly at: string
}

/**
 * At any instant a key, key id, credential, entity id and policy for an action type stand in one leaf in force, an approver is one
 * principal, and a system has one executor (EP-DIR-1, EP-POL-4, EP-INV-4).
 *
 * @throws Refusal directory_key_duplicate, directory_key_id_duplicate, enrollment_credential_duplicate, entity_id_duplicate,
 *   policy_action_type_duplicate, enrollment_principal_mismatch, executor_system_duplicate, policy_id_duplicate
 */
export function requireUniqueInForce(leaves: readonly DirectoryLeaf[], policies: ReadonlyMap<string, Policy>): void {
  const groups = new Map<string, Held[]>()
  for (const [index, leaf] of leaves.entries()) {
    const from = parseInstant(leaf.entry.valid_from)
    const to = leaf.status.valid_to === null ? Number.POSITIVE_INFINITY : parseInstant(leaf.status.valid_to)
    // Ended before it began: it is in force never.
    if (to <= from) continue
    for (const claim of claimsOf(leaf, index, policies)) {
      const name = `${claim.code} ${claim.value}`
      const group = groups.get(name) ?? []
      group.push({ ...claim, from, to, at: `/leaves/${index}` })
      groups.set(name, group)
    }
  }
  for (const group of groups.values()) requireOneSubject(group)
  requireOnePolicyPerId(leaves)
}

function claimsOf(leaf: DirectoryLeaf, index: number, policies: ReadonlyMap<string, Policy>): Claim[] {
  const { entry } = leaf
  const claims: Claim[] = []
  const claim = (code: string, value: string | undefined, subject: string | number = index) => {
    if (value !== undefined) claims.push({ code, value, subject })
  }
  if ('public_key' in entry) claim('directory_key_duplicate', entry.public_key)
  if ('key_id' in entry) claim('directory_key_id_duplicate', entry.key_id)
  if (entry.type === 'ep.enrollment.v1') {
    claim('enrollment_credential_duplicate', entry.credential_id)
    claim('enrollment_principal_mismatch', entry.approver_id, entry.principal_id)
  }
  if (entry.type === 'ep.entity.v1') claim('entity_id_duplicate', entry.entity_id)
  if (entry.type === 'ep.executor.v1')
    for (const system of entry.systems) claim('executor_system_duplicate', system, entry.executor_id)
  if (entry.type === 'ep.directory_policy.v1')
    for (const type of new Set(policies.get(entry.policy_hash)?.action_types))
      claim('policy_action_type_duplicate', type)
  return claims
}

// Sorted by their beginning, whoever begins before the end of those before must be the same subject.
function requireOneSubject(group: Held[]): void {
  group.sort((a, b) => a.from - b.from)
  let running = group[0]!
  for (const next of group.slice(1)) {
    if (next.from >= running.to) running = next
    else if (next.subject !== running.subject) throw new Refusal(next.code, next.at)
    else if (next.to > running.to) running = next
  }
}

/** A policy id names one document for ever, in force or not. */
function requireOnePolicyPerId(leaves: readonly DirectoryLeaf[]): void {
  const hashOf = new Map<string, string>()
  for (const [index, { entry }] of leaves.entries()) {
    if (entry.type !== 'ep.directory_policy.v1') continue
    const known = hashOf.get(entry.policy_id) ?? entry.policy_hash
    if (known !== entry.policy_hash) throw new Refusal('policy_id_duplicate', `/leaves/${index}/entry/policy_id`)
    hashOf.set(entry.policy_id, known)
  }
}
