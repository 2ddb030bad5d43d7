import { folderOf } from '@countersign/engine/ports/durable-file'

/** One file: what a reader sees now, and what a crash cannot take away any more. */
export interface FileNode {
  bytes: Uint8Array
  synced: Uint8Array
  /** How many leading octets of `synced` no operation has touched since the last sync. */
  kept: number
}

export type Node = FileNode | 'folder'

/** A change of names: durable when `folder` is synced. A rename is one change, of the folder that holds the new name. */
export interface NameChange {
  readonly folder: string
  readonly set?: readonly [path: string, node: Node]
  readonly remove?: string
}

export type Operation =
  | { readonly does: 'write' | 'append'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly does: 'truncate'; readonly path: string; readonly length: number }
  | { readonly does: 'sync' | 'remove' | 'syncFolder' | 'makeFolder'; readonly path: string }
  | { readonly does: 'rename'; readonly from: string; readonly to: string }

/** Everything on a disk, by path. */
export type Snapshot = ReadonlyMap<string, Uint8Array | 'folder'>

/** A disk that keeps apart what is visible and what is durable. */
export class Disk {
  readonly names = new Map<string, Node>()
  private readonly durableNames = new Map<string, Node>()
  private pendingNames: NameChange[] = []

  constructor(start: Snapshot) {
    for (const [path, content] of start) {
      const node: Node = content === 'folder' ? content : { bytes: content, synced: content, kept: content.length }
      this.names.set(path, node)
      this.durableNames.set(path, node)
    }
  }

  /** Name changes that no `syncFolder` has made durable, oldest first. */
  unsyncedNames(): readonly NameChange[] {
    return this.pendingNames
  }

  /** Files with contents that no `sync` has made durable. */
  unsyncedFiles(): readonly FileNode[] {
    const changed = this.pendingNames.flatMap(({ set }) => (set === undefined ? [] : [set[1]]))
    const nodes = [...this.names.values(), ...this.durableNames.values(), ...changed]
    return [...new Set(nodes)].filter((node) => node !== 'folder').filter((node) => node.bytes !== node.synced)
  }

  /** What stands after a crash that kept only `changes` of the unsynced names; a file in a lost folder is lost. */
  survivors(changes: readonly NameChange[], contentsOf: (file: FileNode) => Uint8Array): Snapshot {
    const names = new Map(this.durableNames)
    for (const change of changes) applyNames(names, change)
    const reachable = [...names].filter(([path]) => hasFolders(names, path))
    return new Map(reachable.map(([path, node]) => [path, node === 'folder' ? node : contentsOf(node)]))
  }

  apply(operation: Operation): void {
    switch (operation.does) {
      case 'write':
        setContents(this.fileOrNew(operation.path), operation.bytes.slice(), 0)
        break
      case 'append':
        this.append(this.fileOrNew(operation.path), operation.bytes)
        break
      case 'truncate':
        this.truncate(this.file(operation.path), operation.length)
        break
      case 'sync':
        sync(this.file(operation.path))
        break
      case 'rename':
        this.rename(operation.from, operation.to)
        break
      case 'remove':
        this.remove(operation.path)
        break
      case 'makeFolder':
        this.makeFolder(operation.path)
        break
      case 'syncFolder':
        this.syncFolder(operation.path)
        break
    }
  }

  private append(file: FileNode, bytes: Uint8Array): void {
    setContents(file, joined(file.bytes, bytes), file.kept)
  }

  private truncate(file: FileNode, length: number): void {
    const grown = joined(file.bytes, new Uint8Array(Math.max(0, length - file.bytes.length)))
    setContents(file, grown.slice(0, length), Math.min(file.kept, length))
  }

  private rename(from: string, to: string): void {
    this.requireFolder(folderOf(to))
    this.changeNames({ folder: folderOf(to), set: [to, this.file(from)], remove: from })
  }

  private remove(path: string): void {
    if (!this.names.has(path)) return
    this.file(path)
    this.changeNames({ folder: folderOf(path), remove: path })
  }

  private makeFolder(path: string): void {
    if (path === '' || this.names.get(path) === 'folder') return
    if (this.names.has(path)) throw new Error(`${path} is a file`)
    this.makeFolder(folderOf(path))
    this.changeNames({ folder: folderOf(path), set: [path, 'folder'] })
  }

  private syncFolder(path: string): void {
    this.requireFolder(path)
    for (const change of this.pendingNames.filter(({ folder }) => folder === path))
      applyNames(this.durableNames, change)
    this.pendingNames = this.pendingNames.filter(({ folder }) => folder !== path)
  }

  private changeNames(change: NameChange): void {
    applyNames(this.names, change)
    this.pendingNames = [...this.pendingNames, change]
  }

  private file(path: string): FileNode {
    const node = this.names.get(path)
    if (node === undefined || node === 'folder') throw new Error(`no such file: ${path}`)
    return node
  }

  private fileOrNew(path: string): FileNode {
    if (this.names.has(path)) return this.file(path)
    this.requireFolder(folderOf(path))
    const nothing = new Uint8Array(0)
    const node: FileNode = { bytes: nothing, synced: nothing, kept: 0 }
    this.changeNames({ folder: folderOf(path), set: [path, node] })
    return node
  }

  private requireFolder(path: string): void {
    if (path !== '' && this.names.get(path) !== 'folder') throw new Error(`no such folder: ${path}`)
  }
}

function sync(file: FileNode): void {
  file.synced = file.bytes
  file.kept = file.bytes.length
}

function setContents(file: FileNode, bytes: Uint8Array, kept: number): void {
  file.bytes = bytes
  file.kept = kept
}

function applyNames(names: Map<string, Node>, { set, remove }: NameChange): void {
  if (remove !== undefined) names.delete(remove)
  if (set !== undefined) names.set(set[0], set[1])
}

function hasFolders(names: ReadonlyMap<string, Node>, path: string): boolean {
  const folder = folderOf(path)
  return folder === '' || (names.get(folder) === 'folder' && hasFolders(names, folder))
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
