/**
 * The data-only store port. Nothing that crosses it is a callback, so that a unit can cross a worker, a queue or one
 * database statement. Every method is keyed by organization; uniqueness is per organization.
 */

/** A stored row. `version` starts at 1 and rises by one at each write; `body` is JSON text that only engines read. */
export interface Row {
  readonly kind: string
  readonly id: string
  readonly version: number
  readonly body: string
}

export interface RowKey {
  readonly kind: string
  readonly id: string
}

/**
 * Writes a row. `expected` 0: it must not exist; n: it must stand at version n. `terms` replace the row's earlier ones;
 * without the member the earlier ones stay.
 */
export interface RowWrite extends RowKey {
  readonly expected: number
  readonly body: string
  readonly terms?: readonly string[]
}

/** A value that may be claimed once, for ever: a nonce, receipt id, idempotency key, challenge. */
export interface Claim {
  readonly kind: string
  readonly value: string
}

/** A counter that must rise: the commit conflicts unless `to` is greater than what stands, or nothing stands yet (`to` >= 0). */
export interface Raise {
  readonly counter: string
  readonly to: number
}

/** A log entry without an index: the outbox row of the transition that made it. `entryId` is unique per organization. */
export interface Append {
  readonly entryId: string
  readonly entry: Uint8Array
}

/**
 * One unit of work: all of it or nothing. Checks run in the order of the members: expect, put, claims, raise, append. A unit that
 * names one row, claim, counter or entry twice among its writes is a bug of the caller and throws, as do empty names, text
 * that is not Unicode and numbers that are no safe integers >= 0.
 */
export interface Unit {
  readonly organization: string
  /** Made by the caller; a unit committed before under this id answers its first `answer` again and writes nothing. */
  readonly unitId: string
  /** Rows that must stand at a version (0: absent) though the unit does not write them. */
  readonly expect?: readonly (RowKey & { readonly version: number })[]
  readonly put?: readonly RowWrite[]
  readonly claims?: readonly Claim[]
  readonly raise?: readonly Raise[]
  /** The persisted high-water clock, milliseconds since the epoch: it keeps the greatest value seen, never conflicts. */
  readonly clock?: number
  readonly append?: readonly Append[]
  /** Kept with the unit id and given back on a retry. */
  readonly answer?: string
}

export type Conflict =
  | { readonly on: 'row'; readonly kind: string; readonly id: string; readonly found: number }
  | { readonly on: 'claim'; readonly kind: string; readonly value: string }
  | { readonly on: 'counter'; readonly counter: string; readonly found: number }
  | { readonly on: 'entry'; readonly entryId: string }

export type CommitResult =
  | { readonly status: 'committed'; readonly answer: string | undefined; readonly repeated: boolean }
  | { readonly status: 'conflict'; readonly conflict: Conflict }

/** A fault (disk, connection, shutdown), never a refusal. `in_doubt`: the unit may have been committed; ask again with its id. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
  readonly retry: 'safe' | 'in_doubt'

  constructor(message: string, retry: 'safe' | 'in_doubt', options?: { cause?: unknown }) {
    super(message, options)
    this.retry = retry
  }
}

export interface Found {
  readonly rows: readonly Row[]
  /** Give it back as `after` for the next page; absent at the end. */
  readonly next?: string
}

export interface Store {
  /** Linearizable. Absent rows are null, in the order asked. */
  read(organization: string, keys: readonly RowKey[]): Promise<readonly (Row | null)[]>
  /** Rows of a kind carrying `term` (all of the kind if absent), by ascending id (order of code points), at most `limit`. */
  find(
    organization: string,
    kind: string,
    query: { readonly term?: string; readonly after?: string; readonly limit: number },
  ): Promise<Found>
  /** Whether a value stands claimed. */
  claimed(organization: string, claim: Claim): Promise<boolean>
  /** The persisted high-water clock in milliseconds, 0 at first. */
  clock(organization: string): Promise<number>
  /** Resolves when durable, or with the first conflict (checks run before writes: a loser writes nothing). Throws StoreFault. */
  commit(unit: Unit): Promise<CommitResult>
  close(): Promise<void>
}

// ---- the log's side of the same database --------------------------------------------------------------------------

export interface OutboxEntry {
  readonly entryId: string
  readonly entry: Uint8Array
}

/** The newest checkpoint that was persisted, with what the log derives from its entries. */
export interface LogState {
  readonly treeSize: number
  /** The signed note, text. */
  readonly checkpoint: string
  /** JSON text that only the log engine reads. */
  readonly derived: string
}

export interface Lease {
  readonly epoch: number
  readonly expiresAt: number
}

export interface LogStore {
  /**
   * Takes or renews the sequencer's lease; a new holder gets a higher epoch, a renewal keeps its own. Null: somebody else holds
   * it and `now` is before its `expiresAt`. Times in ms; `ttl` 0 gives it up. `holder` is one running process: never reuse its name.
   */
  lease(organization: string, holder: string, now: number, ttl: number): Promise<Lease | null>
  /** Entries without an index, in an order that is the same at every call until they are indexed. */
  outbox(organization: string, limit: number): Promise<readonly OutboxEntry[]>
  /**
   * Assigns indices `from.treeSize ...` to `entryIds` in order and persists the state, in one transaction, only if the lease's
   * epoch is still `epoch` and the persisted tree size still `fromSize`. False: fenced or overtaken; nothing was written. Entries
   * that do not wait in the outbox, or a size other than `fromSize` + entries, are a bug of the caller and throw. No entries:
   * the same tree gets a newer checkpoint.
   */
  publish(update: {
    readonly organization: string
    readonly epoch: number
    readonly fromSize: number
    readonly entryIds: readonly string[]
    readonly state: LogState
  }): Promise<boolean>
  state(organization: string): Promise<LogState | null>
  /** Indexed entries in [from, to), ascending. */
  entries(organization: string, from: number, to: number): Promise<readonly Uint8Array[]>
  /** The index of an entry; null while it waits in the outbox; undefined if there is no such entry. */
  indexOf(organization: string, entryId: string): Promise<number | null | undefined>
}
