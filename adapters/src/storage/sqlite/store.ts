import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type {
  Claim,
  CommitResult,
  Found,
  Lease,
  LogState,
  LogStore,
  OutboxEntry,
  Row,
  RowKey,
  Store,
  Unit,
} from '@countersign/engine/ports/store'
import { assertLimit, assertPublication, assertUnit, assertWhole } from '../well-formed.js'
import type { Stats } from './group-commit.js'
import type { FromWorker } from './messages.js'
import type { SqliteOptions } from './open-connection.js'
import { errorOf, WorkerCalls } from './worker-calls.js'

export interface SqliteStore extends Store, LogStore {
  /** Transactions and units committed by this store object since it was opened. */
  stats(): Stats
}

/**
 * Opens, or creates with permission 0600, the SQLite database at `path` (a local file: WAL does not work over a network).
 * Several processes may open one file. Commits that wait at the same time share one transaction and one fsync.
 *
 * @throws StoreFault if no driver loads, the database is newer than this program, or SQLite would not be durable
 */
export async function openSqliteStore(options: SqliteOptions): Promise<SqliteStore> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: options, name: 'sqlite-store' })
  const [first] = (await once(worker, 'message')) as [FromWorker]
  if ('opened' in first && !first.opened) throw errorOf(first.failure)
  return new ThreadedStore(new WorkerCalls(worker))
}

class ThreadedStore implements SqliteStore {
  private readonly calls: WorkerCalls

  constructor(calls: WorkerCalls) {
    this.calls = calls
  }

  stats(): Stats {
    return this.calls.stats()
  }

  read(organization: string, keys: readonly RowKey[]): Promise<readonly (Row | null)[]> {
    return this.calls.call('read', [organization, keys], 'safe')
  }

  async find(organization: string, kind: string, query: Parameters<Store['find']>[2]): Promise<Found> {
    assertLimit(query.limit)
    return this.calls.call('find', [organization, kind, query], 'safe')
  }

  claimed(organization: string, claim: Claim): Promise<boolean> {
    return this.calls.call('claimed', [organization, claim], 'safe')
  }

  clock(organization: string): Promise<number> {
    return this.calls.call('clock', [organization], 'safe')
  }

  async commit(unit: Unit): Promise<CommitResult> {
    assertUnit(unit)
    return this.calls.call('commit', [withOwnBytes(unit)], 'in_doubt')
  }

  async lease(organization: string, holder: string, now: number, ttl: number): Promise<Lease | null> {
    assertWhole(now)
    assertWhole(ttl)
    return this.calls.call('lease', [organization, holder, now, ttl], 'in_doubt')
  }

  async outbox(organization: string, limit: number): Promise<readonly OutboxEntry[]> {
    assertLimit(limit)
    return this.calls.call('outbox', [organization, limit], 'safe')
  }

  async publish(update: Parameters<LogStore['publish']>[0]): Promise<boolean> {
    assertPublication(update)
    return this.calls.call('publish', [update], 'in_doubt')
  }

  state(organization: string): Promise<LogState | null> {
    return this.calls.call('state', [organization], 'safe')
  }

  async entries(organization: string, from: number, to: number): Promise<readonly Uint8Array[]> {
    assertWhole(from)
    assertWhole(to)
    return this.calls.call('entries', [organization, from, to], 'safe')
  }

  indexOf(organization: string, entryId: string): Promise<number | null | undefined> {
    return this.calls.call('indexOf', [organization, entryId], 'safe')
  }

  close(): Promise<void> {
    return this.calls.close()
  }
}

// A view crosses to the worker with its whole buffer, which for pooled buffers holds other people's bytes.
function withOwnBytes(unit: Unit): Unit {
  if (unit.append === undefined) return unit
  return { ...unit, append: unit.append.map(({ entryId, entry }) => ({ entryId, entry: new Uint8Array(entry) })) }
}
