import type { HashReader } from '@countersign/pure/core/merkle'
import { hashReaderFromTiles, type Tile, tilePath } from '@countersign/pure/core/tile'
import type { Files } from '../ports/files.js'
import { TileDamaged } from './halt.js'
import type { TileFile } from './tree-edge.js'

type HashTile = Tile & { level: number }
const hashOctets = 32

/** The tile folder: written durably, read through a bounded cache, so that a proof reads O(log n) tiles at most. */
export class TileStore {
  readonly #files: Files
  readonly #capacity: number
  /** By `level/index`, the widest octets known; the first is the least recently used. */
  readonly #cache = new Map<string, Uint8Array>()
  /** Folders whose names are known to be durable. */
  readonly #folders = new Set<string>([''])

  constructor(files: Files, capacity: number) {
    this.#files = files
    this.#capacity = capacity
  }

  read(path: string): Promise<Uint8Array | null> {
    return this.#files.read(path)
  }

  /** Writes tiles; durable when it resolves. A crash leaves some of them, whole or torn: nothing that is signed names them yet. */
  async write(tiles: readonly TileFile[]): Promise<void> {
    const folders = [...new Set(tiles.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))]
    for (const folder of folders) await this.#makeFolder(folder)
    await Promise.all(tiles.map((tile) => this.#writeFile(tile)))
    await Promise.all(folders.map((folder) => this.#files.syncFolder(folder)))
  }

  /** Keeps hash tiles of the published tree, so that the next proofs read nothing. */
  remember(tiles: readonly TileFile[]): void {
    for (const { path, bytes } of tiles) {
      const key = cacheKey(path)
      if (key !== undefined) this.#keep(key, bytes)
    }
  }

  forget(): void {
    this.#cache.clear()
  }

  /**
   * Computes over the hashes of the tree of `size` entries. `compute` runs once to learn which tiles it asks for (that depends
   * on indices and sizes only, never on hashes) and again when they are there; it must not judge what it reads.
   *
   * @param fresh - tiles that are not written yet
   * @throws TileDamaged if a tile is not there or has another length than its width says
   */
  async compute<T>(size: number, compute: (read: HashReader) => T, fresh: readonly TileFile[] = []): Promise<T> {
    const held = new Map(fresh.map(({ path, bytes }) => [path, bytes]))
    for (;;) {
      const missing: HashTile[] = []
      const result = compute(hashReaderFromTiles(size, (tile) => this.#held(tile, held) ?? blank(tile, missing)))
      if (missing.length === 0) return result
      await Promise.all(missing.map(async (tile) => held.set(pathOf(tile), await this.#load(tile))))
    }
  }

  #held(tile: HashTile, held: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
    const bytes = held.get(pathOf(tile))
    if (bytes !== undefined) return bytes
    const key = `${tile.level}/${tile.index}`
    const cached = this.#cache.get(key)
    if (cached === undefined || cached.length < tile.width * hashOctets) return undefined
    this.#keep(key, cached)
    return cached.subarray(0, tile.width * hashOctets)
  }

  async #load(tile: HashTile): Promise<Uint8Array> {
    // A partial tile may be deleted once the full one is there (C2SP tlog-tiles, Partial Tiles).
    const bytes = (await this.#files.read(pathOf(tile))) ?? (await this.#files.read(tilePath(tile.level, tile.index)))
    if (bytes === null || bytes.length < tile.width * hashOctets)
      throw new TileDamaged(`${pathOf(tile)} is missing or cut off`)
    this.#keep(`${tile.level}/${tile.index}`, bytes)
    return bytes.subarray(0, tile.width * hashOctets)
  }

  #keep(key: string, bytes: Uint8Array): void {
    const known = this.#cache.get(key)
    this.#cache.delete(key)
    this.#cache.set(key, known !== undefined && known.length > bytes.length ? known : bytes)
    if (this.#cache.size <= this.#capacity) return
    for (const oldest of this.#cache.keys()) return void this.#cache.delete(oldest)
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

function pathOf({ level, index, width }: HashTile): string {
  return tilePath(level, index, width)
}

function blank(tile: HashTile, missing: HashTile[]): Uint8Array {
  missing.push(tile)
  return new Uint8Array(tile.width * hashOctets)
}

/** `level/index` of the path of a hash tile; undefined for an entry bundle. */
function cacheKey(path: string): string | undefined {
  const [, level, ...rest] = path.split('/')
  if (level === 'entries') return undefined
  const whole = rest.join('').split('.p')[0]!
  return `${level}/${Number(whole.replaceAll('x', ''))}`
}
