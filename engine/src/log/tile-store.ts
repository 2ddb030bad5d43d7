import { type HashReader, MerkleTree } from '@countersign/pure/core/merkle'
import { tilePath, tileWidth } from '@countersign/pure/core/tile'
import type { Files } from '../ports/files.js'
import { TileDamaged } from './halt.js'
import type { TileFile } from './tree-edge.js'

const hashOctets = 32
const tileHeight = 8

/** A tile by its place, and how many of its hashes a tree has. */
interface Wanted {
  readonly level: number
  readonly index: number
  readonly width: number
}

/**
 * The tile folder: written durably, read through a bounded cache, so that a proof reads O(log n) tiles at most. The cache keeps the small
 * tree inside each tile, not its octets: of a tile that stays in the cache every proof takes hashes and computes none.
 */
export class TileStore {
  readonly #files: Files
  readonly #capacity: number
  /** By path of the full tile, the widest known; the first is the least recently used. */
  readonly #cache = new Map<string, MerkleTree>()
  /** Folders whose names are known to be durable. */
  readonly #folders = new Set<string>([''])

  constructor(files: Files, capacity: number) {
    this.#files = files
    this.#capacity = capacity
  }

  /** Writes tiles; durable when it resolves. A crash leaves some of them, whole or torn: the next start compares them. */
  async write(tiles: readonly TileFile[]): Promise<void> {
    const folders = [...new Set(tiles.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))]
    for (const folder of folders) await this.#makeFolder(folder)
    await Promise.all(tiles.map((tile) => this.#writeFile(tile)))
    await Promise.all(folders.map((folder) => this.#files.syncFolder(folder)))
  }

  /** Takes hash tiles of the published tree into the cache, so that the next proofs read nothing. */
  remember(tiles: readonly TileFile[]): void {
    for (const { path, bytes } of tiles) if (!path.startsWith(bundles)) this.#keep(fullPath(path), bytes)
  }

  forget(): void {
    this.#cache.clear()
  }

  /**
   * Computes over the hashes of the tree of `size` entries. `compute` runs once to learn which tiles it asks for (that depends
   * on indices and sizes only, never on hashes) and again when they are there; it must not judge what it reads.
   *
   * @param fresh - tiles of this tree that are not written yet
   * @throws TileDamaged if a tile is not there or is too short
   */
  async compute<T>(size: number, compute: (read: HashReader) => T, fresh: readonly TileFile[] = []): Promise<T> {
    const hashTiles = fresh.filter(({ path }) => !path.startsWith(bundles))
    const held = new Map(hashTiles.map(({ path, bytes }) => [fullPath(path), extended(new MerkleTree(), bytes)]))
    for (;;) {
      const missing = new Map<string, Wanted>()
      const result = compute((level, index) => this.#hash(level, index, size, held, missing))
      if (missing.size === 0) return result
      await Promise.all([...missing].map(async ([path, tile]) => held.set(path, await this.#load(tile))))
    }
  }

  #hash(
    level: number,
    index: number,
    size: number,
    held: ReadonlyMap<string, MerkleTree>,
    missing: Map<string, Wanted>,
  ): Uint8Array {
    const tile = {
      level: Math.floor(level / tileHeight),
      index: Math.floor((index * 2 ** (level % tileHeight)) / tileWidth),
    }
    const width = Math.min(tileWidth, Math.floor(size / tileWidth ** tile.level) - tile.index * tileWidth)
    const path = tilePath(tile.level, tile.index)
    const tree = held.get(path) ?? this.#cached(path, width)
    if (tree !== undefined) return tree.read(level % tileHeight, index % (tileWidth / 2 ** (level % tileHeight)))
    missing.set(path, { ...tile, width })
    return nothingYet
  }

  #cached(path: string, width: number): MerkleTree | undefined {
    const tree = this.#cache.get(path)
    if (tree === undefined || tree.size < width) return undefined
    this.#cache.delete(path)
    this.#cache.set(path, tree)
    return tree
  }

  async #load({ level, index, width }: Wanted): Promise<MerkleTree> {
    const partial = tilePath(level, index, width)
    const full = tilePath(level, index)
    // A partial tile may be deleted once the full one is there (C2SP tlog-tiles, Partial Tiles).
    const bytes = (await this.#files.read(partial)) ?? (await this.#files.read(full))
    if (bytes === null || bytes.length < width * hashOctets) throw new TileDamaged(`${partial} is missing or cut off`)
    return this.#keep(full, bytes)
  }

  #keep(path: string, bytes: Uint8Array): MerkleTree {
    const tree = extended(this.#cache.get(path) ?? new MerkleTree(), bytes)
    this.#cache.delete(path)
    this.#cache.set(path, tree)
    if (this.#cache.size > this.#capacity) this.#cache.delete(this.#cache.keys().next().value!)
    return tree
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return
    const slash = folder.lastIndexOf('/')
    const parent = slash < 0 ? '' : folder.slice(0, slash)
    await this.#makeFolder(parent)
    await this.#files.makeFolder(folder)
    await this.#files.syncFolder(parent)
    this.#folders.add(folder)
  }

  async #writeFile({ path, bytes }: TileFile): Promise<void> {
    await this.#files.write(path, bytes)
    await this.#files.sync(path)
  }
}

const bundles = 'tile/entries/'
const nothingYet = new Uint8Array(hashOctets)

/** The tree inside a tile, grown to the hashes that a wider version of it has. */
function extended(tree: MerkleTree, bytes: Uint8Array): MerkleTree {
  const end = bytes.length - (bytes.length % hashOctets)
  for (let at = tree.size * hashOctets; at < end; at += hashOctets) tree.append(bytes.slice(at, at + hashOctets))
  return tree
}

/** The path of the full tile, whatever width this one has. */
function fullPath(path: string): string {
  const partial = path.lastIndexOf('.p/')
  return partial < 0 ? path : path.slice(0, partial)
}
