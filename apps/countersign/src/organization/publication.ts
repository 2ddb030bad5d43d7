import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import { array, hash, type Infer, integer, literal, object } from '@countersign/pure/core/shape'
import { zeroHash } from '@countersign/pure/ep/context'
import type { DirectorySnapshot } from '@countersign/pure/ep/directory-changes'
import { directoryHead } from '@countersign/pure/ep/directory-head'
import { type DirectoryLeaf, directoryLeaf } from '@countersign/pure/ep/directory-leaf'
import { directoryTree } from '@countersign/pure/ep/directory-tree'
import { Hashes } from '@countersign/pure/ep/hashes'
import { type Policy, policy } from '@countersign/pure/ep/policy'

const changedLeaves = array(object({ leaf_index: integer(0, Number.MAX_SAFE_INTEGER), leaf: directoryLeaf }), {
  max: 100_000,
})
const policies = array(policy, { max: 10_000 })

/** A signed head with the leaves that are new or changed under it, and the documents of new policies: what a server is sent. */
export const publication = object({ head: directoryHead, leaves: changedLeaves, policies })
export type Publication = Infer<typeof publication>
export type ChangedLeaf = Publication['leaves'][number]

/** Changes that no head carries yet. `after`: hash of the head they were made after; a later head makes them void. */
export const draft = object({
  type: literal('countersign.draft.v1', 'type_mismatch'),
  after: hash,
  leaves: changedLeaves,
  policies,
})
export type Draft = Infer<typeof draft>

/** The directory as a chain of publications leaves it. */
export interface Chain {
  readonly snapshot: DirectorySnapshot | undefined
  /** What the next head names as its predecessor. */
  readonly headHash: string
  /** Every policy document, by its hash. */
  readonly policies: ReadonlyMap<string, Policy>
}

/**
 * Puts publications on top of each other and demands that each is about the tree that results, and follows the one before it.
 * @throws Refusal with the number of the head in its pointer
 */
export function foldPublications(publications: readonly Publication[]): Chain {
  const hashes = new Hashes()
  const documents = new Map<string, Policy>()
  let leaves: readonly DirectoryLeaf[] = []
  let snapshot: DirectorySnapshot | undefined
  let headHash = zeroHash
  for (const [index, one] of publications.entries()) {
    const { body } = one.head
    const at = `/heads/${index + 1}`
    leaves = withChanges(leaves, one.leaves)
    for (const document of one.policies) documents.set(hashes.hash(document), document)
    if (body.prev_head_hash !== headHash) throw new Refusal('head_prev_hash_mismatch', `${at}/head/body/prev_head_hash`)
    if (body.tree_size !== leaves.length) throw new Refusal('head_tree_size_mismatch', `${at}/head/body/tree_size`)
    if (body.root_hash !== directoryTree(leaves, hashes).rootHash)
      throw new Refusal('head_root_mismatch', `${at}/head/body/root_hash`)
    headHash = hashes.hash(body)
    snapshot = { head: one.head, leaves }
  }
  return { snapshot, headHash, policies: documents }
}

/** The leaves with some replaced, or appended without a gap. @throws Refusal leaf_missing */
export function withChanges(
  leaves: readonly DirectoryLeaf[],
  changes: readonly ChangedLeaf[],
): readonly DirectoryLeaf[] {
  const changed = [...leaves]
  for (const { leaf_index, leaf } of changes) {
    if (leaf_index > changed.length) throw new Refusal('leaf_missing', `/leaves/${changed.length}`)
    changed[leaf_index] = leaf
  }
  return changed
}

/** The leaves of `next` that are not in `previous` as they are. */
export function changesBetween(previous: readonly DirectoryLeaf[], next: readonly DirectoryLeaf[]): ChangedLeaf[] {
  return next.flatMap((leaf, leaf_index) => {
    const before = previous[leaf_index]
    return before !== undefined && textOf(before) === textOf(leaf) ? [] : [{ leaf_index, leaf }]
  })
}

function textOf(leaf: DirectoryLeaf): string {
  return canonicalString(leaf as unknown as JsonObject)
}
