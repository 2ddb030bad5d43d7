import { hashJson } from '@countersign/pure/core/digest'
import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonValue } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import type { DirectoryHead } from '@countersign/pure/ep/directory-head'
import { type LogEntry, parseLogEntry } from '@countersign/pure/ep/log-entry'

/** What the next attempt needs to know about the log, as of one checkpoint (EP-CTX-4, EP-DIR-2, EP-REC-5). */
export interface Derived {
  /** Of the newest integrated receipt: what `prev_receipt_hash` of new contexts is. Null: a log without receipts. */
  readonly receipt: { readonly receipt_hash: string; readonly index: number } | null
  /** The newest logged head. `head_hash` is over the body, as `prev_head_hash` is. */
  readonly head: { readonly head_hash: string; readonly index: number; readonly head: DirectoryHead } | null
}

export const nothingDerived: Derived = { receipt: null, head: null }

/**
 * What is derived once `entry` stands at `index`. An entry that this program cannot read (made by a later one) derives nothing
 * and stays what it is to the tree, octets; `fsckLog` reports it.
 */
export function deriveEntry(before: Derived, entry: Uint8Array, index: number): Derived {
  const read = readEntry(entry)
  if (read?.type === 'ep.log.receipt.v1') return { ...before, receipt: { receipt_hash: read.receipt_hash, index } }
  if (read?.type !== 'ep.log.directory_head.v1') return before
  return { ...before, head: { head_hash: headHash(read.head), index, head: read.head } }
}

export function headHash(head: DirectoryHead): string {
  return hashJson(head.body as unknown as JsonValue)
}

/** As kept in `LogState.derived`, for whoever reads the database without replaying the log. */
export function encodeDerived(derived: Derived): string {
  return canonicalString(derived as unknown as JsonValue)
}

function readEntry(entry: Uint8Array): LogEntry | undefined {
  try {
    return parseLogEntry(entry)
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
