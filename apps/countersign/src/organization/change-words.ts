import { keyFingerprint } from '@countersign/adapters/keys/key-file'
import { parseBinary } from '@countersign/pure/core/digest'
import type { DirectoryEntry, DirectoryLeaf } from '@countersign/pure/ep/directory-leaf'
import type { Policy } from '@countersign/pure/ep/policy'
import { policyWords } from './policy-words.js'
import type { ChangedLeaf } from './publication.js'

/** What a signer would put the organization's name to: each changed leaf in words, first line and details. */
export function changeWords(
  before: readonly DirectoryLeaf[],
  changes: readonly ChangedLeaf[],
  policies: ReadonlyMap<string, Policy>,
): readonly string[] {
  return changes.flatMap(({ leaf_index, leaf }) => {
    const known = before[leaf_index]
    return known === undefined ? newWords(leaf, policies) : statusWords(known, leaf)
  })
}

/** The one line by which a person knows an entry. */
export function entryName(entry: DirectoryEntry): string {
  if (entry.type === 'ep.enrollment.v1') return `approver ${entry.approver_id} with ${entry.key_id}`
  if (entry.type === 'ep.entity.v1') return `${entry.kind} ${entry.entity_id}`
  if (entry.type === 'ep.executor.v1') return `executor ${entry.executor_id} with ${entry.key_id}`
  if (entry.type === 'ep.directory_policy.v1') return `policy ${entry.policy_id}`
  return 'a delegation'
}

function newWords({ entry, status, attestations }: DirectoryLeaf, policies: ReadonlyMap<string, Policy>): string[] {
  const attested = attestations.flatMap(({ signatures }) => signatures.map(({ key_id }) => key_id))
  const until = status.valid_to === null ? '' : ` until ${status.valid_to}`
  return [
    `+ ${entryName(entry)}, from ${entry.valid_from}${until}`,
    ...entryDetails(entry, policies).map((line) => `    ${line}`),
    ...(attested.length === 0 ? [] : [`    attested by ${attested.join(', ')}`]),
  ]
}

function entryDetails(entry: DirectoryEntry, policies: ReadonlyMap<string, Policy>): readonly string[] {
  switch (entry.type) {
    case 'ep.enrollment.v1':
      return [
        `is ${entry.principal_id}; may sign as ${entry.roles.join(', ')}; key class ${entry.key_class}`,
        ...keyDetails(entry.public_key),
      ]
    case 'ep.entity.v1':
      return [
        entry.kind === 'human' ? `is ${entry.principal_id}` : `${entry.responsible} answers for it`,
        ...keyDetails(entry.public_key),
      ]
    case 'ep.executor.v1':
      return [
        `runs actions on ${entry.systems.join(', ')}; enforcement ${entry.enforcement_class}`,
        ...keyDetails(entry.public_key),
      ]
    case 'ep.directory_policy.v1': {
      const document = policies.get(entry.policy_hash)
      return [...(document === undefined ? [] : policyWords(document)), `document ${entry.policy_hash}`]
    }
    default:
      return []
  }
}

function keyDetails(publicKey: string | undefined): readonly string[] {
  return publicKey === undefined
    ? ['no key: who asks will be the operator’s word']
    : [`key fingerprint ${keyFingerprint(parseBinary(publicKey))}`]
}

function statusWords(before: DirectoryLeaf, { entry, status }: DirectoryLeaf): string[] {
  const words: string[] = []
  if (status.valid_to !== before.status.valid_to) words.push(`- ${entryName(entry)} ends at ${status.valid_to}`)
  if (status.compromised_at !== before.status.compromised_at)
    words.push(`! ${entryName(entry)}: its key counts as compromised from ${status.compromised_at}, for ever`)
  return words
}
