/**
 * Files as a crash sees them: nothing is durable before `sync` (contents) and `syncFolder` (names) have resolved. Kept this low so that
 * a test port can drop unsynced writes and replay every prefix. Paths are relative, `/`-separated, inside one root.
 */
export interface Files {
  /** Null if there is no such file. */
  read(path: string): Promise<Uint8Array | null>
  /** Creates or overwrites; not durable. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** Makes a file, contents and all at once, unless the name is taken: of several processes one gets true; not durable. */
  create(path: string, bytes: Uint8Array): Promise<boolean>
  /** Appends, creating the file if need be; not durable. */
  append(path: string, bytes: Uint8Array): Promise<void>
  truncate(path: string, length: number): Promise<void>
  /** Makes the contents of a file durable. */
  sync(path: string): Promise<void>
  /** Replaces `to`; the name is durable after `syncFolder`. */
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes names in a folder durable ('' is the root). */
  syncFolder(path: string): Promise<void>
  makeFolder(path: string): Promise<void>
  /** Names in a folder, folders with a trailing `/`, sorted; empty if there is no such folder. */
  list(path: string): Promise<readonly string[]>
}
