import type { Files } from './files.js'

/**
 * Replaces a file so that after a crash either the old or the new contents stand, whole; durable when it resolves.
 *
 * @param fresh - where the new contents stand first; processes that may replace one file at the same time need a name each
 */
export async function replaceFile(files: Files, path: string, bytes: Uint8Array, fresh = `${path}.new`): Promise<void> {
  await files.write(fresh, bytes)
  await files.sync(fresh)
  // Dying here leaves a stray file beside the old one; the next replace under the same name overwrites it.
  await files.rename(fresh, path)
  await files.syncFolder(folderOf(path))
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}
