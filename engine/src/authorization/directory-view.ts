import { parseInstant } from '@countersign/pure/core/instant'
import type { Opening } from '@countersign/pure/ep/authority'
import type { DirectoryHead } from '@countersign/pure/ep/directory-head'
import type {
  DirectoryEntry,
  DirectoryLeaf,
  EnrollmentEntry,
  EntityEntry,
  ExecutorEntry,
  PolicyEntry,
} from '@countersign/pure/ep/directory-leaf'
import { directoryTree } from '@countersign/pure/ep/directory-tree'
import { Hashes } from '@countersign/pure/ep/hashes'
import type { Policy } from '@countersign/pure/ep/policy'
import { refusal } from './decision.js'

/** A leaf with what is asked of it again and again. */
export interface Placed<E extends DirectoryEntry = DirectoryEntry> {
  readonly entry: E
  readonly leaf: DirectoryLeaf
  readonly index: number
  readonly entryHash: string
  /** ms: in force from here on, and before `to`. */
  readonly from: number
  readonly to: number
}

/** The directory under one head, indexed for decisions. It never changes. */
export class DirectoryView {
  readonly head: DirectoryHead
  readonly headHash: string
  readonly leaves: readonly Placed[]
  /** By their hash: the document of every policy leaf. */
  readonly policies: ReadonlyMap<string, Policy>
  readonly enrollments: readonly Placed<EnrollmentEntry>[]
  readonly #byHash: ReadonlyMap<string, Placed>
  readonly #executors = new Map<string, Placed<ExecutorEntry>[]>()
  readonly #entities = new Map<string, Placed<EntityEntry>[]>()
  readonly #policyLeaves = new Map<string, Placed<PolicyEntry>[]>()
  readonly #openAt: (index: number) => Opening
  readonly #openings = new Map<string, Opening>()
  /** Of what decisions ask for again and again; made on demand. */
  readonly #hashes = new Hashes()

  /** @throws Error unless the leaves give the head's root: a database that lost or changed one must not be served from (EP-SM-4). */
  constructor(head: DirectoryHead, leaves: readonly DirectoryLeaf[], policies: ReadonlyMap<string, Policy>) {
    const hashes = new Hashes()
    const tree = directoryTree(leaves, hashes)
    if (tree.rootHash !== head.body.root_hash)
      throw new Error('the stored directory does not give the root of its head')
    this.head = head
    this.headHash = hashes.hash(head.body)
    this.policies = policies
    this.leaves = leaves.map((leaf, index) => place(leaf, index, hashes))
    this.#byHash = new Map(this.leaves.map((placed) => [placed.entryHash, placed]))
    this.#openAt = tree.open
    this.enrollments = this.leaves.filter((placed) => isA(placed, 'ep.enrollment.v1'))
    for (const placed of this.leaves) this.#index(placed)
  }

  /** The entity of this id in force at an instant (ms). */
  entity(id: string, at: number): Placed<EntityEntry> | undefined {
    return this.#entities.get(id)?.find((placed) => isInForce(placed, at))
  }

  /** The executor entry whose key has this id, in force at an instant. */
  executor(keyId: string, at: number): Placed<ExecutorEntry> | undefined {
    return this.#executors.get(keyId)?.find((placed) => isInForce(placed, at))
  }

  /** The one policy leaf in force for an action type (EP-POL-4); that there is only one was demanded at publication. */
  policyFor(actionType: string, at: number): Placed<PolicyEntry> | undefined {
    return this.#policyLeaves.get(actionType)?.find((placed) => isInForce(placed, at))
  }

  entryOf(entryHash: string): Placed | undefined {
    return this.#byHash.get(entryHash)
  }

  /** An opening of each entry, each once, in the order given. */
  open(entryHashes: readonly string[]): Opening[] {
    return [...new Set(entryHashes)].map((hash) => this.#opening(hash))
  }

  /** Lends the texts and hashes of head, policy and openings, which are the same in all attempts under this head. */
  lend(hashes: Hashes, policy: Policy, entryHashes: readonly string[]): void {
    for (const value of [this.head, policy, ...this.open(entryHashes)]) hashes.adopt(this.#hashes, value)
  }

  #opening(hash: string): Opening {
    const known = this.#openings.get(hash) ?? this.#openAt(this.#byHash.get(hash)!.index)
    this.#openings.set(hash, known)
    return known
  }

  #index(placed: Placed): void {
    if (isA(placed, 'ep.entity.v1')) push(this.#entities, placed.entry.entity_id, placed)
    if (isA(placed, 'ep.executor.v1')) push(this.#executors, placed.entry.key_id, placed)
    if (isA(placed, 'ep.directory_policy.v1'))
      for (const type of this.policies.get(placed.entry.policy_hash)!.action_types)
        push(this.#policyLeaves, type, placed)
  }
}

export function isA<T extends DirectoryEntry['type']>(
  placed: Placed,
  type: T,
): placed is Placed<Extract<DirectoryEntry, { type: T }>> {
  return placed.entry.type === type
}

/** In force, and not known to be compromised. */
export function isInForce({ leaf, from, to }: Placed, at: number): boolean {
  return from <= at && at < to && leaf.status.compromised_at === null
}

/**
 * Demands of the head in effect that it is still valid and that none of these entries has ended (EP-DIR-5): what a frozen head
 * says may have been taken back since.
 */
export function requireStanding(current: DirectoryView, entryHashes: readonly string[], now: number): void {
  if (now > parseInstant(current.head.body.valid_until)) throw refusal('directory_head_expired')
  for (const hash of entryHashes) requireEntryStanding(current, hash, now)
}

export function requireEntryStanding(current: DirectoryView, entryHash: string, now: number): void {
  const placed = current.entryOf(entryHash)
  if (placed === undefined) throw refusal('authority_entry_missing', '', { entry: entryHash })
  if (placed.leaf.status.compromised_at !== null) throw refusal('authority_entry_compromised', '', { entry: entryHash })
  if (now >= placed.to) throw refusal('authority_entry_expired', '', { entry: entryHash })
}

function place(leaf: DirectoryLeaf, index: number, hashes: Hashes): Placed {
  return {
    entry: leaf.entry,
    leaf,
    index,
    entryHash: hashes.hash(leaf.entry),
    from: parseInstant(leaf.entry.valid_from),
    to: leaf.status.valid_to === null ? Number.POSITIVE_INFINITY : parseInstant(leaf.status.valid_to),
  }
}

function push<T>(into: Map<string, T[]>, key: string, value: T): void {
  const known = into.get(key)
  if (known === undefined) into.set(key, [value])
  else known.push(value)
}
