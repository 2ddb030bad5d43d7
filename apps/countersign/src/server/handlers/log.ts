import type { logRoutes } from '@countersign/adapters/http/contract/log'
import type { Log } from '@countersign/engine/log/log'
import { TileStore } from '@countersign/engine/log/tile-store'
import type { Files } from '@countersign/engine/ports/files'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { hashString } from '@countersign/pure/core/digest'
import { inclusionPathFrom } from '@countersign/pure/core/merkle'
import { Refusal } from '@countersign/pure/core/refusal'
import { parseTilePath, type Tile, tileWidth } from '@countersign/pure/core/tile'
import { unknown } from '../decisions.js'
import type { Handlers } from '../exchange.js'

const cachedTiles = 256

/** @param tiles - the folder of the C2SP export */
export function logHandlers(log: Log, tiles: Files): Handlers<keyof typeof logRoutes> {
  const store = new TileStore(tiles, cachedTiles)
  const anchoredSize = () => log.newestAnchored()?.treeSize ?? 0
  return {
    async getCheckpoint() {
      const checkpoint = log.newestAnchored()
      if (checkpoint === null) throw unknown('tile_unknown')
      return { status: 200, body: utf8Encode(checkpoint.note) }
    },
    async getTile({ params }) {
      const path = `tile/${params['*']}`
      const tile = parseTilePath(path)
      // A tile may be written before its checkpoint is anchored; until then nothing tells what stands in it (EP-SM-3).
      if (!isWithin(tile, anchoredSize())) throw unknown('tile_unknown')
      const bytes = await tiles.read(path)
      if (bytes === null) throw unknown('tile_unknown')
      return { status: 200, body: bytes, immutable: true }
    },
    async getInclusion({ query: { index, size: asked } }) {
      const anchored = anchoredSize()
      const size = asked ?? anchored
      if (size > anchored) throw new Refusal('tree_size_too_large', '/size')
      if (index >= size) throw new Refusal('tree_size_order_invalid', '/index')
      // Read in the widths of the newest tree, which are the ones that are there.
      const { leaf, path } = await store.compute(anchored, (read) => ({
        leaf: read(0, index),
        path: inclusionPathFrom(read, index, size),
      }))
      const body = {
        leaf_index: index,
        tree_size: size,
        leaf_hash: hashString(leaf),
        inclusion_path: path.map(hashString),
      }
      return { status: 200, body }
    },
    async getConsistency({ query: { from, to } }) {
      if (to > anchoredSize()) throw new Refusal('tree_size_too_large', '/to')
      if (from > to) throw new Refusal('tree_size_order_invalid', '/from')
      return { status: 200, body: { from, to, consistency_path: await log.consistency(from, to) } }
    },
  }
}

function isWithin({ level, index, width }: Tile, size: number): boolean {
  const leaves = level === 'entries' ? 1 : tileWidth ** level
  return (index * tileWidth + width) * leaves <= size
}
