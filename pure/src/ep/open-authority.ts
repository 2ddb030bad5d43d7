import { hashString, parseBinary, parseHash, sha256 } from '../core/digest.js'
import { parseInstant } from '../core/instant.js'
import { leafHashOfText, verifyInclusion } from '../core/merkle.js'
import { parsePublicKey } from '../core/public-key.js'
import { Refusal } from '../core/refusal.js'
import type { Action, Request } from './action.js'
import type { Authority, Opening } from './authority.js'
import { compromisedFrom, type LoggedBefore, requireUncompromised } from './compromise.js'
import type {
  DirectoryEntry,
  DirectoryLeaf,
  EnrollmentEntry,
  EntityEntry,
  ExecutorEntry,
  PolicyEntry,
} from './directory-leaf.js'
import type { Hashes } from './hashes.js'
import type { PinnedTrust, TrustGroup } from './pinned-trust.js'
import type { Policy } from './policy.js'
import { type Sealed, verifySeal } from './sealed.js'
import { verifyAttestations } from './verify-attestations.js'
import { type HeadCustody, verifyHead } from './verify-head.js'

/** An entry that stands under the verified head, in force at `issued_at`. */
export interface OpenedEntry<E extends DirectoryEntry = DirectoryEntry> {
  readonly entry: E
  readonly leaf: DirectoryLeaf
  /** JSON Pointer of the leaf. */
  readonly at: string
}

/** What the organization said about one attempt: everything here hangs from a signed head. */
export interface OpenedAuthority {
  readonly group: TrustGroup
  readonly head: HeadCustody
  /** Absent when the trust file pins the policy by hash instead. */
  readonly policy?: OpenedEntry<PolicyEntry>
  readonly initiator: OpenedEntry<EntityEntry>
  /** In signoff order. */
  readonly approvers: readonly OpenedEntry<EnrollmentEntry>[]
  readonly executor?: OpenedEntry<ExecutorEntry>
  readonly initiatorIdentity: 'sealed' | 'asserted'
}

/** The part of a bundle, receipt or denial record that names its authority. */
export interface Authorized {
  readonly action: Action
  readonly action_hash: string
  readonly policy: Policy
  readonly authority: Authority
  readonly initiation?: Sealed<Request>
  readonly approver_key_proofs: readonly Opening[]
}

/** The group of the trust file that may speak for this policy. A foreign organization is refused. */
export function selectGroup(policy: Policy, trust: PinnedTrust): TrustGroup {
  const group = trust.groups.get(policy.organization)
  if (group === undefined) throw new Refusal('organization_unknown', '/policy/organization')
  if (policy.directory_id !== group.file.directory.directory_id)
    throw new Refusal('policy_directory_mismatch', '/policy/directory_id')
  if (policy.log_origin !== group.file.log.origin) throw new Refusal('policy_log_origin_mismatch', '/policy/log_origin')
  return group
}

/**
 * Opens every entry hash that the artifact names under its head, demands that each was in force at `issued_at` and attested
 * where the trust file asks for it, and verifies the initiator's seal (EP-REC-2, EP-DIR-1 to 5, EP-ACT-5).
 *
 * @param loggedBefore - saves what was compromised only later (EP-DIR-6)
 * @param executorEntry - H(executor entry) where the artifact names one
 */
export function openAuthority(
  artifact: Authorized,
  group: TrustGroup,
  issuedAt: number,
  hashes: Hashes,
  loggedBefore: LoggedBefore,
  executorEntry?: string,
): OpenedAuthority {
  const { authority } = artifact
  if (authority.delegations.length > 0) throw new Refusal('delegation_unsupported', '/authority/delegations')
  const head = verifyHead(authority.head, group, hashes, '/authority/head', loggedBefore)
  const { body } = authority.head
  if (issuedAt < parseInstant(body.issued_at))
    throw new Refusal('head_issued_at_invalid', '/authority/head/body/issued_at')
  if (issuedAt > parseInstant(body.valid_until))
    throw new Refusal('head_valid_until_expired', '/authority/head/body/valid_until')
  if (head.custody === 'operator' && !group.file.accept.class_c)
    throw new Refusal('directory_custody_insufficient', '/authority/head/signatures')

  const opened = new Openings(artifact, group, issuedAt, hashes, loggedBefore)
  if (authority.policy === undefined && !group.policyPins.has(hashes.hash(artifact.policy)))
    throw new Refusal('authority_policy_missing', '/authority/policy')
  const policy =
    authority.policy === undefined
      ? undefined
      : opened.take(authority.policy, 'ep.directory_policy.v1', '/authority/policy')
  const initiator = opened.take(authority.initiator, 'ep.entity.v1', '/authority/initiator')
  const approvers = authority.approvers.map((named, index) =>
    opened.take(named, 'ep.enrollment.v1', `/authority/approvers/${index}`),
  )
  const executor =
    executorEntry === undefined
      ? undefined
      : opened.take(executorEntry, 'ep.executor.v1', '/consumption/executor_entry')
  opened.requireAllTaken()
  if (policy !== undefined)
    requireUncompromised(
      compromisedFrom(policy.leaf, undefined, group),
      loggedBefore,
      'policy_leaf_compromised',
      policy.at,
    )
  if (initiator.entry.entity_id !== artifact.action.initiator)
    throw new Refusal('initiator_entity_mismatch', `${initiator.at}/entry/entity_id`)
  const initiatorIdentity = verifyInitiation(artifact, initiator, hashes)
  requireUncompromised(
    compromisedFrom(initiator.leaf, initiator.entry.public_key, group),
    loggedBefore,
    'initiator_key_compromised',
    initiator.at,
  )
  return {
    group,
    head,
    ...(policy === undefined ? {} : { policy }),
    initiator,
    approvers,
    ...(executor === undefined ? {} : { executor }),
    initiatorIdentity,
  }
}

/** The openings of one artifact: each opened once, each named, none superfluous. */
class Openings {
  readonly #found = new Map<string, { opening: Opening; at: string }>()
  readonly #taken = new Map<string, OpenedEntry>()
  readonly #artifact: Authorized
  readonly #group: TrustGroup
  readonly #issuedAt: number
  readonly #hashes: Hashes
  readonly #loggedBefore: LoggedBefore

  constructor(artifact: Authorized, group: TrustGroup, issuedAt: number, hashes: Hashes, loggedBefore: LoggedBefore) {
    this.#artifact = artifact
    this.#group = group
    this.#issuedAt = issuedAt
    this.#hashes = hashes
    this.#loggedBefore = loggedBefore
    for (const [index, opening] of artifact.approver_key_proofs.entries()) {
      const at = `/approver_key_proofs/${index}`
      const hash = hashes.hash(opening.leaf.entry)
      if (this.#found.has(hash)) throw new Refusal('opening_entry_duplicate', at)
      this.#found.set(hash, { opening, at })
    }
  }

  take<T extends DirectoryEntry['type']>(
    named: string,
    type: T,
    namedAt: string,
  ): OpenedEntry<Extract<DirectoryEntry, { type: T }>> {
    const taken = this.#taken.get(named) ?? this.#open(named, namedAt)
    if (taken.entry.type !== type) throw new Refusal('opening_type_mismatch', namedAt)
    return taken as OpenedEntry<Extract<DirectoryEntry, { type: T }>>
  }

  requireAllTaken(): void {
    for (const [hash, { at }] of this.#found) if (!this.#taken.has(hash)) throw new Refusal('opening_entry_unknown', at)
  }

  #open(named: string, namedAt: string): OpenedEntry {
    const found = this.#found.get(named)
    if (found === undefined) throw new Refusal('opening_missing', namedAt)
    const { opening, at } = found
    const { body } = this.#artifact.authority.head
    const leaf = leafHashOfText(this.#hashes.text(opening.leaf))
    const path = opening.inclusion_path.map((hash) => parseHash(hash))
    verifyInclusion(leaf, opening.leaf_index, body.tree_size, path, parseHash(body.root_hash), at)
    if (opening.leaf.entry.directory_id !== body.directory_id)
      throw new Refusal('opening_directory_mismatch', `${at}/leaf/entry/directory_id`)
    requireInForce(opening.leaf, this.#issuedAt, `${at}/leaf`)
    verifyAttestations(opening.leaf, this.#group, this.#hashes, this.#issuedAt, `${at}/leaf`, this.#loggedBefore)
    requireAttestationObject(opening, at)
    const opened = { entry: opening.leaf.entry, leaf: opening.leaf, at: `${at}/leaf` }
    this.#taken.set(named, opened)
    return opened
  }
}

/** An entry counts from `valid_from` on and before `valid_to` (EP-DIR-5). Compromise is judged with the signature. */
export function requireInForce(leaf: DirectoryLeaf, at: number, pointer: string): void {
  if (at < parseInstant(leaf.entry.valid_from))
    throw new Refusal('entry_valid_from_invalid', `${pointer}/entry/valid_from`)
  if (leaf.status.valid_to !== null && at >= parseInstant(leaf.status.valid_to))
    throw new Refusal('entry_valid_to_expired', `${pointer}/status/valid_to`)
}

function requireAttestationObject(opening: Opening, at: string): void {
  if (opening.attestation_object === undefined) return
  const { entry } = opening.leaf
  const expected = entry.type === 'ep.enrollment.v1' ? entry.attestation_hash : undefined
  if (expected === undefined) throw new Refusal('attestation_object_unknown', `${at}/attestation_object`)
  if (hashString(sha256(parseBinary(opening.attestation_object))) !== expected)
    throw new Refusal('attestation_object_mismatch', `${at}/attestation_object`)
}

/** An initiator whose leaf has a key must have sealed its request; otherwise its identity is the operator's word (EP-ACT-5). */
function verifyInitiation(
  artifact: Authorized,
  initiator: OpenedEntry<EntityEntry>,
  hashes: Hashes,
): 'sealed' | 'asserted' {
  const { initiation } = artifact
  const { entry } = initiator
  if (entry.public_key === undefined) {
    if (initiation !== undefined) throw new Refusal('initiation_key_missing', '/initiation')
    return 'asserted'
  }
  if (initiation === undefined) throw new Refusal('initiation_missing', '/initiation')
  const { body } = initiation
  if (body.directory_id !== entry.directory_id)
    throw new Refusal('initiation_directory_mismatch', '/initiation/body/directory_id')
  if (body.action_hash !== artifact.action_hash)
    throw new Refusal('initiation_action_hash_mismatch', '/initiation/body/action_hash')
  if (parseInstant(body.requested_at) !== parseInstant(artifact.action.requested_at))
    throw new Refusal('initiation_requested_at_mismatch', '/initiation/body/requested_at')
  const [signature, ...others] = initiation.signatures
  if (others.length > 0) throw new Refusal('initiation_signatures_too_large', '/initiation/signatures')
  if (signature!.key_id !== entry.key_id)
    throw new Refusal('initiation_key_id_mismatch', '/initiation/signatures/0/key_id')
  const key = parsePublicKey(parseBinary(entry.public_key), `${initiator.at}/entry/public_key`)
  verifySeal('initiation', hashes.digest(body), signature!, key, '/initiation/signatures/0')
  return 'sealed'
}
