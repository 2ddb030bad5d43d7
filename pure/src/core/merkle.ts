import { concatBytes, equalBytes } from './bytes.js'
import { digestCanonical, sha256 } from './digest.js'
import { Refusal, require } from './refusal.js'

/**
 * RFC 6962 Merkle trees over SHA-256: proofs are judged, and built from complete subtrees.
 *
 * Indices and sizes go up to 2^53-1, so nothing here shifts: bit operators cut to 32 bits. A node is named by its level
 * (0 = leaves) and its index in that level. A path holds the hashes of siblings, from the leaf upwards.
 */

const hashOctets = 32

/** The hash of a complete subtree: 2^level leaves from leaf index * 2^level on. Throws what its store throws. */
export type HashReader = (level: number, index: number) => Uint8Array

/** The root of the tree without leaves: SHA-256 of nothing (RFC 6962, section 2.1). */
export const emptyRoot: Uint8Array = sha256(new Uint8Array(0))

/** The hash of a leaf, told apart from a node by its first octet (RFC 6962, section 2.1). */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(0x00), data))
}

/** The hash of a leaf that is a canonical text: U+0000 is the octet 0x00 in UTF-8. */
export function leafHashOfText(text: string): Uint8Array {
  return digestCanonical(`\u0000${text}`)
}

/** The hash of two subtrees. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== hashOctets || right.length !== hashOctets)
    return sha256(concatBytes(Uint8Array.of(0x01), left, right))
  node.set(left, 1)
  node.set(right, 1 + hashOctets)
  return sha256(node)
}

// Filled and hashed within one call; a proof hashes dozens of nodes.
const node = Uint8Array.of(0x01, ...new Uint8Array(2 * hashOctets))

/**
 * Checks that a leaf stands at `index` in the tree of `size` leaves with this root (EP-VER-5).
 * Which side each sibling is on, and how many there are, follows from index and size alone: the path only adds hashes.
 *
 * @param leaf - the leaf's hash (`leafHash`), 32 octets
 * @throws Refusal inclusion_index_malformed, inclusion_size_malformed, inclusion_index_too_large, inclusion_leaf_malformed,
 *   inclusion_path_malformed, inclusion_root_mismatch
 */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
  at = '',
): void {
  // index and size are attacker-controlled; refuse before any arithmetic and any hashing.
  require(isCount(size), 'inclusion_size_malformed', at)
  requireIndex(index, size, at)
  require(leaf.length === hashOctets, 'inclusion_leaf_malformed', at)
  const sides = siblingSides(index, size)
  require(path.length === sides.length && path.every(isHash), 'inclusion_path_malformed', at)
  const computed = path.reduce((hash, sibling, i) => join(hash, sibling, sides[i]!), leaf)
  require(equalBytes(computed, root), 'inclusion_root_mismatch', at)
}

/**
 * Checks that the tree of `newSize` leaves begins with the tree of `oldSize` leaves (RFC 6962, section 2.1.2).
 * The empty tree is the beginning of every tree; the path is then empty, as it is between equal sizes.
 *
 * @throws Refusal consistency_size_malformed, consistency_size_too_large, consistency_path_malformed,
 *   consistency_old_root_mismatch, consistency_new_root_mismatch
 */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  newSize: number,
  newRoot: Uint8Array,
  path: readonly Uint8Array[],
  at = '',
): void {
  require(isCount(oldSize) && isCount(newSize), 'consistency_size_malformed', at)
  require(oldSize <= newSize, 'consistency_size_too_large', at)
  if (oldSize === 0) require(equalBytes(oldRoot, emptyRoot), 'consistency_old_root_mismatch', at)
  if (oldSize > 0 && oldSize < newSize) requireExtension(oldSize, oldRoot, newSize, newRoot, path, at)
  else requireTrivialExtension(oldRoot, newRoot, path, oldSize === newSize, at)
}

/** Between equal sizes the roots are equal; from the empty tree to another one there is nothing to prove. */
function requireTrivialExtension(
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  path: readonly Uint8Array[],
  sameSize: boolean,
  at: string,
): void {
  require(path.length === 0, 'consistency_path_malformed', at)
  require(!sameSize || equalBytes(newRoot, oldRoot), 'consistency_new_root_mismatch', at)
}

function requireExtension(
  oldSize: number,
  oldRoot: Uint8Array,
  newSize: number,
  newRoot: Uint8Array,
  path: readonly Uint8Array[],
  at: string,
): void {
  const start = lastComplete(oldSize)
  const sides = siblingSides(start.index, levelSize(newSize, start.level))
  // A start of index 0 is the whole old tree, whose root both sides know; otherwise its hash leads the path.
  const [seed, ...siblings] = start.index === 0 ? [oldRoot, ...path] : path
  const wellFormed = siblings.length === sides.length && path.every(isHash)
  if (seed === undefined || !wellFormed) throw new Refusal('consistency_path_malformed', at)
  // What stands to the right of the start was appended after the old tree.
  const inOld = (hash: Uint8Array, sibling: Uint8Array, i: number) =>
    sides[i] === 'left' ? nodeHash(sibling, hash) : hash
  require(equalBytes(siblings.reduce(inOld, seed), oldRoot), 'consistency_old_root_mismatch', at)
  const inNew = (hash: Uint8Array, sibling: Uint8Array, i: number) => join(hash, sibling, sides[i]!)
  require(equalBytes(siblings.reduce(inNew, seed), newRoot), 'consistency_new_root_mismatch', at)
}

type Side = 'left' | 'right'

/** On which side of the way up from `index` a sibling stands; the last node of a level may have none. */
function siblingSides(index: number, size: number): Side[] {
  const sides: Side[] = []
  for (let node = index, last = size - 1; last > 0; node = half(node), last = half(last)) {
    if (isOdd(node)) sides.push('left')
    else if (node < last) sides.push('right')
  }
  return sides
}

// Stryker disable all: what builds trees and paths judges nothing; merkle.test.ts compares it with RFC 6962 as written there.

/** The root of the first `size` leaves, in O(log n) reads. */
export function rootFrom(read: HashReader, size: number): Uint8Array {
  return size === 0 ? emptyRoot : subtreeHash(read, heightOf(size), 0, size)
}

/**
 * The path that proves leaf `index` in the tree of the first `size` leaves, in O(log n) reads.
 *
 * @throws Refusal inclusion_index_malformed, inclusion_index_too_large
 */
export function inclusionPathFrom(read: HashReader, index: number, size: number): Uint8Array[] {
  requireIndex(index, size, '')
  return siblingsFrom(read, 0, index, size)
}

/**
 * The path that proves the first `oldSize` leaves to be the beginning of the first `newSize`, in O(log n) reads.
 *
 * @throws Refusal consistency_size_malformed, consistency_size_too_large
 */
export function consistencyPathFrom(read: HashReader, oldSize: number, newSize: number): Uint8Array[] {
  require(isCount(oldSize) && isCount(newSize), 'consistency_size_malformed')
  require(oldSize <= newSize, 'consistency_size_too_large')
  if (oldSize === 0 || oldSize === newSize) return []
  const { level, index } = lastComplete(oldSize)
  const siblings = siblingsFrom(read, level, index, newSize)
  return index === 0 ? siblings : [read(level, index), ...siblings]
}

/** The root over these leaf hashes. */
export function merkleRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  return MerkleTree.of(leafHashes).root()
}

/** The path that proves `leafHashes[index]` in the tree of all of them. */
export function inclusionPath(leafHashes: readonly Uint8Array[], index: number): Uint8Array[] {
  return MerkleTree.of(leafHashes).inclusionPath(index)
}

/** The path that proves the first `oldSize` leaf hashes to be the beginning of all of them. */
export function consistencyPath(leafHashes: readonly Uint8Array[], oldSize: number): Uint8Array[] {
  return MerkleTree.of(leafHashes).consistencyPath(oldSize)
}

/** A tree in memory. It keeps the hash of every complete subtree, so that it can answer for every earlier size too. */
export class MerkleTree {
  readonly #levels: Uint8Array[][] = [[]]

  static of(leafHashes: Iterable<Uint8Array>): MerkleTree {
    const tree = new MerkleTree()
    for (const hash of leafHashes) tree.append(hash)
    return tree
  }

  get size(): number {
    return this.#levels[0]!.length
  }

  /** The `HashReader` of this tree; asking for a subtree that is not complete is a bug of the caller. */
  readonly read: HashReader = (level, index) => {
    const hash = this.#levels[level]?.[index]
    if (hash === undefined) throw new RangeError(`no complete subtree at level ${level}, index ${index}`)
    return hash
  }

  /** Adds one leaf hash and every subtree that it completes: at most log2(size) hashes, one on average. */
  append(hash: Uint8Array): void {
    let carried = hash
    for (let level = 0; ; level++) {
      if (level === this.#levels.length) this.#levels.push([])
      const hashes = this.#levels[level]!
      hashes.push(carried)
      if (isOdd(hashes.length)) return
      carried = nodeHash(hashes[hashes.length - 2]!, carried)
    }
  }

  root(size: number = this.size): Uint8Array {
    return rootFrom(this.read, size)
  }

  inclusionPath(index: number, size: number = this.size): Uint8Array[] {
    return inclusionPathFrom(this.read, index, size)
  }

  consistencyPath(oldSize: number, newSize: number = this.size): Uint8Array[] {
    return consistencyPathFrom(this.read, oldSize, newSize)
  }
}

/** The hashes that `siblingSides` asks for, from node (level, index) to the root of the tree of `size` leaves. */
function siblingsFrom(read: HashReader, level: number, index: number, size: number): Uint8Array[] {
  const siblings: Uint8Array[] = []
  let node = index
  for (let at = level, last = levelSize(size, level) - 1; last > 0; at++, node = half(node), last = half(last)) {
    if (isOdd(node)) siblings.push(read(at, node - 1))
    else if (node < last) siblings.push(subtreeHash(read, at, node + 1, size))
  }
  return siblings
}

/** The hash of a node of the tree of `size` leaves; only the last node of a level can be incomplete. */
function subtreeHash(read: HashReader, level: number, index: number, size: number): Uint8Array {
  if ((index + 1) * 2 ** level <= size) return read(level, index)
  const right = 2 * index + 1
  if (right * 2 ** (level - 1) >= size) return subtreeHash(read, level - 1, right - 1, size)
  return nodeHash(read(level - 1, right - 1), subtreeHash(read, level - 1, right, size))
}

/** The level of the root. */
function heightOf(size: number): number {
  let height = 0
  for (let last = size - 1; last > 0; last = half(last)) height++
  return height
}

// Stryker restore all

/** The largest complete subtree that ends with the tree of `size` leaves. */
function lastComplete(size: number): { level: number; index: number } {
  let level = 0
  let index = size - 1
  for (; isOdd(index); index = half(index)) level++
  return { level, index }
}

/** How many nodes, complete or not, a level has. */
function levelSize(size: number, level: number): number {
  return Math.ceil(size / 2 ** level)
}

function requireIndex(index: number, size: number, at: string): void {
  if (!isCount(index)) throw new Refusal('inclusion_index_malformed', at)
  if (index >= size) throw new Refusal('inclusion_index_too_large', at)
}

function join(hash: Uint8Array, sibling: Uint8Array, side: Side): Uint8Array {
  return side === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isHash(value: Uint8Array): boolean {
  return value.length === hashOctets
}

function isOdd(value: number): boolean {
  return value % 2 === 1
}

function half(value: number): number {
  return Math.floor(value / 2)
}
