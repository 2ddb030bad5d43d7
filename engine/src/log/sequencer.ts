import { equalBytes, utf8Decode, utf8Encode } from '@countersign/pure/core/bytes'
import { consistencyPathFrom, emptyRoot, verifyConsistency } from '@countersign/pure/core/merkle'
import { Refusal } from '@countersign/pure/core/refusal'
import { replaceFile } from '../ports/durable-file.js'
import type { Files } from '../ports/files.js'
import type { Signer } from '../ports/signer.js'
import type { LogState, LogStore, OutboxEntry } from '../ports/store.js'
import type { Anchor, AnchoredCheckpoint } from './anchor.js'
import { deriveEntry, encodeDerived } from './derived.js'
import { emptyTree, guardDatabase, type LogTree, type Visit } from './guard.js'
import { LogHalted, TileDamaged } from './halt.js'
import { HeldLease } from './lease.js'
import type { CheckpointKeys, SignedCheckpoint } from './signed-checkpoint.js'
import { TileStore } from './tile-store.js'
import type { TileFile } from './tree-edge.js'

/** What one pass did. `standby`: another process sequences, or did in between; ask again later. */
export type Pass =
  | { readonly status: 'published'; readonly entries: number; readonly full: boolean }
  | { readonly status: 'idle' | 'standby' }

export interface SequencerOptions {
  readonly organization: string
  readonly keys: CheckpointKeys
  readonly signer: Signer
  readonly store: LogStore
  /** The folder of the C2SP export: `tile/...` and `checkpoint`. */
  readonly tiles: Files
  readonly anchor: Anchor
  /** Names this process in the lease. The same name after a restart gets its lease back at once. */
  readonly holder: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly leaseMilliseconds: number
  readonly batch: number
  readonly cachedTiles: number
}

const checkpointPath = 'checkpoint'
/** What a length of two octets in an entry bundle can say. */
const maxEntryOctets = 0xffff

/**
 * Turns the outbox into the log: indices, a signed checkpoint, tiles, the anchor, in this order. Every step can be repeated
 * after a crash from what the step before made durable. One call at a time.
 */
export class Sequencer {
  readonly tiles: TileStore
  readonly #options: SequencerOptions
  readonly #lease: HeldLease
  /** The epoch under which anchor and served checkpoint were read last; what they were then changes only by our own hand. */
  #epoch: number | null = null
  /** The newest tree that is proven from the entries and anchored. */
  #tree: LogTree | null = null
  #served: SignedCheckpoint | null = null
  /** A tile on disk did not fit the entries. */
  #damaged = false

  /** @throws Refusal signer_key_unknown */
  constructor(options: SequencerOptions) {
    options.keys.keyOf(options.signer)
    this.#options = options
    this.tiles = new TileStore(options.tiles, options.cachedTiles)
    this.#lease = new HeldLease(options.store, options.organization, options.holder, options.leaseMilliseconds)
  }

  /** The newest anchored tree that the guard proved; the empty one until it ran. */
  get tree(): LogTree {
    return this.#tree ?? emptyTree
  }

  get guarded(): boolean {
    return this.#tree !== null
  }

  /**
   * Guards, finishes what was interrupted, and publishes one batch.
   *
   * @param anchored - called as soon as the batch is anchored, with the entries in the order of their indices from `first` on
   * @throws LogHalted, and whatever its ports throw: then the next pass continues from what is durable
   */
  async pass(anchored: (entries: readonly OutboxEntry[], first: number) => void): Promise<Pass> {
    const { organization, store, batch: limit } = this.#options
    const epoch = await this.#catchUp(false)
    if (epoch === null) return { status: 'standby' }
    const batch = await store.outbox(organization, limit)
    if (batch.length === 0) return { status: 'idle' }
    const first = this.tree.edge.size
    if (!(await this.#publish(epoch, batch))) {
      this.#lease.doubt()
      this.#epoch = null
      return { status: 'standby' }
    }
    anchored(batch, first)
    await this.#serve()
    return { status: 'published', entries: batch.length, full: batch.length === limit }
  }

  /** Guards and finishes what was interrupted. With `everything` each entry is read again and each tile compared (EP-SM-4). */
  async check(everything: boolean): Promise<void> {
    await this.#catchUp(everything)
  }

  /** Lets another process take over at once. */
  release(): Promise<void> {
    return this.#lease.release(this.#options.clock())
  }

  /** The epoch if this process is to sequence, null on standby. Afterwards `tree` is proven, anchored, and the newest. */
  async #catchUp(everything: boolean): Promise<number | null> {
    const { organization, store, anchor, clock } = this.#options
    const epoch = await this.#lease.hold(clock())
    const known = epoch !== null && epoch === this.#epoch
    // Until this pass has gone through, nothing that was read before counts.
    this.#epoch = null
    // Read in the reverse of the order in which they are written, so that another leader at work never looks like a rollback.
    if (!known) this.#served = await this.#readServed()
    const newest = await anchor.newest(!known || everything)
    const state = await store.state(organization)
    const note = this.#tree?.checkpoint?.note
    const current = this.#tree !== null && newest?.note === note && state?.checkpoint === note
    if (!current || everything || this.#damaged) {
      const grown = !everything && !this.#damaged && (state?.treeSize ?? 0) > this.tree.edge.size
      if (!(await this.#guard(epoch !== null, newest, state, grown ? this.tree : emptyTree))) return null
    }
    if (epoch !== null) await this.#serve()
    this.#epoch = epoch
    return epoch
  }

  /** Proves the database from its entries; a leader then repairs tiles and finishes the publication. False: overtaken. */
  async #guard(
    leading: boolean,
    newest: AnchoredCheckpoint | null,
    state: LogState | null,
    from: LogTree,
  ): Promise<boolean> {
    const { keys, clock, anchor } = this.#options
    const seen = Math.max(this.tree.edge.size, this.#served?.treeSize ?? 0)
    const guard = (visit: Visit) => guardDatabase(this.#options, keys, { anchored: newest, state, from, seen }, visit)
    let stale = false
    const { anchored, persisted } = await guard(async (files) => {
      stale ||= (await this.#differing(files)).length > 0
    })
    this.tiles.forget()
    this.#damaged = false
    if (!leading) {
      this.#tree = anchored
      return true
    }
    // Only now that the entries are proven are tiles written: a database that fails the guard never overwrites a good one.
    // Dying in between loses nothing, the next start compares again.
    if (stale) await guard(async (files) => this.tiles.write(await this.#differing(files)))
    if (persisted.checkpoint !== null && persisted.edge.size > anchored.edge.size) {
      const path = await this.#consistency(anchored, persisted.edge.size, persisted.checkpoint.rootHash, [])
      if (!(await anchor.append({ note: persisted.checkpoint.note, at: clock() }, path))) return false
    }
    this.#tree = persisted
    return true
  }

  /** False: fenced or overtaken, and nobody may be answered from this batch. */
  async #publish(epoch: number, batch: readonly OutboxEntry[]): Promise<boolean> {
    const { organization, store, keys, signer, anchor, clock } = this.#options
    const before = this.tree
    const { edge, derived, files } = extend(before, batch)
    const root = edge.root()
    const path = await this.#consistency(before, edge.size, root, files)
    const checkpoint = await sign(keys, signer, edge.size, root)
    // Dying here: nobody saw the signed checkpoint, and its entries wait in the outbox.
    const published = await store.publish({
      organization,
      epoch,
      fromSize: before.edge.size,
      entryIds: batch.map(({ entryId }) => entryId),
      state: { treeSize: edge.size, checkpoint: checkpoint.note, derived: encodeDerived(derived) },
    })
    if (!published) return false
    // Dying here: indices and checkpoint are persisted, nobody was told; the next start derives the tiles from the entries.
    // Tiles come after the transaction, so that a leader that was fenced has written none.
    await this.tiles.write(files)
    // Dying here: as before; the next start finds the tiles and anchors the persisted checkpoint.
    if (!(await anchor.append({ note: checkpoint.note, at: clock() }, path))) return false
    // Dying here: the database can no longer take the batch back (EP-SM-3); the next start serves the checkpoint.
    this.tiles.remember(files)
    this.#tree = { edge, derived, checkpoint }
    return true
  }

  /**
   * The path that proves the new tree to extend the last persisted and anchored one, verified: a log never signs two trees of
   * which neither begins the other (C2SP tlog-checkpoint, Signatures).
   */
  async #consistency(old: LogTree, size: number, root: Uint8Array, fresh: readonly TileFile[]): Promise<Uint8Array[]> {
    const oldSize = old.edge.size
    const path = await this.tiles.compute(size, (read) => consistencyPathFrom(read, oldSize, size), fresh)
    try {
      verifyConsistency(oldSize, old.checkpoint?.rootHash ?? emptyRoot, size, root, path)
    } catch (error) {
      // Both roots come from the entries: what does not fit is a tile on disk. The next pass compares them all.
      this.#damaged = true
      throw new TileDamaged(error instanceof Error ? error.message : '')
    }
    return path
  }

  /** Writes the newest anchored checkpoint for clients; the file is a copy, so dying before it only delays them. */
  async #serve(): Promise<void> {
    const { checkpoint } = this.tree
    if (checkpoint === null || checkpoint.note === this.#served?.note) return
    // A name for each size: a sequencer that was fenced while it slept may be writing the one before.
    const fresh = `${checkpointPath}.${checkpoint.treeSize}`
    await replaceFile(this.#options.tiles, checkpointPath, utf8Encode(checkpoint.note), fresh)
    this.#served = checkpoint
  }

  /** Null also for a file that is not ours: it proves nothing and will be replaced. */
  async #readServed(): Promise<SignedCheckpoint | null> {
    const bytes = await this.#options.tiles.read(checkpointPath)
    try {
      return bytes === null ? null : this.#options.keys.open(utf8Decode(bytes))
    } catch (error) {
      if (error instanceof Refusal) return null
      throw error
    }
  }

  async #differing(files: readonly TileFile[]): Promise<TileFile[]> {
    const found = await Promise.all(files.map(({ path }) => this.#options.tiles.read(path)))
    return files.filter(({ bytes }, i) => found[i] === null || !equalBytes(found[i]!, bytes))
  }
}

function extend(before: LogTree, batch: readonly OutboxEntry[]) {
  const edge = before.edge.clone()
  let derived = before.derived
  const files: TileFile[] = []
  for (const { entryId, entry } of batch) {
    if (entry.length > maxEntryOctets) throw new LogHalted('log_entry_too_large', `entry ${entryId}`)
    derived = deriveEntry(derived, entry, edge.size)
    files.push(...edge.append(entry))
  }
  files.push(...edge.partials(before.edge.size))
  return { edge, derived, files }
}

async function sign(keys: CheckpointKeys, signer: Signer, size: number, root: Uint8Array): Promise<SignedCheckpoint> {
  try {
    return await keys.sign(signer, size, root)
  } catch (error) {
    if (error instanceof Refusal) throw new LogHalted('log_signature_invalid', error.message)
    throw error
  }
}
