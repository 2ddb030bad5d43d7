import { hashString } from '@countersign/pure/core/digest'
import { consistencyPathFrom, type HashReader, inclusionPathFrom, verifyInclusion } from '@countersign/pure/core/merkle'
import { Refusal } from '@countersign/pure/core/refusal'
import type { LogProof } from '@countersign/pure/ep/log-proof'
import { TileDamaged } from './halt.js'
import { checkpointMemberOf, type SignedCheckpoint } from './signed-checkpoint.js'
import type { TileStore } from './tile-store.js'

interface Inclusion {
  readonly leaf_index: number
  readonly inclusion_path: readonly string[]
}

/** The head's inclusion is the same for every receipt under one checkpoint and one head: built and verified once. */
export class HeadProofs {
  #newest: {
    readonly checkpoint: SignedCheckpoint
    readonly index: number
    readonly proof: Promise<Inclusion>
  } | null = null

  under(tiles: TileStore, checkpoint: SignedCheckpoint, index: number): Promise<Inclusion> {
    if (this.#newest?.checkpoint === checkpoint && this.#newest.index === index) return this.#newest.proof
    const newest = { checkpoint, index, proof: inclusion(tiles, checkpoint, index) }
    this.#newest = newest
    newest.proof.catch(() => {
      if (this.#newest === newest) this.#newest = null
    })
    return newest.proof
  }
}

/**
 * Builds the `log_proof` member of section 12 under a checkpoint, from tiles: O(log n) of them. What it answers was verified
 * against the signed root, so that a damaged tile never leaves the house.
 *
 * @throws RangeError unless the head was logged before the entry and the entry before the checkpoint; TileDamaged
 */
export async function buildLogProof(
  tiles: TileStore,
  heads: HeadProofs,
  checkpoint: SignedCheckpoint,
  index: number,
  headIndex: number | undefined,
): Promise<LogProof> {
  if (!(index < checkpoint.treeSize) || !((headIndex ?? -1) < index))
    throw new RangeError(`no proof of entry ${index} and head ${headIndex} at size ${checkpoint.treeSize}`)
  const own = await inclusion(tiles, checkpoint, index)
  const head = headIndex === undefined ? undefined : await heads.under(tiles, checkpoint, headIndex)
  return { ...own, ...(head === undefined ? {} : { head }), checkpoint: checkpointMemberOf(checkpoint) }
}

/** The path from the first `oldSize` entries to the first `newSize`, both at most the checkpoint's; the caller verifies it. */
export async function buildConsistency(
  tiles: TileStore,
  checkpoint: SignedCheckpoint,
  oldSize: number,
  newSize: number,
): Promise<string[]> {
  if (!(newSize <= checkpoint.treeSize)) throw new RangeError(`no tree of size ${newSize} at ${checkpoint.treeSize}`)
  // Tiles are asked for in the widths of the checkpoint, which are the ones that must be there.
  const path = await tiles.compute(checkpoint.treeSize, (read) => consistencyPathFrom(read, oldSize, newSize))
  return path.map(hashString)
}

async function inclusion(
  tiles: TileStore,
  { treeSize, rootHash }: SignedCheckpoint,
  index: number,
): Promise<Inclusion> {
  const { leaf, path } = await tiles.compute(treeSize, (read: HashReader) => ({
    leaf: read(0, index),
    path: inclusionPathFrom(read, index, treeSize),
  }))
  try {
    verifyInclusion(leaf, index, treeSize, path, rootHash)
  } catch (error) {
    if (error instanceof Refusal) throw new TileDamaged(`under entry ${index}: ${error.code}`)
    throw error
  }
  return { leaf_index: index, inclusion_path: path.map(hashString) }
}
