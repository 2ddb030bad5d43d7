import type { LogReader } from '../ports/log-reader.js'
import type { Row, RowKey, Store } from '../ports/store.js'
import { type Attempt, attemptKey, attemptTerms, hasExpired } from './attempt.js'
import { refusal } from './decision.js'
import { type Directory, newestHeadKey, readRow, writeRow } from './directory.js'
import type { DirectoryView } from './directory-view.js'
import { isUlid } from './identity.js'
import { isTerminal } from './state-machine.js'

/** An attempt as a decision sees it. What it says of a terminal state may be told: it is anchored. */
export interface Standing {
  readonly id: string
  readonly version: number
  readonly attempt: Attempt
  /** ms: the later of the caller's clock and the persisted high-water clock. */
  readonly now: number
  readonly frozen: DirectoryView
}

/** A standing attempt and the directory in effect, which a decision must expect unchanged. */
export interface StandingUnderHead extends Standing {
  readonly current: DirectoryView
  readonly newestVersion: number
}

/** What every command shares: the ports, and reading attempts so that nothing untold leaks. */
export class Attempts {
  readonly organization: string
  readonly store: Store
  readonly directory: Directory
  readonly #log: LogReader
  readonly #waitMilliseconds: number

  constructor(organization: string, store: Store, directory: Directory, log: LogReader, waitMilliseconds: number) {
    this.organization = organization
    this.store = store
    this.directory = directory
    this.#log = log
    this.#waitMilliseconds = waitMilliseconds
  }

  /** @throws Refusal authorization_unknown, log_anchor_unavailable */
  async read(id: string, now: number): Promise<Standing> {
    if (!isUlid(id)) throw refusal('authorization_unknown')
    const [[row], high] = await this.#readAt(now, [attemptKey(id)])
    return this.standing(id, row, high)
  }

  /** @throws Refusal also of the directory in effect */
  async readUnderHead(id: string, now: number): Promise<StandingUnderHead> {
    if (!isUlid(id)) throw refusal('authorization_unknown')
    const [[row, newest], high] = await this.#readAt(now, [attemptKey(id), newestHeadKey])
    const standing = await this.standing(id, row, high)
    const current = await this.directory.current(newest ?? null)
    return { ...standing, current, newestVersion: newest?.version ?? 0 }
  }

  /**
   * Judges a row against the clock and waits for what it says to be beyond recall. The one door through which an attempt is
   * read: refusals, reads and repeated commands all wait here (EP-SM-3).
   *
   * @param now - as `highWater` gives it
   */
  async standing(id: string, row: Row | null | undefined, now: number): Promise<Standing> {
    if (row === null || row === undefined) throw refusal('authorization_unknown')
    const attempt = readRow<Attempt>(row)
    if (!isTerminal(attempt.state) && hasExpired(attempt, now)) return this.#expire(id, row, attempt, now)
    if (attempt.ended !== undefined) await this.anchored(attempt.ended.entry_id)
    return { id, version: row.version, attempt, now, frozen: await this.directory.under(attempt.head_hash) }
  }

  async highWater(clock: number): Promise<number> {
    return Math.max(clock, await this.store.clock(this.organization))
  }

  // Together, to wait once. A clock that is read beside an older row, or a newer one, harms nothing: what was told to be over says so
  // in the row itself.
  #readAt(clock: number, keys: readonly RowKey[]): Promise<[readonly (Row | null)[], number]> {
    return Promise.all([this.store.read(this.organization, keys), this.highWater(clock)])
  }

  /** The index of an entry whose transition is committed. */
  async anchored(entryId: string): Promise<number> {
    this.#log.kick()
    const index = await this.#log.anchored(entryId, this.#waitMilliseconds)
    if (index === null) throw refusal('log_anchor_unavailable')
    return index
  }

  // EXPIRED follows from the clock alone. It is written before it is first told, together with the time, so that neither a clock
  // set back nor a server that is behind can revive what somebody was told is over (EP-SM-1, EP-INV-3).
  async #expire(id: string, row: Row, attempt: Attempt, now: number): Promise<Standing> {
    const expired: Attempt = { ...attempt, state: 'EXPIRED' }
    const result = await this.store.commit({
      organization: this.organization,
      unitId: `expiry:${id}`,
      clock: now,
      put: [writeRow(attemptKey(id), row.version, expired, attemptTerms(expired))],
    })
    // Dying here: the next reader finds EXPIRED. On a conflict somebody else's transition came first; it is read instead.
    if (result.status === 'conflict') return this.read(id, now)
    const frozen = await this.directory.under(attempt.head_hash)
    return { id, version: row.version + 1, attempt: expired, now, frozen }
  }
}
