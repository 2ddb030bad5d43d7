import { open } from 'node:fs/promises'
import { Stop } from './exit.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'

// Far above every artifact; the parsers have bounds of their own.
const maxInput = 16 * 1024 * 1024

/** The octets of a file, or of stdin for `-`. @throws Stop for what cannot be read or is over 16 MiB */
export async function readInput(path: string, terminal: Terminal): Promise<Uint8Array> {
  return path === '-' ? collect(terminal.stdin(), 'stdin') : readFileInput(path)
}

export async function readFileInput(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    try {
      return await collect(file.createReadStream({ autoClose: false }), path)
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof Stop) throw cause
    throw new Stop(`${visible(path)} cannot be read: ${reason(cause)}`)
  }
}

async function collect(stream: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    length += chunk.length
    if (length > maxInput) throw new Stop(`${visible(name)} has more than 16 MiB`)
  }
  return new Uint8Array(Buffer.concat(chunks, length))
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  EEXIST: 'it exists already',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
}

/** A fault of the file system in words. */
export function reason(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code
  return (code === undefined ? undefined : reasons[code]) ?? (cause as Error).message
}
