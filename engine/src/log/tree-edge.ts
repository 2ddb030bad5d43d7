import { concatBytes } from '@countersign/pure/core/bytes'
import { leafHash, merkleRoot } from '@countersign/pure/core/merkle'
import { encodeEntryBundle, tilePath, tileWidth } from '@countersign/pure/core/tile'

/** A file of the C2SP tile export: a hash tile or an entry bundle. */
export interface TileFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * The right edge of a growing log: per tile level the hashes of the last tile while it is partial, and the entries of the last
 * bundle. It is all that appending needs, so that a batch costs O(its entries) and no reads.
 */
export class TreeEdge {
  #size = 0
  readonly #levels: Uint8Array[][] = [[]]
  #entries: Uint8Array[] = []

  get size(): number {
    return this.#size
  }

  clone(): TreeEdge {
    const copy = new TreeEdge()
    copy.#size = this.#size
    copy.#levels.splice(0, 1, ...this.#levels.map((hashes) => [...hashes]))
    copy.#entries = [...this.#entries]
    return copy
  }

  /** Adds one entry; the tiles and the bundle that it filled. */
  append(entry: Uint8Array): TileFile[] {
    this.#entries.push(entry)
    const hashes = this.#levels[0]!
    hashes.push(leafHash(entry))
    this.#size++
    if (hashes.length < tileWidth) return []
    const bundle = { path: tilePath('entries', this.#size / tileWidth - 1), bytes: encodeEntryBundle(this.#entries) }
    this.#entries = []
    return [bundle, ...this.#fullTiles()]
  }

  /** The partial files of this size that differ from those of a tree of `since` entries, which is this one's beginning. */
  partials(since: number): TileFile[] {
    const files: TileFile[] = []
    if (this.#entries.length > 0 && since < this.#size)
      files.push({ path: this.#path('entries', 0), bytes: encodeEntryBundle(this.#entries) })
    for (const [level, hashes] of this.#levels.entries()) {
      const complete = tileWidth ** level
      if (hashes.length > 0 && Math.floor(since / complete) < Math.floor(this.#size / complete))
        files.push({ path: this.#path(level, level), bytes: concatBytes(...hashes) })
    }
    return files
  }

  /**
   * RFC 6962 root. From the leaves up, what is not yet a full tile stands as a last, incomplete node beside the full ones of the
   * next level; as every full node covers a power of two of leaves, the split of section 2.1 falls where it must.
   */
  root(): Uint8Array {
    let rest: Uint8Array[] = []
    for (const hashes of this.#levels) {
      const nodes = [...hashes, ...rest]
      rest = nodes.length === 0 ? [] : [merkleRoot(nodes)]
    }
    return rest[0] ?? merkleRoot([])
  }

  #fullTiles(): TileFile[] {
    const files: TileFile[] = []
    for (let level = 0; this.#levels[level]!.length === tileWidth; level++) {
      const hashes = this.#levels[level]!
      const index = this.#size / tileWidth ** (level + 1) - 1
      files.push({ path: tilePath(level, index), bytes: concatBytes(...hashes) })
      this.#levels[level] = []
      if (this.#levels[level + 1] === undefined) this.#levels.push([])
      this.#levels[level + 1]!.push(merkleRoot(hashes))
    }
    return files
  }

  #path(name: number | 'entries', level: number): string {
    const hashes = Math.floor(this.#size / tileWidth ** level)
    return tilePath(name, Math.floor(hashes / tileWidth), hashes % tileWidth)
  }
}
