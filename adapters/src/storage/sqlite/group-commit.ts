import { type CommitResult, StoreFault } from '@countersign/engine/ports/store'
import type { Connection } from './driver.js'
import { asFault, leavesConnectionSound } from './faults.js'
import { publish, takeLease } from './sequencing.js'
import { applyUnit } from './units.js'

/** The writes of the port: each checks before it writes, in the transaction that is open. */
export const writes = { commit: applyUnit, lease: takeLease, publish } as const

/** One call of a write method, without its connection. */
export interface WriteCall {
  readonly method: keyof typeof writes
  readonly args: readonly unknown[]
}

export type Settled = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: Error }

export interface Stats {
  /** Transactions that wrote something and were committed: each costs one fsync. */
  readonly commits: number
  /** Units of work that were written (no losers, no repetitions). */
  readonly units: number
}

/** Commits groups of calls on one connection, one transaction a group. */
export class GroupCommit {
  private readonly db: Connection
  private commits = 0
  private units = 0
  /** Why nothing is served any more, after a failed COMMIT whose effect this connection cannot know. */
  private stop: StoreFault | undefined

  constructor(db: Connection) {
    this.db = db
  }

  stats(): Stats {
    return { commits: this.commits, units: this.units }
  }

  stopped(): StoreFault | undefined {
    return this.stop
  }

  /** Runs the calls in order in one transaction; answers, in the same order, exist only after COMMIT. Never throws. */
  run(calls: readonly WriteCall[]): readonly Settled[] {
    if (this.stop !== undefined) return failed(calls, this.stop)
    try {
      this.db.run('BEGIN IMMEDIATE')
    } catch (cause) {
      return failed(calls, asFault(cause, 'safe'))
    }
    const values: unknown[] = []
    try {
      for (const call of calls) values.push(apply(this.db, call))
    } catch (cause) {
      return this.undo(calls, cause)
    }
    return this.commit(calls, values)
  }

  /** One call threw halfway: the group is undone, and each call gets a transaction of its own, so that it harms no other. */
  private undo(calls: readonly WriteCall[], cause: unknown): readonly Settled[] {
    this.rollBack()
    if (calls.length === 1 || this.stop !== undefined) return failed(calls, asFault(cause, 'safe'))
    return calls.flatMap((call) => this.run([call]))
  }

  // Dying before COMMIT returns leaves the callers in doubt: a unit asked again under its id gives the first answer, if it stands.
  private commit(calls: readonly WriteCall[], values: readonly unknown[]): readonly Settled[] {
    try {
      this.db.run('COMMIT')
    } catch (cause) {
      this.rollBack()
      if (!leavesConnectionSound(cause)) this.stopAfter(cause)
      return failed(calls, asFault(cause, 'in_doubt'))
    }
    const wrote = calls.filter((call, index) => hasWritten(call, values[index]))
    this.commits += wrote.length > 0 ? 1 : 0
    this.units += wrote.filter(({ method }) => method === 'commit').length
    return values.map((value) => ({ ok: true, value }))
  }

  private rollBack(): void {
    try {
      this.db.exec('ROLLBACK')
    } catch {
      // After some errors SQLite has rolled back already. BEGIN succeeds only if no transaction is left open.
      try {
        this.db.exec('BEGIN; ROLLBACK')
      } catch (cause) {
        this.stopAfter(cause)
      }
    }
  }

  /** After a failed fsync the file and what this process believes of it may differ for good: only a new open may judge. */
  private stopAfter(cause: unknown): void {
    const message = 'the store has stopped, because a transaction could not be ended: open it again'
    this.stop = new StoreFault(message, 'safe', { cause })
  }
}

function apply(db: Connection, { method, args }: WriteCall): unknown {
  return (writes[method] as (db: Connection, ...args: readonly unknown[]) => unknown)(db, ...args)
}

function hasWritten({ method }: WriteCall, value: unknown): boolean {
  if (method !== 'commit') return value !== null && value !== false
  const result = value as CommitResult
  return result.status === 'committed' && !result.repeated
}

function failed(calls: readonly WriteCall[], error: Error): readonly Settled[] {
  return calls.map(() => ({ ok: false, error }))
}
