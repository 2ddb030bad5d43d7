import { hashString } from '../core/digest.js'
import { leafHashOfText, MerkleTree } from '../core/merkle.js'
import type { Opening } from './authority.js'
import type { DirectoryLeaf } from './directory-leaf.js'
import { Hashes } from './hashes.js'

/** The Merkle tree over the leaves of an organization directory (RFC 6962 over JCS; EP-DIR-1). */
export interface DirectoryTree {
  readonly size: number
  /** `root_hash` of a head over these leaves. */
  readonly rootHash: string
  /** Opens the leaf at `index` under that root. */
  open(index: number): Opening
}

/** Builds the tree of these leaves, in the order of their indices. */
export function directoryTree(leaves: readonly DirectoryLeaf[], hashes: Hashes = new Hashes()): DirectoryTree {
  const tree = MerkleTree.of(leaves.map((leaf) => leafHashOfText(hashes.text(leaf))))
  return {
    size: leaves.length,
    rootHash: hashString(tree.root()),
    open(index) {
      const leaf = leaves[index]
      if (leaf === undefined) throw new RangeError(`no leaf ${index} among ${leaves.length}`)
      return { leaf, leaf_index: index, inclusion_path: tree.inclusionPath(index).map(hashString) }
    },
  }
}
