import { equalBytes } from '@countersign/pure/core/bytes'
import { leafHash, MerkleTree } from '@countersign/pure/core/merkle'
import { Refusal } from '@countersign/pure/core/refusal'
import { decodeEntryBundle, encodeTile, tilePath, tilesFor, tileWidth } from '@countersign/pure/core/tile'
import type { Files } from '../ports/files.js'
import type { AnchoredRecord, Report } from './fsck-report.js'
import type { SignedCheckpoint } from './signed-checkpoint.js'

const hashOctets = 32

/** Entries and leaf hashes under one tile of level 0, as the files have them; an entry that is not there is null. */
interface Chunk {
  readonly path: string
  readonly entries: readonly (Uint8Array | null)[]
  /** Of the entries; where there is none, of the tile. */
  readonly leaves: readonly Uint8Array[]
  readonly tile: readonly Uint8Array[]
}

/**
 * Compares entry bundles, tiles of every level and anchored checkpoints with the signed root.
 * Who is wrong where two differ, the signed root says: entries that give it convict the tile, a tile that gives it the entry.
 *
 * @returns the entries, null where the folder has none
 */
export async function checkTiles(
  files: Files,
  signed: SignedCheckpoint,
  anchored: readonly AnchoredRecord[],
  report: Report,
): Promise<(Uint8Array | null)[]> {
  const size = signed.treeSize
  const chunks: Chunk[] = []
  for (let index = 0; index * tileWidth < size; index++) chunks.push(await readChunk(files, index, size, report))
  const fromEntries = MerkleTree.of(chunks.flatMap(({ leaves }) => leaves))
  const tree = authenticTree(fromEntries, chunks, signed, report)
  await compareTiles(files, tree, 0, size, true, report)
  for (const { n, checkpoint } of anchored) {
    if (!equalBytes(tree.root(checkpoint.treeSize), checkpoint.rootHash))
      report('log_anchor_root_mismatch', `anchor/${n}`, `at size ${checkpoint.treeSize}`)
  }
  // Partial tiles of earlier checkpoints may be gone; those that are there must hold the same hashes.
  const sizes = [...new Set(anchored.map(({ checkpoint }) => checkpoint.treeSize))].filter((old) => old < size)
  for (const [i, old] of sizes.entries()) await compareTiles(files, tree, sizes[i - 1] ?? 0, old, false, report)
  return chunks.flatMap(({ entries }) => entries)
}

async function readChunk(files: Files, index: number, size: number, report: Report): Promise<Chunk> {
  const width = Math.min(tileWidth, size - index * tileWidth)
  const tile = split((await files.read(tilePath(0, index, width))) ?? new Uint8Array(0), width)
  const path = tilePath('entries', index, width)
  const entries = readBundle(await files.read(path), path, width, report)
  const leaves = tile.map((hash, i) => (entries[i] == null ? hash : leafHash(entries[i])))
  return { path, entries, leaves, tile }
}

function readBundle(bytes: Uint8Array | null, path: string, width: number, report: Report): (Uint8Array | null)[] {
  const none = Array.from({ length: width }, () => null)
  if (bytes === null) {
    report('log_bundle_missing', path, '')
    return none
  }
  try {
    const entries = decodeEntryBundle(bytes)
    if (entries.length === width) return entries
    report('log_bundle_malformed', path, `${entries.length} entries`)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    report('log_bundle_malformed', path, error.message)
  }
  return none
}

/** The tree that the signed root vouches for; the one of the entries if it vouches for none. */
function authenticTree(fromEntries: MerkleTree, chunks: readonly Chunk[], signed: SignedCheckpoint, report: Report) {
  if (equalBytes(fromEntries.root(), signed.rootHash)) return fromEntries
  const fromTiles = MerkleTree.of(chunks.flatMap(({ tile }) => tile))
  if (!equalBytes(fromTiles.root(), signed.rootHash)) {
    report('log_checkpoint_root_mismatch', 'checkpoint', `at size ${signed.treeSize}`)
    return fromEntries
  }
  for (const { path, leaves, tile } of chunks)
    for (const [i, leaf] of leaves.entries())
      if (!equalBytes(leaf, tile[i]!)) report('log_bundle_mismatch', path, `entry ${i} of the bundle`)
  return fromTiles
}

async function compareTiles(
  files: Files,
  tree: MerkleTree,
  from: number,
  to: number,
  mustExist: boolean,
  report: Report,
): Promise<void> {
  for (const tile of tilesFor(from, to)) {
    const level = tile.level as number
    const path = tilePath(level, tile.index, tile.width)
    const bytes = await files.read(path)
    if (bytes === null) {
      if (mustExist) report('log_tile_missing', path, '')
    } else if (!equalBytes(bytes, encodeTile({ ...tile, level }, tree.read))) report('log_tile_mismatch', path, '')
  }
}

/** The hashes of a tile; zeros where it is too short, which compare as different. */
function split(bytes: Uint8Array, width: number): Uint8Array[] {
  const whole = new Uint8Array(width * hashOctets)
  whole.set(bytes.subarray(0, whole.length))
  return Array.from({ length: width }, (_, i) => whole.subarray(i * hashOctets, (i + 1) * hashOctets))
}
