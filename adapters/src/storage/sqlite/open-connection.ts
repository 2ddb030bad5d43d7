import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { StoreFault } from '@countersign/engine/ports/store'
import { type Connection, connect, type DriverName } from './driver.js'
import { isBusy } from './faults.js'
import { migrate } from './migrations.js'

export interface SqliteOptions {
  readonly path: string
  /** Without it: node:sqlite where Node has it, else better-sqlite3. */
  readonly driver?: DriverName
  /** How long a writer waits for another process, milliseconds; 5000 if absent. */
  readonly busyTimeoutMs?: number
}

/** A connection that keeps what it acknowledges: WAL, synchronous=FULL, both read back; the schema migrated. */
export async function openConnection({ path, driver, busyTimeoutMs = 5000 }: SqliteOptions): Promise<Connection> {
  // A resolved path is a file's even if it reads ':memory:' or 'file:...', which SQLite would take otherwise.
  const file = resolve(path)
  createPrivately(file)
  const db = await connect(file, driver)
  try {
    db.exec(`PRAGMA busy_timeout = ${Math.trunc(busyTimeoutMs)}`)
    enterWal(db, busyTimeoutMs)
    setDurability(db)
    migrate(db)
    return db
  } catch (cause) {
    db.close()
    throw cause
  }
}

// SQLite gives its -wal and -shm files the permissions of the database, so the file is made 0600 before SQLite sees it.
function createPrivately(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** Entering WAL takes an exclusive lock, and SQLite does not call its busy handler there: several starting processes wait here. */
function enterWal(db: Connection, busyTimeoutMs: number): void {
  const deadline = Date.now() + busyTimeoutMs
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL')
      return
    } catch (cause) {
      if (!isBusy(cause) || Date.now() >= deadline) throw cause
      pause(10)
    }
  }
}

/**
 * In WAL, synchronous=NORMAL loses the last commits with the power, and better-sqlite3 is compiled with that default: so it is
 * set on each connection and believed only when read back. fullfsync is macOS's real fsync, unknown elsewhere.
 */
export function setDurability(db: Connection): void {
  db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON')
  const found = durability(db)
  if (found.journalMode !== 'wal' || found.synchronous !== 2) {
    throw new StoreFault(
      `SQLite is not durable here: journal_mode=${found.journalMode}, synchronous=${found.synchronous}`,
      'safe',
    )
  }
}

/** What the connection says about itself; synchronous 2 is FULL. */
export function durability(db: Connection): { readonly journalMode: string; readonly synchronous: number } {
  return {
    journalMode: db.get<{ journal_mode: string }>('PRAGMA journal_mode')!.journal_mode,
    synchronous: db.get<{ synchronous: number }>('PRAGMA synchronous')!.synchronous,
  }
}

/** Blocks this thread, which is the store's own worker. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
