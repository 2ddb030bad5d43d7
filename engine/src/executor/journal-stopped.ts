import type { JournalCode } from './codes.js'

/**
 * The journal cannot be relied on (any more), so nothing runs: a fault of disk or deployment, thrown, and never a refusal of
 * somebody's input. What was under way is taken up by `recover` once a journal is open again.
 */
export class JournalStopped extends Error {
  override readonly name = 'JournalStopped'
  readonly code: JournalCode

  constructor(code: JournalCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, { cause })
    this.code = code
  }
}
