import { equalBytes } from '@countersign/pure/core/bytes'
import { parseCheckpointText } from '@countersign/pure/core/checkpoint'
import { verifyConsistency } from '@countersign/pure/core/merkle'
import { parseNote } from '@countersign/pure/core/note'
import { Refusal } from '@countersign/pure/core/refusal'
import { appendDurably } from '../ports/durable-file.js'
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
  /** The newest one, read from the medium itself; null before the first. */
  newest(): Promise<AnchoredCheckpoint | null>
  /**
   * Durable when it resolves. The anchored tree again is no error and changes nothing.
   *
   * @param consistency - the path from the newest anchored tree to this one; empty for the first
   * @throws LogHalted log_anchor_inconsistent; Refusal anchor_checkpoint_stale if a larger tree is anchored already
   */
  append(checkpoint: AnchoredCheckpoint, consistency: readonly Uint8Array[]): Promise<void>
  /** Every anchored checkpoint, oldest first. */
  all(): Promise<readonly AnchoredCheckpoint[]>
}

/**
 * An anchor in one append-only file of JSON lines. Whoever owns the file can cut its end off; that shows against the
 * checkpoint that was served. It is read whole when it is opened and when `newest` follows a fault; in between the process
 * that holds the lease is the only one that appends.
 */
export function fileAnchor(files: Files, path: string): Anchor & { reopen(): void } {
  return new FileAnchor(files, path)
}

class FileAnchor implements Anchor {
  readonly #files: Files
  readonly #path: string
  #known: { readonly newest: AnchorRecord | null; readonly whole: boolean } | null = null

  constructor(files: Files, path: string) {
    this.#files = files
    this.#path = path
  }

  reopen(): void {
    this.#known = null
  }

  async newest(): Promise<AnchoredCheckpoint | null> {
    return (await this.#open()).newest
  }

  async append(checkpoint: AnchoredCheckpoint, consistency: readonly Uint8Array[]): Promise<void> {
    const { newest, whole } = await this.#open()
    if (newest !== null && !extendsTree(newest.note, checkpoint.note, consistency)) return
    // A clock that was set back must not make the record look older than the one before it.
    const at = Math.max(checkpoint.at, newest?.at ?? 0)
    const record = { n: (newest?.n ?? -1) + 1, at, note: checkpoint.note }
    this.#known = null
    // Dying here, or a fault, leaves at most a torn line: nobody was answered, and the next record begins a line of its own.
    await appendDurably(this.#files, this.#path, encodeAnchorRecord(record, whole))
    this.#known = { newest: record, whole: true }
  }

  async all(): Promise<readonly AnchoredCheckpoint[]> {
    const { records } = readAnchorRecords((await this.#files.read(this.#path)) ?? new Uint8Array(0))
    return records
  }

  async #open(): Promise<{ newest: AnchorRecord | null; whole: boolean }> {
    if (this.#known !== null) return this.#known
    const { records, whole } = readAnchorRecords((await this.#files.read(this.#path)) ?? new Uint8Array(0))
    this.#known = { newest: records.at(-1) ?? null, whole }
    return this.#known
  }
}

/** Whether there is anything to append; throws unless the new tree is the anchored one or extends it. */
function extendsTree(anchored: string, next: string, consistency: readonly Uint8Array[]): boolean {
  const old = parseCheckpointText(parseNote(anchored).text)
  const fresh = parseCheckpointText(parseNote(next).text)
  if (fresh.origin !== old.origin) throw new LogHalted('log_anchor_inconsistent', 'the anchor is of another log')
  if (fresh.treeSize < old.treeSize)
    throw new Refusal('anchor_checkpoint_stale', '', `${fresh.treeSize} < ${old.treeSize}`)
  if (fresh.treeSize === old.treeSize && equalBytes(fresh.rootHash, old.rootHash)) return false
  try {
    verifyConsistency(old.treeSize, old.rootHash, fresh.treeSize, fresh.rootHash, consistency)
  } catch (error) {
    throw new LogHalted('log_anchor_inconsistent', error instanceof Error ? error.message : '')
  }
  return true
}
