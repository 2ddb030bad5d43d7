import { utf8Decode, utf8Encode } from '@countersign/pure/core/bytes'
import { hashJson } from '@countersign/pure/core/digest'
import { canonicalString } from '@countersign/pure/core/jcs'
import { type JsonObject, parseJson } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import {
  array,
  hash,
  type Infer,
  instant,
  integer,
  literal,
  object,
  oneOf,
  readShape,
  text,
} from '@countersign/pure/core/shape'
import { consumeRequest } from '@countersign/pure/ep/consumption'
import { nonce } from '@countersign/pure/ep/context'
import { directoryHead } from '@countersign/pure/ep/directory-head'
import { outcomeReport } from '@countersign/pure/ep/outcome-report'
import { trustReceipt } from '@countersign/pure/ep/trust-receipt'
import { JournalStopped } from './journal-stopped.js'

const kind = <const K extends string>(name: K) => literal(name, 'type_mismatch')

/** How many nonces one record names at most: its line stays below `limits`. */
export const maxNonces = 4096

/** What a journal can say. Most kinds are a step of one execution, named by its nonce (EP-BUN-3). */
const transition = oneOf('kind', {
  /** The newest directory head that was accepted (EP-DIR-5). */
  head: object({ kind: kind('head'), head: directoryHead }),
  /** Nonces whose steps were dropped when the file was rewritten: nothing will follow. */
  closed: object({ kind: kind('closed'), nonces: array(nonce, { min: 1, max: maxNonces }) }),
  /** The request is about to be sent. */
  intended: object({
    kind: kind('intended'),
    nonce,
    authorization_id: text(256),
    expires_at: instant,
    request: consumeRequest,
  }),
  /** The receipt was verified. */
  committed: object({ kind: kind('committed'), nonce, receipt_hash: hash, receipt: trustReceipt }),
  /** The nonce is in the index: the effect is about to run, and never again. */
  started: object({ kind: kind('started'), nonce }),
  /** The outcome is known and sealed, about to be reported. */
  finished: object({ kind: kind('finished'), nonce, report: outcomeReport }),
  reported: object({ kind: kind('reported'), nonce }),
  /** Refused, and by now too late to run: nothing will follow. */
  lapsed: object({ kind: kind('lapsed'), nonce }),
})
export type Transition = Infer<typeof transition>
export type Step = Exclude<Transition, { kind: 'head' | 'closed' }>

const line = object({ n: integer(0, Number.MAX_SAFE_INTEGER), at: instant, sum: hash, said: transition })

// A receipt may have 256 KiB and 64 levels.
const limits = { maxBytes: 1024 * 1024, maxDepth: 72 }

/**
 * One line of canonical JSON with a checksum.
 *
 * @param n - counts the records from 0, so that a lost one shows
 * @param at - RFC 3339, for whoever reads the file
 */
export function encodeRecord(said: Transition, n: number, at: string): Uint8Array {
  const body = { n, at, said } as unknown as JsonObject
  return utf8Encode(`${canonicalString({ ...body, sum: hashJson(body) })}\n`)
}

/**
 * Reads a journal. Every append is synced before the next begins, so a crash leaves at most one torn record, at the end. Damage that the
 * disk does later to the very last record looks the same; anywhere else it is refused.
 *
 * @returns the records in order, and how many octets they take: what lies behind is a torn append that nobody relied on
 * @throws JournalStopped journal_record_damaged, journal_record_order_invalid
 */
export function readRecords(file: Uint8Array): { readonly records: readonly Transition[]; readonly whole: number } {
  const records: Transition[] = []
  let whole = 0
  for (let start = 0; start < file.length; ) {
    const newline = file.indexOf(0x0a, start)
    const end = newline < 0 ? file.length : newline
    const read = newline < 0 ? undefined : decodeRecord(file.subarray(start, end))
    if (read !== undefined) {
      if (whole < start) throw new JournalStopped('journal_record_damaged', `record ${records.length}`)
      if (read.n !== records.length)
        throw new JournalStopped('journal_record_order_invalid', `record ${records.length} has number ${read.n}`)
      records.push(read.said)
      whole = end + 1
    }
    start = end + 1
  }
  return { records, whole }
}

function decodeRecord(bytes: Uint8Array): { readonly n: number; readonly said: Transition } | undefined {
  try {
    const { sum, ...body } = readShape(line, parseJson(bytes, limits).value)
    const json = body as unknown as JsonObject
    return sum === hashJson(json) && canonicalString({ ...json, sum }) === utf8Decode(bytes) ? body : undefined
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
