import { createHash } from 'node:crypto'
import { StoreFault } from '@countersign/engine/ports/store'
import type { Connection } from './driver.js'

export interface Migration {
  readonly name: string
  readonly sql: string
}

/**
 * Numbered from 1 in this order. A published migration never changes: its checksum stands in every database that ran it.
 * Keys begin with the organization; tables of long lines keep a rowid, so that their key's tree stays narrow.
 */
export const migrations: readonly Migration[] = [
  {
    name: 'first',
    sql: `
      CREATE TABLE units (
        organization TEXT NOT NULL, unit_id TEXT NOT NULL, answer TEXT,
        PRIMARY KEY (organization, unit_id)
      );
      CREATE TABLE rows (
        organization TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (organization, kind, id)
      );
      CREATE TABLE row_terms (
        organization TEXT NOT NULL, kind TEXT NOT NULL, term TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (organization, kind, term, id)
      ) WITHOUT ROWID;
      CREATE INDEX row_terms_of_row ON row_terms (organization, kind, id);
      CREATE TABLE claims (
        organization TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (organization, kind, value)
      ) WITHOUT ROWID;
      CREATE TABLE counters (
        organization TEXT NOT NULL, counter TEXT NOT NULL, value INTEGER NOT NULL,
        PRIMARY KEY (organization, counter)
      ) WITHOUT ROWID;
      CREATE TABLE clocks (organization TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE log_entries (
        seq INTEGER PRIMARY KEY,
        organization TEXT NOT NULL, entry_id TEXT NOT NULL, idx INTEGER, entry BLOB NOT NULL,
        UNIQUE (organization, entry_id), UNIQUE (organization, idx)
      );
      CREATE INDEX log_entries_waiting ON log_entries (organization, seq) WHERE idx IS NULL;
      CREATE TABLE log_states (
        organization TEXT NOT NULL PRIMARY KEY, tree_size INTEGER NOT NULL, checkpoint TEXT NOT NULL, derived TEXT NOT NULL
      );
      CREATE TABLE leases (
        organization TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL
      ) WITHOUT ROWID;`,
  },
]

/**
 * Brings a database to this program's schema. Each migration is one transaction; several processes may start at once.
 * Refused: a database that a newer program has migrated, or whose history is not ours.
 */
export function migrate(db: Connection, known: readonly Migration[] = migrations): void {
  inTransaction(db, () => {
    db.exec(`CREATE TABLE IF NOT EXISTS migrations
      (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT`)
  })
  known.forEach((migration, index) => {
    // Dying between two migrations leaves a whole older schema: the next start goes on from there.
    inTransaction(db, () => {
      if (appliedCount(db, known) > index) return
      db.exec(migration.sql)
      db.run('INSERT INTO migrations VALUES (?, ?, ?)', index + 1, migration.name, checksum(migration))
    })
  })
}

/** How many of the known migrations the database has; throws if it has others. */
function appliedCount(db: Connection, known: readonly Migration[]): number {
  const applied = db.all<{ number: number; checksum: string }>(
    'SELECT number, checksum FROM migrations ORDER BY number',
  )
  if (applied.length > known.length) {
    throw new StoreFault(
      `the database is newer than this program: it has migration ${applied.length}, we know ${known.length}`,
      'safe',
    )
  }
  applied.forEach(({ number, checksum: found }, index) => {
    if (number !== index + 1 || found !== checksum(known[index]!)) {
      throw new StoreFault(`migration ${number} of the database is not the one of this program`, 'safe')
    }
  })
  return applied.length
}

function checksum({ name, sql }: Migration): string {
  return createHash('sha256').update(`${name}\n${sql}`).digest('hex')
}

function inTransaction(db: Connection, work: () => void): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    work()
    db.exec('COMMIT')
  } catch (cause) {
    db.exec('ROLLBACK')
    throw cause
  }
}
