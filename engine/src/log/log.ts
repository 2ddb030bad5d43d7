import type { LogProof } from '@countersign/pure/ep/log-proof'
import type { Files } from '../ports/files.js'
import type { Signer } from '../ports/signer.js'
import type { LogStore } from '../ports/store.js'
import type { Anchor } from './anchor.js'
import type { Derived } from './derived.js'
import { LogHalted } from './halt.js'
import { buildConsistency, buildLogProof, HeadProofs } from './log-proof.js'
import { type Pass, Sequencer } from './sequencer.js'
import { CheckpointKeys, type LogKey, type SignedCheckpoint } from './signed-checkpoint.js'
import { type Schedule, Waiters } from './waiters.js'

export interface LogOptions {
  readonly organization: string
  /** Also the name of every key (EP-REC-4). */
  readonly origin: string
  /** The keys of the log, rotated ones too; one of them is the signer's. */
  readonly keys: readonly LogKey[]
  readonly signer: Signer
  readonly store: LogStore
  /** The folder of the C2SP export (`tile/...`, `checkpoint`): to be served as it is. */
  readonly tiles: Files
  readonly anchor: Anchor
  /** Names this process in the lease. The same name after a restart gets its lease back at once. */
  readonly holder: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly schedule: Schedule
  /** Told of faults that the log retries by itself; it keeps running. */
  readonly onFault?: (fault: unknown) => void
  readonly leaseMilliseconds?: number
  /** Entries in one pass at most. */
  readonly batch?: number
  /** After a fault, or on standby while somebody waits. */
  readonly retryMilliseconds?: number
  /** When nothing happens: entries that another process committed, and its lease, are looked for this often. */
  readonly pollMilliseconds?: number
  /** Tiles whose hashes are kept in memory, about 64 KiB each. */
  readonly cachedTiles?: number
}

/** One organization's transparency log. Every method rejects with the `LogHalted` that stopped the log, once there was one. */
export interface Log {
  /**
   * Runs the rollback guard, finishes an interrupted publication, and begins to follow the outbox.
   *
   * @throws LogHalted if database and anchor contradict each other (EP-SM-4), or what a port throws
   */
  start(): Promise<void>
  /** One pass. `kick` is the ordinary way; this one is for whoever drives the log by hand. */
  sequence(): Promise<Pass>
  /** To be called after each commit that appended. Calls coalesce: what commits while a pass runs is the next batch. */
  kick(): void
  /** The index of an entry once a signed checkpoint with it is anchored (EP-SM-3); null after the time, or if there is no such entry. */
  anchored(entryId: string, timeoutMilliseconds: number): Promise<number | null>
  /** `log_proof` at the newest anchored checkpoint, with the head's inclusion if its index is given (EP-REC-5). */
  proof(index: number, headIndex?: number): Promise<LogProof>
  /** The hashes that prove the tree of `oldSize` to begin the tree of `newSize`, at most the newest anchored one. */
  consistency(oldSize: number, newSize: number): Promise<string[]>
  /** Null before the first entry. */
  newestAnchored(): SignedCheckpoint | null
  /** As of the newest anchored checkpoint. */
  derived(): Derived
  /** The guard over everything, for a timer: each entry is read, each tile compared and repaired (EP-SM-4). */
  check(): Promise<void>
  /** What stopped the log; null while it works. */
  halted(): LogHalted | null
  /** Ends after the pass that runs; waiters get null; the lease is given up. */
  stop(): Promise<void>
}

/** @throws Refusal if a key is not one of this origin's */
export function createLog(options: LogOptions): Log {
  return new RunningLog(options)
}

class RunningLog implements Log {
  readonly #options: LogOptions
  readonly #sequencer: Sequencer
  readonly #waiters: Waiters
  readonly #heads = new HeadProofs()
  /** Passes and checks run one after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  #halted: LogHalted | null = null
  #stopped = false
  /** The waiters of all entries below this index were answered. */
  #settled = 0
  #wanted = false
  #driving: Promise<void> | null = null
  #cancelPoll: () => void = () => {}

  constructor(options: LogOptions) {
    this.#options = options
    this.#waiters = new Waiters(options.schedule)
    this.#sequencer = new Sequencer({
      ...options,
      keys: new CheckpointKeys(options.origin, options.keys),
      leaseMilliseconds: options.leaseMilliseconds ?? 10_000,
      batch: options.batch ?? 1024,
      cachedTiles: options.cachedTiles ?? 256,
    })
  }

  async start(): Promise<void> {
    await this.#exclusive(() => this.#sequencer.check(true))
    this.kick()
  }

  check(): Promise<void> {
    return this.#exclusive(() => this.#sequencer.check(true))
  }

  async sequence(): Promise<Pass> {
    try {
      return await this.#exclusive(() =>
        this.#sequencer.pass((entries, first) => {
          for (const [i, { entryId }] of entries.entries()) this.#waiters.settle(entryId, first + i)
          if (first === this.#settled) this.#settled += entries.length
        }),
      )
    } finally {
      if (this.#halted === null && this.#settled !== this.#sequencer.tree.edge.size) await this.#settleFromStore()
    }
  }

  kick(): void {
    this.#wanted = true
    if (this.#driving !== null || this.#stopped || this.#halted !== null) return
    this.#cancelPoll()
    this.#driving = this.#drive()
  }

  async anchored(entryId: string, timeoutMilliseconds: number): Promise<number | null> {
    this.#requireRunning()
    // Listening before asking: a pass that ends in between is not missed.
    const awaited = this.#waiters.wait(entryId, timeoutMilliseconds)
    try {
      const index = await this.#options.store.indexOf(this.#options.organization, entryId)
      if (index === undefined || this.#stopped) this.#waiters.settle(entryId, null)
      else if (index !== null && this.#isAnchored(index)) this.#waiters.settle(entryId, index)
      else this.kick()
    } catch (error) {
      this.#waiters.fail(entryId, error)
    }
    return awaited
  }

  async proof(index: number, headIndex?: number): Promise<LogProof> {
    return buildLogProof(this.#sequencer.tiles, this.#heads, this.#checkpoint(), index, headIndex)
  }

  async consistency(oldSize: number, newSize: number): Promise<string[]> {
    return buildConsistency(this.#sequencer.tiles, this.#checkpoint(), oldSize, newSize)
  }

  newestAnchored(): SignedCheckpoint | null {
    this.#requireGuarded()
    return this.#sequencer.tree.checkpoint
  }

  derived(): Derived {
    this.#requireGuarded()
    return this.#sequencer.tree.derived
  }

  halted(): LogHalted | null {
    return this.#halted
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelPoll()
    await this.#driving
    await this.#turn.catch(() => {})
    this.#waiters.settleAll()
    if (this.#halted === null) await this.#sequencer.release()
  }

  /** Passes until none is wanted; then looks again after a while, as other processes commit and die unheard. */
  async #drive(): Promise<void> {
    let pause = this.#options.pollMilliseconds ?? 500
    while (this.#wanted && !this.#stopped && this.#halted === null) {
      this.#wanted = false
      try {
        const pass = await this.sequence()
        if (pass.status === 'published' && pass.full) this.#wanted = true
        if (pass.status === 'standby' && this.#waiters.entryIds().length > 0) {
          pause = this.#options.retryMilliseconds ?? 50
          break
        }
      } catch (fault) {
        if (fault instanceof LogHalted) break
        this.#options.onFault?.(fault)
        pause = this.#options.retryMilliseconds ?? 50
        break
      }
    }
    this.#driving = null
    if (!this.#stopped && this.#halted === null) this.#cancelPoll = this.#options.schedule(pause, () => this.kick())
  }

  /** What another process anchored, or this one after a fault: the database says what became of the entries awaited here. */
  async #settleFromStore(): Promise<void> {
    const size = this.#sequencer.tree.edge.size
    for (const entryId of this.#waiters.entryIds()) {
      const index = await this.#options.store.indexOf(this.#options.organization, entryId)
      if (typeof index === 'number' && index < size) this.#waiters.settle(entryId, index)
    }
    this.#settled = size
  }

  async #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      this.#requireRunning()
      return run()
    })
    this.#turn = turn.catch(() => {})
    try {
      return await turn
    } catch (error) {
      if (error instanceof LogHalted) this.#halt(error)
      throw error
    }
  }

  /** From here on nothing is signed and nothing answered: every answer might rest on what was rolled back (EP-SM-4). */
  #halt(error: LogHalted): void {
    this.#halted ??= error
    this.#cancelPoll()
    this.#waiters.failAll(error)
  }

  #requireRunning(): void {
    if (this.#halted !== null) throw this.#halted
  }

  /** Before the guard ran, an empty tree would be a wrong answer. */
  #requireGuarded(): void {
    this.#requireRunning()
    if (!this.#sequencer.guarded) throw new Error('the log was not started')
  }

  #checkpoint(): SignedCheckpoint {
    const checkpoint = this.newestAnchored()
    if (checkpoint === null) throw new RangeError('the log has no entries')
    return checkpoint
  }

  #isAnchored(index: number): boolean {
    return index < this.#sequencer.tree.edge.size
  }
}
