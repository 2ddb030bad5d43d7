import { utf8Decode, utf8Encode } from '@countersign/pure/core/bytes'
import { parseCheckpointText } from '@countersign/pure/core/checkpoint'
import { hashString, sha256 } from '@countersign/pure/core/digest'
import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { canonicalString } from '@countersign/pure/core/jcs'
import { parseJson } from '@countersign/pure/core/json'
import { parseNote } from '@countersign/pure/core/note'
import { Refusal } from '@countersign/pure/core/refusal'
import { hash, instant, integer, object, readShape, text } from '@countersign/pure/core/shape'
import { LogHalted } from './halt.js'

/** One line of the anchor file. `n` counts the records from 0, so that a lost one shows. */
export interface AnchorRecord {
  readonly n: number
  /** ms; the file keeps whole seconds (EP-ENC-5). */
  readonly at: number
  readonly note: string
}

const line = object({ n: integer(0, Number.MAX_SAFE_INTEGER), at: instant, note: text(1 << 19), sum: hash })

/** A line of JSON with a checksum. After a torn line it begins with a newline, so that it stands alone. */
export function encodeAnchorRecord({ n, at, note }: AnchorRecord, whole: boolean): Uint8Array {
  const body = { n, at: formatInstant(at), note }
  return utf8Encode(`${whole ? '' : '\n'}${canonicalString({ ...body, sum: sumOf(body) })}\n`)
}

/**
 * Reads an anchor file. A line that is not whole is the rest of an append that never resolved: it is skipped, and counted.
 * That no real record hides among them shows in the numbers. A record may repeat, if two servers finished one publication.
 *
 * @returns the records in order, whether the last line is whole, and the line numbers (from 1) that were skipped
 * @throws LogHalted log_anchor_record_missing, log_anchor_record_mismatch, log_anchor_order_invalid
 */
export function readAnchorRecords(file: Uint8Array): { records: AnchorRecord[]; whole: boolean; torn: number[] } {
  const records: AnchorRecord[] = []
  const torn: number[] = []
  let start = 0
  for (let number = 1; start < file.length; number++) {
    const newline = file.indexOf(0x0a, start)
    const end = newline < 0 ? file.length : newline
    const record = decodeAnchorRecord(file.subarray(start, end))
    if (record !== undefined) place(records, record)
    else if (end > start) torn.push(number)
    start = end + 1
  }
  return { records, whole: file.length === 0 || file.at(-1) === 0x0a, torn }
}

function decodeAnchorRecord(bytes: Uint8Array): AnchorRecord | undefined {
  try {
    const { sum, ...body } = readShape(line, parseJson(bytes, { maxBytes: 1 << 20 }).value)
    const exact = sum === sumOf(body) && canonicalString({ ...body, sum }) === utf8Decode(bytes)
    return exact ? { n: body.n, at: parseInstant(body.at), note: body.note } : undefined
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

function place(records: AnchorRecord[], record: AnchorRecord): void {
  const { n, note } = record
  if (n > records.length) throw new LogHalted('log_anchor_record_missing', `record ${records.length}`)
  if (n < records.length) {
    if (records[n]!.note !== note) throw new LogHalted('log_anchor_record_mismatch', `record ${n}`)
    return
  }
  const before = records.at(-1)
  if (before !== undefined && treeSizeOf(note) < treeSizeOf(before.note))
    throw new LogHalted('log_anchor_order_invalid', `record ${n}`)
  records.push(record)
}

function sumOf(body: { readonly n: number; readonly at: string; readonly note: string }): string {
  return hashString(sha256(utf8Encode(canonicalString({ ...body }))))
}

function treeSizeOf(note: string): number {
  return parseCheckpointText(parseNote(note).text).treeSize
}
