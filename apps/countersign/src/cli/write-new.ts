import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Stop } from './exit.js'
import { reason } from './input.js'
import { visible } from './visible.js'

/**
 * Writes a file that was not there before, for its owner only, and makes it durable. Dying in between leaves a torn file, which no
 * reader takes; nothing rests on it yet.
 */
export async function writeNew(path: string, bytes: Uint8Array | string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    const folder = await open(dirname(path), 'r')
    await folder.sync()
    await folder.close()
  } catch (cause) {
    throw new Stop(`${visible(path)} cannot be written: ${reason(cause)}`)
  }
}
