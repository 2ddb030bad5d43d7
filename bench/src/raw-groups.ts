import type { Connection } from '@countersign/adapters/storage/sqlite/driver'
import { openConnection } from '@countersign/adapters/storage/sqlite/open-connection'
import type { Row, Unit } from '@countersign/engine/ports/store'

/** Units in one transaction: what 32 callers can have queued. */
export const groupSize = 32
/** Attempts that the bare loop goes over; each update finds a row that is not the last one written. */
const standing = 2048

/**
 * The limit of the disk: a bare loop on the store's own driver, schema and durability (WAL, synchronous=FULL), one transaction
 * for each 32 units, each unit writing the lines of `sample` under names of its own: unit id, rows with their terms, claims,
 * clock, outbox entry. Nothing is checked, read, copied to a thread or published.
 *
 * @param before - the rows of `sample` that it changes, as they stood
 */
export async function openRawGroups(path: string, sample: Unit, before: readonly Row[]) {
  const db = await openConnection({ path })
  const organization = sample.organization
  inTransaction(db, () => {
    for (let n = 0; n < standing; n += 1)
      for (const { kind, id, body } of before)
        db.run('INSERT INTO rows VALUES (?, ?, ?, 1, ?)', organization, kind, named(id, n), body)
  })
  let next = 0
  return {
    /** Microseconds for one unit, over `units` of them. */
    window(units: number): number {
      const start = performance.now()
      for (let done = 0; done < units; done += groupSize)
        inTransaction(db, () => {
          for (let i = 0; i < groupSize; i += 1) writeUnit(db, sample, next++)
        })
      return ((performance.now() - start) * 1000) / units
    },
    close: () => db.close(),
  }
}

export function inTransaction(db: Connection, work: () => void): void {
  db.run('BEGIN IMMEDIATE')
  work()
  db.run('COMMIT')
}

function writeUnit(db: Connection, unit: Unit, n: number): void {
  const { organization } = unit
  db.run('INSERT INTO units VALUES (?, ?, NULL)', organization, named(unit.unitId, n))
  for (const { kind, id: sampled, expected, body, terms = [] } of unit.put ?? []) {
    const id = named(sampled, expected === 0 ? n : n % standing)
    const update = 'UPDATE rows SET version = version + 1, body = ? WHERE organization = ? AND kind = ? AND id = ?'
    if (expected === 0) db.run('INSERT INTO rows VALUES (?, ?, ?, 1, ?)', organization, kind, id, body)
    else db.run(update, body, organization, kind, id)
    db.run('DELETE FROM row_terms WHERE organization = ? AND kind = ? AND id = ?', organization, kind, id)
    for (const term of terms)
      db.run('INSERT INTO row_terms VALUES (?, ?, ?, ?)', organization, kind, named(term, n), id)
  }
  for (const { kind, value } of unit.claims ?? [])
    db.run('INSERT INTO claims VALUES (?, ?, ?)', organization, kind, named(value, n))
  if (unit.clock !== undefined) db.run('INSERT OR REPLACE INTO clocks VALUES (?, ?)', organization, unit.clock)
  for (const { entryId, entry } of unit.append ?? []) insertEntry(db, organization, named(entryId, n), entry)
}

export function insertEntry(db: Connection, organization: string, entryId: string, entry: Uint8Array): void {
  db.run('INSERT INTO log_entries (organization, entry_id, entry) VALUES (?, ?, ?)', organization, entryId, entry)
}

/** A name as long as the sampled one. */
export function named(sampled: string, n: number): string {
  return sampled.slice(0, -8) + String(n).padStart(8, '0')
}
