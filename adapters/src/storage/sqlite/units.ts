import type { CommitResult, Conflict, Unit } from '@countersign/engine/ports/store'
import type { Connection } from './driver.js'

/** Checks a unit against the open transaction, earlier units of the group included, and writes it only if nothing conflicts. */
export function applyUnit(db: Connection, unit: Unit): CommitResult {
  const first = db.get<{ answer: string | null }>(
    'SELECT answer FROM units WHERE organization = ? AND unit_id = ?',
    unit.organization,
    unit.unitId,
  )
  if (first !== undefined) return { status: 'committed', answer: first.answer ?? undefined, repeated: true }
  const conflict =
    rowConflict(db, unit) ?? claimConflict(db, unit) ?? counterConflict(db, unit) ?? entryConflict(db, unit)
  if (conflict !== undefined) return { status: 'conflict', conflict }
  writeUnit(db, unit)
  return { status: 'committed', answer: unit.answer, repeated: false }
}

function rowConflict(db: Connection, unit: Unit): Conflict | undefined {
  for (const { kind, id, version } of unit.expect ?? []) {
    const found = versionOf(db, unit.organization, kind, id)
    if (found !== version) return { on: 'row', kind, id, found }
  }
  for (const { kind, id, expected } of unit.put ?? []) {
    const found = versionOf(db, unit.organization, kind, id)
    if (found !== expected) return { on: 'row', kind, id, found }
  }
  return undefined
}

function versionOf(db: Connection, organization: string, kind: string, id: string): number {
  const sql = 'SELECT version FROM rows WHERE organization = ? AND kind = ? AND id = ?'
  return db.get<{ version: number }>(sql, organization, kind, id)?.version ?? 0
}

function claimConflict(db: Connection, unit: Unit): Conflict | undefined {
  const claim = unit.claims?.find(({ kind, value }) => isClaimed(db, unit.organization, kind, value))
  return claim && { on: 'claim', kind: claim.kind, value: claim.value }
}

/** Whether a value stands claimed. */
export function isClaimed(db: Connection, organization: string, kind: string, value: string): boolean {
  const sql = 'SELECT 1 FROM claims WHERE organization = ? AND kind = ? AND value = ?'
  return db.get(sql, organization, kind, value) !== undefined
}

function counterConflict(db: Connection, unit: Unit): Conflict | undefined {
  for (const { counter, to } of unit.raise ?? []) {
    const sql = 'SELECT value FROM counters WHERE organization = ? AND counter = ?'
    const found = db.get<{ value: number }>(sql, unit.organization, counter)?.value
    if (found !== undefined && to <= found) return { on: 'counter', counter, found }
  }
  return undefined
}

function entryConflict(db: Connection, unit: Unit): Conflict | undefined {
  const sql = 'SELECT 1 FROM log_entries WHERE organization = ? AND entry_id = ?'
  const entry = unit.append?.find(({ entryId }) => db.get(sql, unit.organization, entryId) !== undefined)
  return entry && { on: 'entry', entryId: entry.entryId }
}

// Dying anywhere in here, or before the group's COMMIT, leaves nothing of the unit: nobody was told yet.
function writeUnit(db: Connection, unit: Unit): void {
  const { organization } = unit
  db.run('INSERT INTO units VALUES (?, ?, ?)', organization, unit.unitId, unit.answer ?? null)
  for (const { kind, id, expected, body, terms } of unit.put ?? []) {
    if (expected === 0) db.run('INSERT INTO rows VALUES (?, ?, ?, 1, ?)', organization, kind, id, body)
    else updateRow(db, organization, kind, id, body)
    if (terms !== undefined) replaceTerms(db, organization, kind, id, terms)
  }
  for (const { kind, value } of unit.claims ?? []) {
    db.run('INSERT INTO claims VALUES (?, ?, ?)', organization, kind, value)
  }
  for (const { counter, to } of unit.raise ?? []) {
    db.run('INSERT OR REPLACE INTO counters VALUES (?, ?, ?)', organization, counter, to)
  }
  if (unit.clock !== undefined) raiseClock(db, organization, unit.clock)
  for (const { entryId, entry } of unit.append ?? []) {
    db.run('INSERT INTO log_entries (organization, entry_id, entry) VALUES (?, ?, ?)', organization, entryId, entry)
  }
}

function updateRow(db: Connection, organization: string, kind: string, id: string, body: string): void {
  const sql = 'UPDATE rows SET version = version + 1, body = ? WHERE organization = ? AND kind = ? AND id = ?'
  db.run(sql, body, organization, kind, id)
}

function replaceTerms(db: Connection, organization: string, kind: string, id: string, terms: readonly string[]): void {
  db.run('DELETE FROM row_terms WHERE organization = ? AND kind = ? AND id = ?', organization, kind, id)
  for (const term of new Set(terms)) db.run('INSERT INTO row_terms VALUES (?, ?, ?, ?)', organization, kind, term, id)
}

function raiseClock(db: Connection, organization: string, at: number): void {
  const sql = 'INSERT INTO clocks VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at > at'
  db.run(sql, organization, at)
}
