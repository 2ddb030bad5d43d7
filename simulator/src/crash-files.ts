import type { Files } from '@countersign/engine/ports/files'
import { Disk, type FileNode, type NameChange, type Operation, type Snapshot } from './disk.js'

/**
 * Files in memory that can crash at every point of their past.
 *
 * What is modelled, the weakest that POSIX allows unless said otherwise. A crash may fall after each operation. Contents: octets
 * since the last `sync` of a file are lost, cut off, torn in the middle, zeros of the right length (delayed allocation), or
 * there; a `write` begins with a truncation, so an overwritten file may also be empty. Names: a name that was made, replaced or
 * removed since the last `syncFolder` of its folder is changed or not; syncing a file does not make its name durable, and a lost
 * folder takes its files along. What was synced never changes. A rename is atomic, and durable by syncing the new name's folder.
 *
 * Combinations: up to four unsynced names in every combination, more of them as prefixes, only-one and all-but-one; unsynced
 * files all alike, and each one complete while the others are lost and the other way round.
 *
 * Not modelled: reordering of octets inside one file, damage of synced octets, a disk that lies about sync, full disks.
 */
export interface CrashFiles extends Files {
  /** How many operations that change or sync something were done: note it at an acknowledgement, compare with `after`. */
  operations(): number
  crashes(): Iterable<Crash>
}

export interface Crash {
  /** The crash fell after this many operations. */
  readonly after: number
  /** For messages: which operation came last, what was done to contents and names. */
  readonly how: string
  /** The disk as found after the crash; it can crash again. */
  readonly files: CrashFiles
}

/** @param start - what stands on the disk, durably, at first */
export function crashFiles(start: Snapshot = new Map()): CrashFiles {
  return new RecordingFiles(start)
}

class RecordingFiles implements CrashFiles {
  private readonly start: Snapshot
  private readonly disk: Disk
  private readonly log: Operation[] = []

  constructor(start: Snapshot) {
    this.start = start
    this.disk = new Disk(start)
  }

  operations(): number {
    return this.log.length
  }

  *crashes(): Iterable<Crash> {
    const disk = new Disk(this.start)
    yield* crashesOf(disk, 0, 'nothing')
    for (const [index, operation] of this.log.entries()) {
      disk.apply(operation)
      yield* crashesOf(disk, index + 1, operation.does)
    }
  }

  async read(path: string): Promise<Uint8Array | null> {
    const node = this.disk.names.get(path)
    if (node === 'folder') throw new Error(`${path} is a folder`)
    return node?.bytes.slice() ?? null
  }

  async list(path: string): Promise<readonly string[]> {
    const prefix = path === '' ? '' : `${path}/`
    return [...this.disk.names]
      .filter(([name]) => name.startsWith(prefix) && !name.slice(prefix.length).includes('/'))
      .map(([name, node]) => name.slice(prefix.length) + (node === 'folder' ? '/' : ''))
      .sort()
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    return this.do({ does: 'write', path, bytes: bytes.slice() })
  }

  async create(path: string, bytes: Uint8Array): Promise<boolean> {
    if (this.disk.names.has(path)) return false
    await this.write(path, bytes)
    return true
  }

  append(path: string, bytes: Uint8Array): Promise<void> {
    return this.do({ does: 'append', path, bytes: bytes.slice() })
  }

  truncate(path: string, length: number): Promise<void> {
    return this.do({ does: 'truncate', path, length })
  }

  sync(path: string): Promise<void> {
    return this.do({ does: 'sync', path })
  }

  rename(from: string, to: string): Promise<void> {
    return this.do({ does: 'rename', from, to })
  }

  remove(path: string): Promise<void> {
    return this.do({ does: 'remove', path })
  }

  syncFolder(path: string): Promise<void> {
    return this.do({ does: 'syncFolder', path })
  }

  makeFolder(path: string): Promise<void> {
    return this.do({ does: 'makeFolder', path })
  }

  private async do(operation: Operation): Promise<void> {
    this.disk.apply(operation)
    this.log.push(operation)
  }
}

function* crashesOf(disk: Disk, after: number, last: string): Iterable<Crash> {
  const seen = new Set<string>()
  for (const names of nameOutcomes(disk.unsyncedNames())) {
    for (const { how, contentsOf } of contentOutcomes(disk.unsyncedFiles())) {
      const survivors = disk.survivors(names, contentsOf)
      const key = JSON.stringify([...survivors].map(([path, bytes]) => [path, bytes === 'folder' ? bytes : [...bytes]]))
      if (seen.has(key)) continue
      seen.add(key)
      const kept = `${names.length} of ${disk.unsyncedNames().length} unsynced names`
      yield { after, how: `after ${last}: ${how}, ${kept}`, files: crashFiles(survivors) }
    }
  }
}

interface ContentOutcome {
  readonly how: string
  readonly contentsOf: (file: FileNode) => Uint8Array
}

const lost: ContentOutcome = { how: 'unsynced octets lost', contentsOf: (file) => file.synced }
const complete: ContentOutcome = { how: 'unsynced octets there', contentsOf: (file) => file.bytes }
const cut: ContentOutcome = { how: 'unsynced octets cut off', contentsOf: (file) => file.bytes.slice(0, file.kept) }
const torn: ContentOutcome = {
  how: 'unsynced octets torn',
  contentsOf: ({ bytes, kept }) => bytes.slice(0, kept + Math.floor((bytes.length - kept) / 2)),
}
const zeroed: ContentOutcome = {
  how: 'unsynced octets zero',
  contentsOf: ({ bytes, kept }) => bytes.slice().fill(0, kept),
}

function* contentOutcomes(unsynced: readonly FileNode[]): Iterable<ContentOutcome> {
  if (unsynced.length === 0) return yield complete
  yield* [lost, cut, torn, zeroed, complete]
  if (unsynced.length === 1) return
  for (const one of unsynced) {
    yield { how: 'one file there', contentsOf: (file) => (file === one ? file.bytes : file.synced) }
    yield { how: 'one file lost', contentsOf: (file) => (file === one ? file.synced : file.bytes) }
  }
}

function* nameOutcomes(changes: readonly NameChange[]): Iterable<readonly NameChange[]> {
  if (changes.length <= 4) {
    for (let mask = 0; mask < 2 ** changes.length; mask++) yield changes.filter((_, at) => (mask >> at) % 2 === 1)
    return
  }
  for (let length = 0; length <= changes.length; length++) yield changes.slice(0, length)
  for (const one of changes) {
    yield [one]
    yield changes.filter((change) => change !== one)
  }
}
