import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderFiles } from '@countersign/adapters/storage/files'
import { openSqliteStore, type SqliteStore } from '@countersign/adapters/storage/sqlite/store'
import { fileAnchor } from '@countersign/engine/log/anchor'
import { createLog, type Log } from '@countersign/engine/log/log'
import type { Files } from '@countersign/engine/ports/files'
import type { Signer } from '@countersign/engine/ports/signer'
import { formatVerifierKey } from '@countersign/pure/core/note'

/** A log as a server runs it: SQLite with fsync in a file, tiles and anchor in folders, everything in a temporary one. */
export interface RealLog {
  readonly folder: string
  readonly store: SqliteStore
  readonly log: Log
  readonly vkey: string
  counts(): Counts
  /** Ends the log, closes the store and removes the folder. */
  stop(): Promise<void>
}

/** Since the log was opened. */
export interface Counts {
  /** Transactions that wrote, the sequencer's among them: an fsync each. */
  readonly commits: number
  /** Checkpoints signed and anchored: one fsync of the anchor's file each. */
  readonly publishes: number
  readonly tileFsyncs: number
}

export const logKeyId = 'ep:log:acme#1'

export async function openRealLog(organization: string, origin: string, clock: () => number): Promise<RealLog> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'))
  const store = await openSqliteStore({ path: join(folder, 'countersign.db') })
  const tiles = counted(folderFiles(join(folder, 'tiles')))
  const anchor = counted(folderFiles(join(folder, 'anchor')))
  const { signer, vkey } = newLogKey(origin)
  const log = createLog({
    organization,
    origin,
    keys: [{ logKeyId, vkey }],
    signer,
    store,
    tiles: tiles.files,
    anchor: fileAnchor(anchor.files, 'anchor.jsonl'),
    holder: 'bench',
    clock,
    schedule: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds)
      return () => clearTimeout(timer)
    },
    onFault: (fault) => {
      throw fault
    },
  })
  await log.start()
  return {
    folder,
    store,
    log,
    vkey,
    counts: () => ({ commits: store.stats().commits, publishes: anchor.syncs(), tileFsyncs: tiles.syncs() }),
    stop: async () => {
      await log.stop()
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export function since(before: Counts, after: Counts): Counts {
  return {
    commits: after.commits - before.commits,
    publishes: after.publishes - before.publishes,
    tileFsyncs: after.tileFsyncs - before.tileFsyncs,
  }
}

function newLogKey(origin: string): { signer: Signer; vkey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  const signer: Signer = {
    algorithm: 'Ed25519',
    publicKey: spki,
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
  }
  return { signer, vkey: formatVerifierKey(origin, spki.subarray(12), 0x01) }
}

/** The same files, with a count of the fsyncs of contents. */
function counted(files: Files): { files: Files; syncs: () => number } {
  let syncs = 0
  const sync = (path: string) => {
    syncs += 1
    return files.sync(path)
  }
  return {
    files: new Proxy(files, {
      get: (target, name) => {
        if (name === 'sync') return sync
        return (target[name as keyof Files] as (...args: unknown[]) => unknown).bind(target)
      },
    }),
    syncs: () => syncs,
  }
}
