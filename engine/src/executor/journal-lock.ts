import { utf8Decode, utf8Encode } from '@countersign/pure/core/bytes'
import type { Files } from '../ports/files.js'
import { JournalStopped } from './journal-stopped.js'

/** Who opens a journal, and how to tell that whoever opened it before is gone. */
export interface Holder {
  /** Names this process so that `gone` of another one can judge it, e.g. host, process id and start time. */
  readonly name: string
  /**
   * Whether the process of that name runs no more, for certain; "not known" is false. If this answers wrongly, two executors share one
   * nonce index and an effect may run twice.
   */
  readonly gone: (name: string) => boolean
}

const released = 'released'
const lockName = /^lock\.([1-9][0-9]{0,15})$/

/**
 * A lock of numbered files in one folder: whoever created the highest one holds it. The highest is never removed, only marked as
 * released; a successor creates the next number, which exactly one process can do. Locks need not be durable: a power failure ends
 * every holder.
 */
export class JournalLock {
  readonly #files: Files
  readonly #folder: string
  readonly #number: number

  private constructor(files: Files, folder: string, number: number) {
    this.#files = files
    this.#folder = folder
    this.#number = number
  }

  /** @throws JournalStopped journal_holder_duplicate */
  static async take(files: Files, folder: string, holder: Holder): Promise<JournalLock> {
    const last = await highest(files, folder)
    if (last > 0) await requireGone(files, pathOf(folder, last), holder)
    const number = last + 1
    if (!(await files.create(pathOf(folder, number), utf8Encode(holder.name))))
      throw new JournalStopped('journal_holder_duplicate', 'another process was faster')
    const lock = new JournalLock(files, folder, number)
    // Somebody who read the folder long ago may create a number that was used and removed since: only the highest counts.
    if (!(await lock.held())) {
      await files.remove(pathOf(folder, number))
      throw new JournalStopped('journal_holder_duplicate', 'another process was faster')
    }
    for (const old of await numbers(files, folder)) if (old < number) await files.remove(pathOf(folder, old))
    return lock
  }

  async held(): Promise<boolean> {
    return (await highest(this.#files, this.#folder)) === this.#number
  }

  /** Dying here leaves the lock of a holder that is gone. */
  async release(): Promise<void> {
    await this.#files.write(pathOf(this.#folder, this.#number), utf8Encode(released))
  }
}

async function requireGone(files: Files, path: string, holder: Holder): Promise<void> {
  const bytes = await files.read(path)
  const name = bytes === null ? undefined : utf8Decode(bytes)
  // Made by a link, a lock is never seen without its name: an empty one lost its contents to a power failure, and its holder with them.
  if (name === released || name === '' || (name !== undefined && holder.gone(name))) return
  throw new JournalStopped('journal_holder_duplicate', name ?? 'another process was faster')
}

async function highest(files: Files, folder: string): Promise<number> {
  return Math.max(0, ...(await numbers(files, folder)))
}

async function numbers(files: Files, folder: string): Promise<readonly number[]> {
  return (await files.list(folder)).flatMap((name) => Number(lockName.exec(name)?.[1] ?? [])).filter((one) => one > 0)
}

function pathOf(folder: string, number: number): string {
  return `${folder}/lock.${number}`
}
