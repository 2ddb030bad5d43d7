import type { Lease, LogStore } from '@countersign/engine/ports/store'
import type { Connection } from './driver.js'

interface LeaseLine {
  readonly holder: string
  readonly epoch: number
  readonly expires_at: number
}

/** Takes or renews the lease in the open transaction; null: somebody else holds it. */
export function takeLease(
  db: Connection,
  organization: string,
  holder: string,
  now: number,
  ttl: number,
): Lease | null {
  const held = leaseOf(db, organization)
  if (held !== undefined && held.holder !== holder && held.expires_at > now) return null
  const epoch = held === undefined ? 1 : held.holder === holder ? held.epoch : held.epoch + 1
  db.run('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)', organization, holder, epoch, now + ttl)
  return { epoch, expiresAt: now + ttl }
}

/** Assigns indices and persists the state in the open transaction; false: fenced by a newer epoch, or overtaken. */
export function publish(db: Connection, update: Parameters<LogStore['publish']>[0]): boolean {
  const { organization, entryIds, fromSize, state } = update
  if (leaseOf(db, organization)?.epoch !== update.epoch || sizeOf(db, organization) !== fromSize) return false
  if (!entryIds.every((entryId) => waits(db, organization, entryId))) {
    throw new Error('publish: an entry does not wait in the outbox')
  }
  // Dying before COMMIT leaves every entry in the outbox and the old state: the next leader publishes them again.
  entryIds.forEach((entryId, offset) => {
    const sql = 'UPDATE log_entries SET idx = ? WHERE organization = ? AND entry_id = ?'
    db.run(sql, fromSize + offset, organization, entryId)
  })
  const sql = 'INSERT OR REPLACE INTO log_states VALUES (?, ?, ?, ?)'
  db.run(sql, organization, state.treeSize, state.checkpoint, state.derived)
  return true
}

function leaseOf(db: Connection, organization: string): LeaseLine | undefined {
  return db.get<LeaseLine>('SELECT holder, epoch, expires_at FROM leases WHERE organization = ?', organization)
}

function sizeOf(db: Connection, organization: string): number {
  const sql = 'SELECT tree_size FROM log_states WHERE organization = ?'
  return db.get<{ tree_size: number }>(sql, organization)?.tree_size ?? 0
}

function waits(db: Connection, organization: string, entryId: string): boolean {
  const sql = 'SELECT 1 FROM log_entries WHERE organization = ? AND entry_id = ? AND idx IS NULL'
  return db.get(sql, organization, entryId) !== undefined
}
