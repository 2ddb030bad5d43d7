import { concatBytes } from '@countersign/pure/core/bytes'
import { formatInstant } from '@countersign/pure/core/instant'
import { Refusal } from '@countersign/pure/core/refusal'
import type { DirectoryHead } from '@countersign/pure/ep/directory-head'
import { replaceFile } from '../ports/durable-file.js'
import type { Files } from '../ports/files.js'
import { advance, type Execution, type OpenExecution, stepsTo } from './execution.js'
import { type Holder, JournalLock } from './journal-lock.js'
import { encodeRecord, maxNonces, readRecords, type Step, type Transition } from './journal-record.js'
import { JournalStopped } from './journal-stopped.js'

/**
 * The durable memory of one executor: how far every authorization got, which nonces may never run again, and the newest directory head
 * that was accepted (EP-BUN-3, EP-DIR-5). Whoever can write its file can make an effect run twice.
 */
export interface Journal {
  /** The newest accepted head; null before the first. */
  readonly head: DirectoryHead | null
  /** What is known of a nonce; undefined if it was never used here. */
  execution(nonce: string): Execution | undefined
  /** Every execution on which something is left to do, oldest first. */
  open(): readonly OpenExecution[]
  /**
   * Durable when it resolves, with the state behind it.
   *
   * @param now - ms
   * @throws Refusal executor_nonce_replayed if `started` does not follow from the state of the nonce
   * @throws JournalStopped; then nothing is known about this record, and every later call throws as well
   */
  append(said: Step, now: number): Promise<Execution>
  acceptHead(head: DirectoryHead, now: number): Promise<void>
  /** Lets another process open it. */
  close(): Promise<void>
}

/**
 * Opens the journal in `folder`, made if need be, for this process alone; a torn record at its end is cut.
 *
 * @param rewriteAbove - octets from which on the file is rewritten without the steps of what is closed; of that, nonces stay
 * @throws JournalStopped journal_holder_duplicate, journal_record_damaged, journal_record_order_invalid
 */
export async function openJournal(
  files: Files,
  folder: string,
  holder: Holder,
  rewriteAbove: number = 16 * 1024 * 1024,
): Promise<Journal> {
  await files.makeFolder(folder)
  await files.syncFolder('')
  const lock = await JournalLock.take(files, folder, holder)
  try {
    const path = `${folder}/journal.jsonl`
    return new FileJournal(files, path, lock, await readJournal(files, folder, path), rewriteAbove)
  } catch (cause) {
    await lock.release()
    throw cause
  }
}

async function readJournal(files: Files, folder: string, path: string): Promise<ReturnType<typeof readRecords>> {
  const found = await files.read(path)
  const read = readRecords(found ?? new Uint8Array(0))
  if (found === null) {
    // Dying before the name is durable: nothing was appended, the next start makes the file again.
    await files.write(path, new Uint8Array(0))
    await files.sync(path)
    await files.syncFolder(folder)
  } else {
    // Dying here leaves the torn record, whole or partly: nobody relied on it, and the next start cuts it again.
    if (read.whole < found.length) await files.truncate(path, read.whole)
    // What was read may be octets that an earlier process appended and never synced: they count from here on, so they must stay.
    await files.sync(path)
  }
  return read
}

class FileJournal implements Journal {
  readonly #files: Files
  readonly #path: string
  readonly #lock: JournalLock
  readonly #executions = new Map<string, Execution>()
  readonly #rewriteAbove: number
  #head: DirectoryHead | null = null
  /** How many records the file has, and how many octets. */
  #length = 0
  #size: number
  /** Octets from which on the next append rewrites the file first. */
  #full: number
  #stopped: JournalStopped | null = null
  /** The last append: one at a time, each synced before the next. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(
    files: Files,
    path: string,
    lock: JournalLock,
    { records, whole }: ReturnType<typeof readRecords>,
    rewriteAbove: number,
  ) {
    this.#files = files
    this.#path = path
    this.#lock = lock
    this.#size = whole
    this.#rewriteAbove = rewriteAbove
    this.#full = rewriteAbove
    for (const record of records) {
      this.#place(record)
      this.#length += 1
    }
  }

  get head(): DirectoryHead | null {
    return this.#head
  }

  execution(nonce: string): Execution | undefined {
    return this.#executions.get(nonce)
  }

  open(): readonly OpenExecution[] {
    return [...this.#executions.values()].filter((execution) => execution.state !== 'closed')
  }

  append(said: Step, now: number): Promise<Execution> {
    return this.#inTurn(async () => {
      const next = advance(this.#executions.get(said.nonce), said)
      if (next === undefined) {
        if (said.kind === 'started') throw new Refusal('executor_nonce_replayed', '/nonce')
        throw new JournalStopped('journal_record_order_invalid', `${said.kind} of ${said.nonce}`)
      }
      await this.#write(said, now)
      this.#executions.set(said.nonce, next)
      return next
    })
  }

  acceptHead(head: DirectoryHead, now: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#write({ kind: 'head', head }, now)
      this.#head = head
    })
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#stopped ??= new JournalStopped('journal_lost', 'closed')
      await this.#lock.release()
    })
  }

  #place(record: Transition): void {
    if (record.kind === 'head') this.#head = record.head
    else if (record.kind === 'closed')
      for (const nonce of record.nonces) this.#placeStep(nonce, { nonce, state: 'closed' })
    else this.#placeStep(record.nonce, advance(this.#executions.get(record.nonce), record))
  }

  #placeStep(nonce: string, next: Execution | undefined): void {
    if (next === undefined) throw new JournalStopped('journal_record_order_invalid', `record ${this.#length}`)
    this.#executions.set(nonce, next)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work)
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  async #write(said: Transition, now: number): Promise<void> {
    if (this.#stopped !== null) throw this.#stopped
    try {
      // Narrows the gap in which a process that was wrongly taken for gone could still write; only the lock itself closes it.
      if (!(await this.#lock.held())) throw new JournalStopped('journal_lost', 'another process took it over')
      const at = formatInstant(now)
      if (this.#size > this.#full) await this.#rewrite(at)
      const record = encodeRecord(said, this.#length, at)
      // Dying before the sync has ended: the record is there whole, torn or not at all. The caller has done nothing yet that rests
      // on it, and the next start reads it or cuts it.
      await this.#files.append(this.#path, record)
      await this.#files.sync(this.#path)
      this.#length += 1
      this.#size += record.length
    } catch (cause) {
      // After a failed sync the kernel may have dropped the octets and answer the next sync with success: nothing more is written here.
      this.#stopped =
        cause instanceof JournalStopped ? cause : new JournalStopped('journal_write_failed', String(cause), cause)
      throw this.#stopped
    }
  }

  async #rewrite(at: string): Promise<void> {
    const records = [...this.#remembered()].map((said, n) => encodeRecord(said, n, at))
    const contents = concatBytes(...records)
    // Dying here: the old file or the new one, which say the same about every nonce.
    await replaceFile(this.#files, this.#path, contents)
    this.#length = records.length
    this.#size = contents.length
    this.#full = Math.max(this.#rewriteAbove, 2 * contents.length)
  }

  /** All that must not be forgotten, in the fewest records. */
  *#remembered(): Iterable<Transition> {
    if (this.#head !== null) yield { kind: 'head', head: this.#head }
    const closed = [...this.#executions.values()].filter(({ state }) => state === 'closed').map(({ nonce }) => nonce)
    for (let from = 0; from < closed.length; from += maxNonces)
      yield { kind: 'closed', nonces: closed.slice(from, from + maxNonces) }
    for (const execution of this.open()) yield* stepsTo(execution)
  }
}
