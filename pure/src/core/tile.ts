import { concatBytes } from './bytes.js'
import type { HashReader } from './merkle.js'
import { Refusal, require } from './refusal.js'

/**
 * C2SP tlog-tiles: a log as immutable files. A tile holds up to 256 consecutive hashes of every eighth level of the tree;
 * an entry bundle holds the entries under one tile of level 0. Both are pure functions of the entries.
 */

/** Hashes in a full tile, entries in a full bundle. */
export const tileWidth = 256

const tileHeight = 8
const maxTileLevel = 63
const maxEntryOctets = 0xffff
const maxPathLength = 64

/** One tile, or with level `entries` one entry bundle. A width below 256 is a partial one. */
export interface Tile {
  readonly level: number | 'entries'
  readonly index: number
  readonly width: number
}

/** A tile of hashes; its level is an eighth of the tree's. */
export interface HashTile extends Tile {
  readonly level: number
}

/** `tile/0/x001/x234/067`, with `.p/W` behind it for a partial tile; relative to the log's prefix. */
export function tilePath(level: Tile['level'], index: number, width: number = tileWidth): string {
  const groups = [pad3(index % 1000)]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${pad3(rest % 1000)}`)
  return `tile/${level}/${groups.join('/')}${width === tileWidth ? '' : `.p/${width}`}`
}

/**
 * Reads the path of a request. Only the one spelling that `tilePath` writes is accepted, so nothing else, `..` included,
 * reaches a file system.
 *
 * @throws Refusal tile_path_malformed
 */
export function parseTilePath(path: string, at = ''): Tile {
  const match = path.length <= maxPathLength ? tilePathForm.exec(path) : null
  if (match === null) throw new Refusal('tile_path_malformed', at)
  const level = match[1] === 'entries' ? match[1] : Number(match[1])
  const index = Number(match[2]!.replaceAll(/[x/]/g, ''))
  const width = match[3] === undefined ? tileWidth : Number(match[3])
  const inRange = (level === 'entries' || level <= maxTileLevel) && Number.isSafeInteger(index) && width >= 1
  const canonical = inRange && (match[3] === undefined || width < tileWidth) && tilePath(level, index, width) === path
  require(canonical, 'tile_path_malformed', at)
  return { level, index, width }
}

const tilePathForm = /^tile\/(\d{1,2}|entries)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/

/**
 * The hash tiles that exist for a tree of `newSize` leaves and did not, or were narrower, for one of `oldSize`.
 * The entry bundles of the same growth are those of level 0 with the level `entries`.
 */
export function tilesFor(oldSize: number, newSize: number): HashTile[] {
  const tiles: HashTile[] = []
  let oldHashes = oldSize
  let newHashes = newSize
  for (let level = 0; newHashes > 0; level++) {
    const full = Math.floor(newHashes / tileWidth)
    const width = newHashes % tileWidth
    for (let index = Math.floor(oldHashes / tileWidth); index < full; index++)
      tiles.push({ level, index, width: tileWidth })
    if (width > 0 && newHashes > oldHashes) tiles.push({ level, index: full, width })
    oldHashes = Math.floor(oldHashes / tileWidth)
    newHashes = full
  }
  return tiles
}

/** The octets of a hash tile, from a tree that is complete under it. */
export function encodeTile(tile: HashTile, read: HashReader): Uint8Array {
  const hashes = Array.from({ length: tile.width }, (_, i) => read(tile.level * tileHeight, tile.index * tileWidth + i))
  return concatBytes(...hashes)
}

/**
 * Entries, each behind its length as a big-endian uint16.
 *
 * @throws Refusal entry_bundle_width_too_large above 256 entries, log_entry_too_large above 65535 octets in one
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  require(entries.length <= tileWidth, 'entry_bundle_width_too_large')
  return concatBytes(...entries.flatMap((entry, i) => [entryLength(entry, `/${i}`), entry]))
}

/**
 * The entries of a bundle; the caller compares their number with the width it asked for.
 *
 * @throws Refusal entry_bundle_malformed if the last entry is cut off, entry_bundle_width_too_large above 256 entries
 */
export function decodeEntryBundle(bytes: Uint8Array, at = ''): Uint8Array[] {
  const entries: Uint8Array[] = []
  let offset = 0
  while (offset < bytes.length) {
    require(entries.length < tileWidth, 'entry_bundle_width_too_large', at)
    require(offset + 2 <= bytes.length, 'entry_bundle_malformed', at)
    const start = offset + 2
    offset = start + bytes[offset]! * 256 + bytes[offset + 1]!
    require(offset <= bytes.length, 'entry_bundle_malformed', at)
    entries.push(bytes.slice(start, offset))
  }
  return entries
}

function entryLength(entry: Uint8Array, at: string): Uint8Array {
  require(entry.length <= maxEntryOctets, 'log_entry_too_large', at)
  return Uint8Array.of(entry.length >> 8, entry.length & 0xff)
}

function pad3(value: number): string {
  return String(value).padStart(3, '0')
}
