import { parseBinary } from '../core/digest.js'
import { parseInstant } from '../core/instant.js'
import { parsePublicKey } from '../core/public-key.js'
import { Refusal } from '../core/refusal.js'
import { zeroHash } from './context.js'
import { type DirectoryHead, type DirectoryHeadBody, maxHeadDays } from './directory-head.js'
import type { DirectoryLeaf, EnrollmentEntry, PolicyEntry } from './directory-leaf.js'
import { requireUniqueInForce } from './directory-rules.js'
import { directoryTree } from './directory-tree.js'
import { Hashes } from './hashes.js'
import type { TrustGroup } from './pinned-trust.js'
import type { Policy } from './policy.js'
import { verifyAttestations } from './verify-attestations.js'

/** The directory under one signed head, leaves by index. */
export interface DirectorySnapshot {
  readonly head: DirectoryHead
  readonly leaves: readonly DirectoryLeaf[]
}

/** What a next head is to say: its body, signed or still to be signed, and every leaf by index. */
export interface DirectoryDraft {
  readonly body: DirectoryHeadBody
  readonly leaves: readonly DirectoryLeaf[]
}

/**
 * Whether an organization directory may change from `previous` to `next` (EP-DIR-1 to 3, EP-POL-4): asked by the head's signer
 * before it signs, by the server before it publishes, by audit afterwards. The head's signatures are not judged here
 * (`verifyHead`), nor the clock.
 *
 * @param previous - undefined for the first head
 * @param policies - the document of every policy leaf, by its hash
 * @throws Refusal with a JSON Pointer: `/head/body/..`, or `/leaves/N/..` where N is the leaf's index in the tree
 */
export function verifyDirectoryChange(
  previous: DirectorySnapshot | undefined,
  next: DirectoryDraft,
  policies: ReadonlyMap<string, Policy>,
  group: TrustGroup,
  hashes: Hashes = new Hashes(),
): void {
  requireSuccessor(previous, next, group, hashes)
  if (next.body.tree_size !== next.leaves.length) throw new Refusal('head_tree_size_mismatch', '/head/body/tree_size')
  const known = previous?.leaves ?? []
  if (next.leaves.length < known.length) throw new Refusal('leaf_missing', '/leaves')
  for (const [index, leaf] of next.leaves.entries()) {
    const before = known[index]
    const at = `/leaves/${index}`
    if (before === undefined) requireNew(leaf, previous, next.body, policies, group, hashes, at)
    else if (before !== leaf) requireLegalChange(before, leaf, previous!.head.body, hashes, at)
  }
  requireDistinctEntries(next.leaves, hashes)
  requireUniqueInForce(next.leaves, policies)
  if (directoryTree(next.leaves, hashes).rootHash !== next.body.root_hash)
    throw new Refusal('head_root_mismatch', '/head/body/root_hash')
}

function requireSuccessor(
  previous: DirectorySnapshot | undefined,
  { body }: DirectoryDraft,
  group: TrustGroup,
  hashes: Hashes,
): void {
  const at = '/head/body'
  if (body.directory_id !== group.file.directory.directory_id)
    throw new Refusal('head_directory_mismatch', `${at}/directory_id`)
  const expected = previous === undefined ? zeroHash : hashes.hash(previous.head.body)
  if (body.prev_head_hash !== expected) throw new Refusal('head_prev_hash_mismatch', `${at}/prev_head_hash`)
  const issuedAt = parseInstant(body.issued_at)
  if (previous !== undefined && issuedAt <= parseInstant(previous.head.body.issued_at))
    throw new Refusal('head_issued_at_stale', `${at}/issued_at`)
  const validity = parseInstant(body.valid_until) - issuedAt
  if (validity <= 0) throw new Refusal('head_validity_invalid', `${at}/valid_until`)
  if (validity > maxHeadDays * 86_400_000) throw new Refusal('head_validity_too_large', `${at}/valid_until`)
}

/** What stood before keeps entry and attestations; an end comes nearer, but not before the previous head; compromise is terminal. */
function requireLegalChange(
  before: DirectoryLeaf,
  leaf: DirectoryLeaf,
  previous: DirectoryHeadBody,
  hashes: Hashes,
  at: string,
): void {
  if (hashes.text(before.entry) !== hashes.text(leaf.entry)) throw new Refusal('leaf_entry_mismatch', `${at}/entry`)
  if (hashes.text(before.attestations) !== hashes.text(leaf.attestations))
    throw new Refusal('leaf_attestations_mismatch', `${at}/attestations`)
  const { valid_to: oldEnd, compromised_at: oldCompromise } = before.status
  const { valid_to: end, compromised_at: compromise } = leaf.status
  if (oldCompromise !== null && compromise !== oldCompromise)
    throw new Refusal('leaf_compromised_at_mismatch', `${at}/status/compromised_at`)
  if (end === oldEnd) return
  const ends = end === null ? Number.POSITIVE_INFINITY : parseInstant(end)
  if (oldEnd !== null && ends >= parseInstant(oldEnd))
    throw new Refusal('leaf_valid_to_invalid', `${at}/status/valid_to`)
  if (ends < parseInstant(previous.issued_at)) throw new Refusal('leaf_valid_to_stale', `${at}/status/valid_to`)
}

function requireNew(
  leaf: DirectoryLeaf,
  previous: DirectorySnapshot | undefined,
  body: DirectoryHeadBody,
  policies: ReadonlyMap<string, Policy>,
  group: TrustGroup,
  hashes: Hashes,
  at: string,
): void {
  const { entry } = leaf
  if (entry.directory_id !== body.directory_id) throw new Refusal('leaf_directory_mismatch', `${at}/entry/directory_id`)
  if (leaf.status.compromised_at !== null)
    throw new Refusal('leaf_compromised_at_invalid', `${at}/status/compromised_at`)
  const precedes = previous === undefined ? zeroHash : hashes.hash(previous.head.body)
  for (const [index, attestation] of leaf.attestations.entries())
    if (attestation.body.head_hash !== precedes)
      throw new Refusal('attestation_head_mismatch', `${at}/attestations/${index}/body/head_hash`)
  verifyAttestations(leaf, group, hashes, parseInstant(body.issued_at), at)
  if (entry.type === 'ep.delegation.v1') throw new Refusal('delegation_unsupported', `${at}/entry/type`)
  if (entry.type === 'ep.directory_policy.v1') requirePolicy(entry, policies, group, at)
  else if (entry.public_key !== undefined) {
    const key = parsePublicKey(parseBinary(entry.public_key), `${at}/entry/public_key`)
    if (entry.type === 'ep.enrollment.v1') requireEnrollment(entry, key.algorithm, group, at)
  }
}

/** The document belongs to the leaf, and to this organization. */
function requirePolicy(entry: PolicyEntry, policies: ReadonlyMap<string, Policy>, group: TrustGroup, at: string): void {
  const policy = policies.get(entry.policy_hash)
  if (policy === undefined) throw new Refusal('policy_document_missing', `${at}/entry/policy_hash`)
  if (policy.policy_id !== entry.policy_id) throw new Refusal('policy_leaf_id_mismatch', `${at}/entry/policy_id`)
  const { organization, directory, log } = group.file
  if (policy.organization !== organization) throw new Refusal('policy_organization_mismatch', `${at}/entry/policy_hash`)
  if (policy.directory_id !== directory.directory_id)
    throw new Refusal('policy_directory_mismatch', `${at}/entry/policy_hash`)
  if (policy.log_origin !== log.origin) throw new Refusal('policy_log_origin_mismatch', `${at}/entry/policy_hash`)
}

/** What the key class demands (EP-KEY-A, B, C): said when somebody enrolls, not when they first sign. */
function requireEnrollment(
  entry: EnrollmentEntry,
  algorithm: 'Ed25519' | 'ES256',
  group: TrustGroup,
  at: string,
): void {
  if (entry.key_class !== 'A') {
    if (algorithm !== 'Ed25519') throw new Refusal('enrollment_key_algorithm_mismatch', `${at}/entry/public_key`)
    return
  }
  if (entry.rp_id === undefined) throw new Refusal('enrollment_rp_id_missing', `${at}/entry`)
  if (entry.credential_id === undefined) throw new Refusal('enrollment_credential_missing', `${at}/entry`)
  if (entry.backup_eligible === true && !group.file.accept.synced_passkeys)
    throw new Refusal('passkey_backup_eligible_unsupported', `${at}/entry/backup_eligible`)
}

function requireDistinctEntries(leaves: readonly DirectoryLeaf[], hashes: Hashes): void {
  const seen = new Set<string>()
  for (const [index, { entry }] of leaves.entries()) {
    const text = hashes.text(entry)
    if (seen.has(text)) throw new Refusal('leaf_entry_duplicate', `/leaves/${index}/entry`)
    seen.add(text)
  }
}
