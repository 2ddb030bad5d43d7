import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from '@countersign/adapters/storage/sqlite/driver'
import { openConnection } from '@countersign/adapters/storage/sqlite/open-connection'
import { encodeLogEntry } from '@countersign/pure/ep/log-entry'
import { bareSignature } from './bare-signatures.js'
import { inParallel } from './consume.js'
import { median, type Pair, type Ratio, ratioOf, rounded, window } from './measure.js'
import { groupSize, insertEntry, inTransaction } from './raw-groups.js'
import { type Counts, openRealLog, type RealLog, since } from './real-log.js'

const organization = 'ep:org:acme'
const perWindow = 1024
const windows = 7

/** Entries appended by 32 callers at once, each waiting until its own is anchored. */
export async function logBench(): Promise<Ratio[]> {
  const real = await openRealLog(organization, 'log.acme.example/1', Date.now)
  try {
    const raw = await openRawLog(real.folder)
    const sign = bareSignature()
    await appendAll(real)
    raw.window(perWindow)
    const measured: (Pair & { counts: Counts })[] = []
    for (let i = 0; i < windows; i += 1) {
      const limit = Math.max(raw.window(perWindow), window(sign, 50) / groupSize)
      measured.push({ limit, ...(await appendAll(real)) })
    }
    raw.close()
    return [ratio(measured)]
  } finally {
    await real.stop()
  }
}

function ratio(measured: readonly (Pair & { counts: Counts })[]): Ratio {
  const of = (pick: (one: Pair & { counts: Counts }) => number) => rounded(median(measured.map(pick)))
  return ratioOf(
    {
      name: `append and anchor, ${groupSize} callers, SQLite with fsync`,
      limit:
        `the slower of one Ed25519 signature for ${groupSize} entries, and for as many: a bare transaction with their lines, ` +
        'one with their indices and the state, and an fsync of a file',
      notes: {
        'entries/s': of(({ ours }) => 1e6 / ours),
        'entries for each publication': of(({ counts }) => perWindow / counts.publishes),
        'entries for each database commit': of(({ counts }) => perWindow / counts.commits),
        'entries for each fsync of a tile': of(({ counts }) => perWindow / counts.tileFsyncs),
      },
    },
    measured,
  )
}

let appended = 0

async function appendAll({ store, log, counts }: RealLog) {
  const before = counts()
  const start = performance.now()
  await inParallel(perWindow, async () => {
    const entryId = `receipt:${appended++}`
    await store.commit({ organization, unitId: entryId, append: [{ entryId, entry }] })
    log.kick()
    if ((await log.anchored(entryId, 20_000)) === null) throw new Error(`${entryId} was not anchored`)
  })
  return { ours: ((performance.now() - start) * 1000) / perWindow, counts: since(before, counts()) }
}

/** What the disk must do for a log, and nothing else; the tiles can be derived again and are not in it. */
async function openRawLog(folder: string) {
  const db = await openConnection({ path: join(folder, 'raw.db') })
  const anchor = openSync(join(folder, 'raw-anchor'), 'a')
  let size = 0
  return {
    window(entries: number): number {
      const start = performance.now()
      for (let done = 0; done < entries; done += groupSize, size += groupSize) {
        const names = Array.from({ length: groupSize }, (_, i) => `receipt:${size + i}`)
        inTransaction(db, () => append(db, names))
        inTransaction(db, () => publish(db, names, size))
        writeSync(anchor, record)
        fsyncSync(anchor)
      }
      return ((performance.now() - start) * 1000) / entries
    },
    close: () => {
      db.close()
      closeSync(anchor)
    },
  }
}

function append(db: Connection, names: readonly string[]): void {
  for (const name of names) {
    db.run('INSERT INTO units VALUES (?, ?, NULL)', organization, name)
    insertEntry(db, organization, name, entry)
  }
}

function publish(db: Connection, names: readonly string[], size: number): void {
  const sql = 'UPDATE log_entries SET idx = ? WHERE organization = ? AND entry_id = ?'
  names.forEach((name, i) => {
    db.run(sql, size + i, organization, name)
  })
  db.run('INSERT OR REPLACE INTO log_states VALUES (?, ?, ?, ?)', organization, size + names.length, record, record)
}

const noHash = `sha256:${'0'.repeat(64)}`
const entry = encodeLogEntry({
  type: 'ep.log.receipt.v1',
  organization,
  receipt_hash: noHash,
  nonce_hash: noHash,
  state: 'COMMITTED',
  committed_at: '2026-11-20T12:00:00Z',
  prev_receipt_hash: noHash,
})
/** As long as a line of the anchor. */
const record = 'x'.repeat(400)
