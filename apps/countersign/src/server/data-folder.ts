import { randomUUID } from 'node:crypto'
import { mkdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { folderFiles } from '@countersign/adapters/storage/files'
import { openSqliteStore, type SqliteStore } from '@countersign/adapters/storage/sqlite/store'
import { type Anchor, fileAnchor } from '@countersign/engine/log/anchor'
import { replaceFile } from '@countersign/engine/ports/durable-file'
import type { Files } from '@countersign/engine/ports/files'
import { equalBytes } from '@countersign/pure/core/bytes'
import { Stop } from '../cli/exit.js'
import { placesIn } from './data-places.js'
import { type OpenLogKey, openLogKey } from './log-key.js'

/** What a server keeps: the database, the log key, the export of the log, and the anchor, which may stand elsewhere. */
export interface DataFolder {
  readonly store: SqliteStore
  readonly logKey: OpenLogKey
  readonly tiles: Files
  readonly anchor: Anchor
  readonly anchorStands: 'same_device' | 'separate'
}

export interface DataFolderOptions {
  readonly folder: string
  /** A file; `anchor` in the folder if absent. */
  readonly anchor?: string
  readonly origin: string
  /** The pins of the organization, of which a copy is kept here. */
  readonly organizationFile: Uint8Array
  /** The last segment of the organization's id. */
  readonly segment: string
  readonly logKeyPassphrase: string | null
}

/** The database of a data folder, for commands that need nothing else. @throws Stop if there is none; StoreFault */
export async function openDatabase(folder: string): Promise<SqliteStore> {
  const path = placesIn(folder).database
  if (!(await exists(path))) throw new Stop(`${folder} is not the data folder of a server: it has no ${basename(path)}`)
  return openSqliteStore({ path })
}

/** Opens a data folder, making it at the first start (0700, files 0600). @throws Stop, Refusal, StoreFault */
export async function openDataFolder(options: DataFolderOptions): Promise<DataFolder> {
  const folder = resolve(options.folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { database, organization, log, anchor } = placesIn(folder)
  // A new key beside an old database would sign another log under the same name.
  if ((await exists(database)) && !(await exists(join(folder, 'log.key'))))
    throw new Stop(`the log key ${join(folder, 'log.key')} is missing, but the database is there: restore it`)
  const logKey = await openLogKey(folder, options.origin, options.segment, options.logKeyPassphrase)
  const store = await openSqliteStore({ path: database })
  try {
    await keepPins(folder, basename(organization), options.organizationFile)
    const anchorPath = resolve(options.anchor ?? anchor)
    const anchorFolder = dirname(anchorPath)
    return {
      store,
      logKey,
      tiles: folderFiles(log),
      anchor: fileAnchor(folderFiles(anchorFolder), basename(anchorPath)),
      anchorStands: (await deviceOf(anchorFolder)) === (await deviceOf(folder)) ? 'same_device' : 'separate',
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** A copy of the organization's pins, for commands. Several servers may start at once on one folder. */
async function keepPins(folder: string, name: string, pins: Uint8Array): Promise<void> {
  const files = folderFiles(folder)
  const kept = await files.read(name)
  if (kept !== null && equalBytes(kept, pins)) return
  // Dying in there: the copy of the start before stands, whole, perhaps a stray file beside it; every start compares its own.
  await replaceFile(files, name, pins, `${name}.${randomUUID()}`)
}

async function deviceOf(path: string): Promise<number> {
  return (await stat(path)).dev
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
