import type { Found, LogState, OutboxEntry, Row, RowKey } from '@countersign/engine/ports/store'
import type { Connection } from './driver.js'
import { isClaimed } from './units.js'

/** The reads of the port. They run between groups, so they see what is committed; arguments are checked by the caller. */
export const reads = {
  read(db: Connection, organization: string, keys: readonly RowKey[]): readonly (Row | null)[] {
    const sql = 'SELECT kind, id, version, body FROM rows WHERE organization = ? AND kind = ? AND id = ?'
    return atOneMoment(db, keys.length, () =>
      keys.map(({ kind, id }) => asRow(db.get<Row>(sql, organization, kind, id))),
    )
  },

  find(
    db: Connection,
    organization: string,
    kind: string,
    { term, after = '', limit }: { readonly term?: string; readonly after?: string; readonly limit: number },
  ): Found {
    const found =
      term === undefined
        ? db.all<Row>(findAll, organization, kind, after, limit + 1)
        : db.all<Row>(findByTerm, organization, kind, term, after, limit + 1)
    const rows = found.slice(0, limit).map((row) => asRow(row)!)
    return found.length > limit ? { rows, next: rows.at(-1)!.id } : { rows }
  },

  claimed(
    db: Connection,
    organization: string,
    { kind, value }: { readonly kind: string; readonly value: string },
  ): boolean {
    return isClaimed(db, organization, kind, value)
  },

  clock(db: Connection, organization: string): number {
    return db.get<{ at: number }>('SELECT at FROM clocks WHERE organization = ?', organization)?.at ?? 0
  },

  outbox(db: Connection, organization: string, limit: number): readonly OutboxEntry[] {
    const sql = 'SELECT entry_id, entry FROM log_entries WHERE organization = ? AND idx IS NULL ORDER BY seq LIMIT ?'
    const waiting = db.all<{ entry_id: string; entry: Uint8Array }>(sql, organization, limit)
    return waiting.map(({ entry_id, entry }) => ({ entryId: entry_id, entry: new Uint8Array(entry) }))
  },

  state(db: Connection, organization: string): LogState | null {
    const sql = 'SELECT tree_size, checkpoint, derived FROM log_states WHERE organization = ?'
    const found = db.get<{ tree_size: number; checkpoint: string; derived: string }>(sql, organization)
    if (found === undefined) return null
    return { treeSize: found.tree_size, checkpoint: found.checkpoint, derived: found.derived }
  },

  entries(db: Connection, organization: string, from: number, to: number): readonly Uint8Array[] {
    const sql = 'SELECT entry FROM log_entries WHERE organization = ? AND idx >= ? AND idx < ? ORDER BY idx'
    return db.all<{ entry: Uint8Array }>(sql, organization, from, to).map(({ entry }) => new Uint8Array(entry))
  },

  indexOf(db: Connection, organization: string, entryId: string): number | null | undefined {
    const sql = 'SELECT idx FROM log_entries WHERE organization = ? AND entry_id = ?'
    return db.get<{ idx: number | null }>(sql, organization, entryId)?.idx
  },
} as const

const findAll = `SELECT kind, id, version, body FROM rows
  WHERE organization = ? AND kind = ? AND id > ? ORDER BY id LIMIT ?`

const findByTerm = `SELECT r.kind, r.id, r.version, r.body
  FROM row_terms t JOIN rows r ON r.organization = t.organization AND r.kind = t.kind AND r.id = t.id
  WHERE t.organization = ? AND t.kind = ? AND t.term = ? AND t.id > ? ORDER BY t.id LIMIT ?`

/** Several statements see several moments when another process commits between them, unless a transaction holds the first. */
function atOneMoment<T>(db: Connection, statements: number, work: () => T): T {
  if (statements < 2) return work()
  db.run('BEGIN')
  try {
    return work()
  } finally {
    db.run('COMMIT')
  }
}

function asRow(row: Row | undefined): Row | null {
  return row === undefined ? null : { kind: row.kind, id: row.id, version: row.version, body: row.body }
}
