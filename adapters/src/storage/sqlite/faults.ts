import { StoreFault } from '@countersign/engine/ports/store'

/** SQLite's primary result codes (the low octet of an extended one) that the store tells apart. */
const BUSY = 5
const LOCKED = 6
const FULL = 13

const codeNames = new Map([
  ['SQLITE_BUSY', BUSY],
  ['SQLITE_LOCKED', LOCKED],
  ['SQLITE_FULL', FULL],
])

/** SQLite's result code: node:sqlite gives a number in `errcode`, better-sqlite3 a name in `code`. Undefined: no such error. */
function resultCode(cause: unknown): number | undefined {
  const { errcode, code } = (cause ?? {}) as { errcode?: unknown; code?: unknown }
  if (typeof errcode === 'number') return errcode & 0xff
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return undefined
  return codeNames.get(code.split('_').slice(0, 2).join('_')) ?? 1
}

/** Another connection holds the lock. */
export function isBusy(cause: unknown): boolean {
  const code = resultCode(cause)
  return code === BUSY || code === LOCKED
}

/** A COMMIT that failed this way left the connection sound; after any other failure its view of the file is not to be trusted. */
export function leavesConnectionSound(cause: unknown): boolean {
  return isBusy(cause) || resultCode(cause) === FULL
}

/** A fault as callers get it; what is a StoreFault already, or no error of SQLite (a bug), stays what it is. */
export function asFault(cause: unknown, retry: 'safe' | 'in_doubt'): Error {
  if (cause instanceof StoreFault) return cause
  if (resultCode(cause) === undefined) return cause instanceof Error ? cause : new Error(String(cause))
  return new StoreFault(`SQLite: ${(cause as Error).message}`, retry, { cause })
}
