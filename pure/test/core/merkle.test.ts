import { concatBytes, equalBytes, utf8Encode } from '@countersign/pure/core/bytes'
import { sha256 } from '@countersign/pure/core/digest'
import { decodeHex, encodeHex } from '@countersign/pure/core/hex'
import {
  consistencyPath,
  consistencyPathFrom,
  emptyRoot,
  type HashReader,
  inclusionPath,
  inclusionPathFrom,
  leafHash,
  MerkleTree,
  merkleRoot,
  nodeHash,
  rootFrom,
  verifyConsistency,
  verifyInclusion,
} from '@countersign/pure/core/merkle'
import { Refusal } from '@countersign/pure/core/refusal'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const numRuns = process.env.SLOW ? 6000 : 300
const leaves = Array.from({ length: 66 }, (_, i) => leafHash(utf8Encode(`entry ${i}`)))

// The definitions of RFC 6962, sections 2.1 to 2.1.2, written down as they stand there.
function mth(d: readonly Uint8Array[]): Uint8Array {
  if (d.length === 0) return sha256(new Uint8Array(0))
  if (d.length === 1) return d[0]!
  const k = split(d.length)
  return sha256(concatBytes(Uint8Array.of(1), mth(d.slice(0, k)), mth(d.slice(k))))
}

function path(m: number, d: readonly Uint8Array[]): Uint8Array[] {
  if (d.length === 1) return []
  const k = split(d.length)
  return m < k ? [...path(m, d.slice(0, k)), mth(d.slice(k))] : [...path(m - k, d.slice(k)), mth(d.slice(0, k))]
}

function subproof(m: number, d: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === d.length) return whole ? [] : [mth(d)]
  const k = split(d.length)
  return m <= k
    ? [...subproof(m, d.slice(0, k), whole), mth(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))]
}

function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    return (error as Refusal).code
  }
  return 'accepted'
}

function flip(hash: Uint8Array): Uint8Array {
  const flipped = hash.slice()
  flipped[7]! ^= 0x10
  return flipped
}

test('EP-REC-3: the roots are those that Certificate Transparency publishes for its eight leaves', () => {
  const data = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const roots = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]
  const hashes = data.map((hex) => leafHash(decodeHex(hex)))
  expect(roots.map((_, size) => encodeHex(merkleRoot(hashes.slice(0, size))))).toEqual(roots)
})

test('EP-VER-5: every inclusion path up to 65 leaves is that of RFC 6962, and verifies at its own index only', () => {
  const tree = MerkleTree.of(leaves)
  for (let size = 1; size <= 65; size++) {
    const root = mth(leaves.slice(0, size))
    expect(tree.root(size)).toEqual(root)
    for (let index = 0; index < size; index++) {
      const proof = tree.inclusionPath(index, size)
      expect(proof).toEqual(path(index, leaves.slice(0, size)))
      verifyInclusion(leaves[index]!, index, size, proof, root)
      const elsewhere = (index + 1) % size
      if (elsewhere !== index)
        expect(codeOf(() => verifyInclusion(leaves[index]!, elsewhere, size, proof, root))).toMatch(/^inclusion_/)
    }
  }
})

test('EP-VER-4: every consistency path up to 65 leaves is that of RFC 6962, and verifies', () => {
  const tree = MerkleTree.of(leaves)
  for (let newSize = 0; newSize <= 65; newSize++) {
    const newRoot = tree.root(newSize)
    for (let oldSize = 0; oldSize <= newSize; oldSize++) {
      const proof = tree.consistencyPath(oldSize, newSize)
      expect(proof).toEqual(oldSize === 0 ? [] : subproof(oldSize, leaves.slice(0, newSize), true))
      verifyConsistency(oldSize, tree.root(oldSize), newSize, newRoot, proof)
    }
  }
})

test('EP-VER-5: an inclusion proof with one thing changed is refused for that thing', () => {
  const size = 7
  const index = 4
  const [leaf, root, proof] = [
    leaves[index]!,
    merkleRoot(leaves.slice(0, size)),
    inclusionPath(leaves.slice(0, size), index),
  ]
  const [one] = leaves as [Uint8Array]
  const check = verifyInclusion
  const rows: [string, () => void, string][] = [
    ['nothing', () => check(leaf, index, size, proof, root), 'accepted'],
    ['the only leaf, empty path', () => check(one, 0, 1, [], one), 'accepted'],
    ['index = size', () => check(leaf, size, size, proof, root), 'inclusion_index_too_large'],
    ['index in an empty tree', () => check(one, 0, 0, [], emptyRoot), 'inclusion_index_too_large'],
    ['index -1', () => check(leaf, -1, size, proof, root), 'inclusion_index_malformed'],
    ['index 0.5', () => check(leaf, 0.5, size, proof, root), 'inclusion_index_malformed'],
    ['index NaN', () => check(leaf, Number.NaN, size, proof, root), 'inclusion_index_malformed'],
    ['index 2^53', () => check(leaf, 2 ** 53, size, proof, root), 'inclusion_index_malformed'],
    ['size infinite', () => check(leaf, index, Number.POSITIVE_INFINITY, proof, root), 'inclusion_size_malformed'],
    ['size NaN', () => check(leaf, index, Number.NaN, proof, root), 'inclusion_size_malformed'],
    ['size 2^53', () => check(leaf, index, 2 ** 53, proof, root), 'inclusion_size_malformed'],
    ['path empty', () => check(leaf, index, size, [], root), 'inclusion_path_malformed'],
    ['path empty, leaf as root', () => check(leaf, index, size, [], leaf), 'inclusion_path_malformed'],
    ['path one short', () => check(leaf, index, size, proof.slice(1), root), 'inclusion_path_malformed'],
    ['path one long', () => check(leaf, index, size, [...proof, one], root), 'inclusion_path_malformed'],
    ['path for the only leaf', () => check(one, 0, 1, [one], one), 'inclusion_path_malformed'],
    [
      'a hash of 31 octets',
      () => check(leaf, index, size, [one.slice(1), ...proof.slice(1)], root),
      'inclusion_path_malformed',
    ],
    ['a leaf of 64 octets', () => check(concatBytes(leaf, leaf), index, size, proof, root), 'inclusion_leaf_malformed'],
    ['another leaf', () => check(one, index, size, proof, root), 'inclusion_root_mismatch'],
    ['another index', () => check(leaf, 5, size, proof, root), 'inclusion_root_mismatch'],
    [
      'a path hash',
      () =>
        check(
          leaf,
          index,
          size,
          proof.map((h, i) => (i === 1 ? flip(h) : h)),
          root,
        ),
      'inclusion_root_mismatch',
    ],
    ['path order', () => check(leaf, index, size, proof.toReversed(), root), 'inclusion_root_mismatch'],
    ['root', () => check(leaf, index, size, proof, flip(root)), 'inclusion_root_mismatch'],
    ['root empty', () => check(leaf, index, size, proof, new Uint8Array(0)), 'inclusion_root_mismatch'],
  ]
  expect(rows.map(([change, run]) => [change, codeOf(run)])).toEqual(rows.map(([change, , code]) => [change, code]))
})

test('EP-VER-5: a node is not accepted as a leaf', () => {
  const inner = nodeHash(leaves[0]!, leaves[1]!)
  const data = concatBytes(leaves[0]!, leaves[1]!)
  expect(equalBytes(leafHash(data), inner)).toBe(false)
})

test('EP-VER-4: a consistency proof with one thing changed is refused for that thing', () => {
  const hashes = leaves.slice(0, 7)
  const tree = MerkleTree.of(hashes)
  const [root3, root4, root7] = [tree.root(3), tree.root(4), tree.root(7)]
  const from3 = consistencyPath(hashes, 3)
  const from4 = consistencyPath(hashes, 4)
  const check = verifyConsistency
  const rows: [string, () => void, string][] = [
    ['nothing', () => check(3, root3, 7, root7, from3), 'accepted'],
    ['nothing, old size a power of two', () => check(4, root4, 7, root7, from4), 'accepted'],
    ['from empty', () => check(0, emptyRoot, 7, root7, []), 'accepted'],
    ['empty to empty', () => check(0, emptyRoot, 0, emptyRoot, []), 'accepted'],
    ['equal sizes', () => check(7, root7, 7, root7, []), 'accepted'],
    ['sizes turned round', () => check(7, root7, 3, root3, from3), 'consistency_size_too_large'],
    ['old size NaN', () => check(Number.NaN, root3, 7, root7, from3), 'consistency_size_malformed'],
    ['new size infinite', () => check(3, root3, Number.POSITIVE_INFINITY, root7, from3), 'consistency_size_malformed'],
    ['path empty', () => check(3, root3, 7, root7, []), 'consistency_path_malformed'],
    ['path empty, power of two', () => check(4, root4, 7, root7, []), 'consistency_path_malformed'],
    ['path one short', () => check(3, root3, 7, root7, from3.slice(0, -1)), 'consistency_path_malformed'],
    ['path one long', () => check(3, root3, 7, root7, [...from3, root3]), 'consistency_path_malformed'],
    ['old root leads the path', () => check(4, root4, 7, root7, [root4, ...from4]), 'consistency_path_malformed'],
    ['path between equal sizes', () => check(7, root7, 7, root7, [root7]), 'consistency_path_malformed'],
    ['path from empty', () => check(0, emptyRoot, 7, root7, [root7]), 'consistency_path_malformed'],
    ['a hash of 31 octets', () => check(4, root4, 7, root7, [root3.slice(1)]), 'consistency_path_malformed'],
    ['old root', () => check(3, flip(root3), 7, root7, from3), 'consistency_old_root_mismatch'],
    ['old root of empty', () => check(0, root3, 7, root7, []), 'consistency_old_root_mismatch'],
    ['another old root, power of two', () => check(4, flip(root4), 7, root7, from4), 'consistency_new_root_mismatch'],
    ['new root', () => check(3, root3, 7, flip(root7), from3), 'consistency_new_root_mismatch'],
    ['new root at the same size', () => check(7, root7, 7, flip(root7), []), 'consistency_new_root_mismatch'],
    ['empty with a root', () => check(0, emptyRoot, 0, root7, []), 'consistency_new_root_mismatch'],
    [
      'what was appended',
      () => check(3, root3, 7, root7, [...from3.slice(0, -1), root3]),
      'consistency_new_root_mismatch',
    ],
  ]
  expect(rows.map(([change, run]) => [change, codeOf(run)])).toEqual(rows.map(([change, , code]) => [change, code]))
})

/** A tree whose leaves are all alike but one: any size costs nothing, and the one cannot be moved unseen. */
function treeWithOne(position: number): { read: HashReader; one: Uint8Array; reads: () => number } {
  const [alike, marked] = [[leaves[0]!], [leaves[1]!]]
  let reads = 0
  const markedHash = (level: number): Uint8Array => {
    for (let l = marked.length; l <= level; l++) {
      const right = Math.floor(position / 2 ** (l - 1)) % 2 === 1
      marked.push(right ? nodeHash(alikeHash(l - 1), marked[l - 1]!) : nodeHash(marked[l - 1]!, alikeHash(l - 1)))
    }
    return marked[level]!
  }
  const alikeHash = (level: number): Uint8Array => {
    for (let l = alike.length; l <= level; l++) alike.push(nodeHash(alike[l - 1]!, alike[l - 1]!))
    return alike[level]!
  }
  const read: HashReader = (level, index) => {
    reads++
    return Math.floor(position / 2 ** level) === index ? markedHash(level) : alikeHash(level)
  }
  return { read, one: leaves[1]!, reads: () => reads }
}

test('EP-VER-5: indices near 2^53 are not cut to 32 bits', () => {
  const size = Number.MAX_SAFE_INTEGER
  for (const index of [0, 2 ** 31, 2 ** 32 + 1, 2 ** 52 + 2 ** 32 + 5, size - 2, size - 1]) {
    const { read, one, reads } = treeWithOne(index)
    const root = rootFrom(read, size)
    const proof = inclusionPathFrom(read, index, size)
    verifyInclusion(one, index, size, proof, root)
    expect(reads()).toBeLessThan(53 * 3)
    for (const other of [index % 2 ** 32, index + 2 ** 32, index - 1])
      if (other !== index && other >= 0)
        expect(codeOf(() => verifyInclusion(one, other, size, proof, root))).toMatch(/^inclusion_/)
    for (const oldSize of [1, 2 ** 32, 2 ** 32 + 3, 2 ** 52, size - 1]) {
      const consistency = consistencyPathFrom(read, oldSize, size)
      verifyConsistency(oldSize, rootFrom(read, oldSize), size, root, consistency)
    }
  }
})

test('EP-VER-5: a proof reads no subtree that is not complete at its size', () => {
  const size = 45
  const tree = MerkleTree.of(leaves)
  const read: HashReader = (level, index) => {
    expect((index + 1) * 2 ** level).toBeLessThanOrEqual(size)
    return tree.read(level, index)
  }
  rootFrom(read, size)
  for (let index = 0; index < size; index++) inclusionPathFrom(read, index, size)
  for (let oldSize = 0; oldSize <= size; oldSize++) consistencyPathFrom(read, oldSize, size)
  expect(() => MerkleTree.of(leaves.slice(0, 5)).read(1, 2)).toThrow(RangeError)
})

test('builders refuse an index or a size outside the tree', () => {
  const tree = MerkleTree.of(leaves)
  expect(codeOf(() => tree.inclusionPath(66))).toBe('inclusion_index_too_large')
  expect(codeOf(() => tree.inclusionPath(-1))).toBe('inclusion_index_malformed')
  expect(codeOf(() => tree.consistencyPath(67))).toBe('consistency_size_too_large')
  expect(codeOf(() => tree.consistencyPath(-1))).toBe('consistency_size_malformed')
})

test('whatever the numbers and octets are, the verifiers refuse or accept, and throw nothing else', () => {
  const hash = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  const number = fc.oneof(fc.double(), fc.nat(100), fc.maxSafeNat())
  const property = fc.property(hash, number, number, fc.array(hash, { maxLength: 60 }), hash, (a, m, n, proof, b) => {
    codeOf(() => verifyInclusion(a, m, n, proof, b))
    codeOf(() => verifyConsistency(m, a, n, b, proof))
  })
  fc.assert(property, { numRuns })
})
