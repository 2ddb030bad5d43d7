import { equalBytes } from '@countersign/pure/core/bytes'
import { parseCheckpointText } from '@countersign/pure/core/checkpoint'
import { verifyConsistency } from '@countersign/pure/core/merkle'
import { parseNote } from '@countersign/pure/core/note'
import { folderOf } from '../ports/durable-file.js'
import type { Files } from '../ports/files.js'
import { type AnchorRecord, encodeAnchorRecord, readAnchorRecords } from './anchor-record.js'
import { LogHalted } from './halt.js'

/** A checkpoint as the anchor keeps it. `at` is when, in ms, by the clock of whoever keeps the anchor. */
export interface AnchoredCheckpoint {
  readonly note: string
  readonly at: number
}

/**
 * Where checkpoints are kept out of the database's reach (EP-SM-3): what stands here, a restored database cannot take back.
 * Every checkpoint is kept, for ever (EP-DIR-6). Several servers need one anchor that all of them reach.
 */
export interface Anchor {
  /**
   * The newest one; null before the first.
   *
   * @param fresh - read the medium itself: another process may have appended
   * @throws LogHalted as `readAnchorRecords`
   */
  newest(fresh: boolean): Promise<AnchoredCheckpoint | null>
  /**
   * Durable when it resolves with true. The tree that is anchored already changes nothing. False: a larger tree is anchored, so
   * the caller was overtaken.
   *
   * @param consistency - the path from the newest anchored tree to this one; empty for the first
   * @throws LogHalted log_anchor_inconsistent
   */
  append(checkpoint: AnchoredCheckpoint, consistency: readonly Uint8Array[]): Promise<boolean>
  /** Every anchored checkpoint, oldest first. */
  all(): Promise<readonly AnchoredCheckpoint[]>
}

/**
 * An anchor in one append-only file of JSON lines. Whoever owns the file can cut its end off; that shows against the checkpoint
 * that was served. Between fresh reads the process that holds the sequencer's lease is the only one that appends.
 */
export function fileAnchor(files: Files, path: string): Anchor {
  return new FileAnchor(files, path)
}

class FileAnchor implements Anchor {
  readonly #files: Files
  readonly #path: string
  /** The newest record, and whether the file ends with a whole line; null if it must be read. */
  #known: { readonly newest: AnchorRecord | null; readonly whole: boolean } | null = null
  /** Whether the file's name is known to be durable. */
  #named = false

  constructor(files: Files, path: string) {
    this.#files = files
    this.#path = path
  }

  async newest(fresh: boolean): Promise<AnchoredCheckpoint | null> {
    if (fresh) this.#known = null
    return (await this.#open()).newest
  }

  async append(checkpoint: AnchoredCheckpoint, consistency: readonly Uint8Array[]): Promise<boolean> {
    const { newest, whole } = await this.#open()
    const step = newest === null ? 'extends' : compare(newest.note, checkpoint.note, consistency)
    if (step !== 'extends') return step === 'equal'
    // A clock that was set back must not make a record look older than the one before it.
    const at = Math.max(checkpoint.at, newest?.at ?? 0)
    const record = { n: (newest?.n ?? -1) + 1, at, note: checkpoint.note }
    this.#known = null
    await this.#files.append(this.#path, encodeAnchorRecord(record, whole))
    // Dying here leaves at most a torn line: nobody was answered, and the next record begins a line of its own.
    await this.#files.sync(this.#path)
    if (!this.#named) await this.#files.syncFolder(folderOf(this.#path))
    this.#named = true
    this.#known = { newest: record, whole: true }
    return true
  }

  async all(): Promise<readonly AnchoredCheckpoint[]> {
    return (await this.#read()).records
  }

  async #open(): Promise<{ newest: AnchorRecord | null; whole: boolean }> {
    if (this.#known !== null) return this.#known
    const { records, whole } = await this.#read()
    this.#known = { newest: records.at(-1) ?? null, whole }
    return this.#known
  }

  async #read() {
    return readAnchorRecords((await this.#files.read(this.#path)) ?? new Uint8Array(0))
  }
}

/** How the next tree stands to the anchored one; throws if neither begins the other as the path says. */
function compare(anchored: string, next: string, path: readonly Uint8Array[]): 'smaller' | 'equal' | 'extends' {
  const old = parseCheckpointText(parseNote(anchored).text)
  const fresh = parseCheckpointText(parseNote(next).text)
  if (fresh.origin !== old.origin) throw new LogHalted('log_anchor_inconsistent', 'the anchor is of another log')
  if (fresh.treeSize < old.treeSize) return 'smaller'
  if (fresh.treeSize === old.treeSize && equalBytes(fresh.rootHash, old.rootHash)) return 'equal'
  try {
    verifyConsistency(old.treeSize, old.rootHash, fresh.treeSize, fresh.rootHash, path)
  } catch (error) {
    throw new LogHalted('log_anchor_inconsistent', error instanceof Error ? error.message : '')
  }
  return 'extends'
}
