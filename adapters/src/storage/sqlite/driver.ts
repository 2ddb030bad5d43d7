import { StoreFault } from '@countersign/engine/ports/store'

export type DriverName = 'node:sqlite' | 'better-sqlite3'
export type Value = string | number | Uint8Array | null

/** The part of a SQLite binding that the store uses; both bindings have it under the same names. Synchronous. */
export interface Statement {
  run(...values: readonly Value[]): unknown
  get(...values: readonly Value[]): unknown
  all(...values: readonly Value[]): readonly unknown[]
}

interface Binding {
  prepare(sql: string): Statement
  exec(sql: string): unknown
  close(): unknown
}

/** One connection; statements are prepared once and kept. `T` is the shape of a line, as the SQL names its columns. */
export class Connection {
  readonly driver: DriverName
  private readonly binding: Binding
  private readonly prepared = new Map<string, Statement>()

  constructor(driver: DriverName, binding: Binding) {
    this.driver = driver
    this.binding = binding
  }

  run(sql: string, ...values: readonly Value[]): void {
    this.statement(sql).run(...values)
  }

  get<T>(sql: string, ...values: readonly Value[]): T | undefined {
    return this.statement(sql).get(...values) as T | undefined
  }

  all<T>(sql: string, ...values: readonly Value[]): readonly T[] {
    return this.statement(sql).all(...values) as readonly T[]
  }

  exec(sql: string): void {
    this.binding.exec(sql)
  }

  close(): void {
    this.prepared.clear()
    this.binding.close()
  }

  private statement(sql: string): Statement {
    const known = this.prepared.get(sql) ?? this.binding.prepare(sql)
    this.prepared.set(sql, known)
    return known
  }
}

/**
 * Opens `path` with the driver asked for; without one with Node's own (Node >= 22.13) or else better-sqlite3, which is an
 * optional dependency because it needs a compiler or a download. No PRAGMA is set here.
 */
export async function connect(path: string, driver?: DriverName): Promise<Connection> {
  if (driver === 'node:sqlite') return throughNode(path)
  if (driver === 'better-sqlite3') return throughBetterSqlite3(path)
  return hasNodeSqlite() ? throughNode(path) : throughBetterSqlite3(path)
}

/** Whether this Node brings SQLite along, without a flag. */
export function hasNodeSqlite(): boolean {
  return process.getBuiltinModule('node:sqlite') !== undefined
}

function throughNode(path: string): Connection {
  const sqlite = process.getBuiltinModule('node:sqlite') as { DatabaseSync: new (path: string) => Binding } | undefined
  if (sqlite === undefined) throw noDriver()
  return new Connection('node:sqlite', new sqlite.DatabaseSync(path))
}

async function throughBetterSqlite3(path: string): Promise<Connection> {
  try {
    const { default: Database } = await import('better-sqlite3')
    // Its compiled half is loaded only here, in the constructor.
    new Database(':memory:').close()
    return new Connection('better-sqlite3', new Database(path) as unknown as Binding)
  } catch (cause) {
    if ((cause as { code?: unknown }).code?.toString().startsWith('SQLITE_')) throw cause
    throw noDriver(cause)
  }
}

function noDriver(cause?: unknown): StoreFault {
  return new StoreFault(
    'no SQLite driver: run Node 22.13 or newer, which has node:sqlite, or install the optional dependency better-sqlite3 ' +
      '(it needs a prebuilt binary or a compiler) for this Node',
    'safe',
    { cause },
  )
}
