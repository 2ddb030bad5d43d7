import { hashString, parseBinary, sha256 } from '../core/digest.js'
import { canonicalBytes } from '../core/jcs.js'
import type { JsonValue } from '../core/json.js'
import { parseJson } from '../core/json.js'
import { choice, hash, type Infer, instant, literal, object, oneOf, readShape } from '../core/shape.js'
import { directoryHead } from './directory-head.js'
import { organizationId } from './identifier.js'

const receiptEntry = object({
  type: literal('ep.log.receipt.v1', 'type_mismatch'),
  organization: organizationId,
  receipt_hash: hash,
  nonce_hash: hash,
  state: literal('COMMITTED', 'log_entry_state_mismatch'),
  committed_at: instant,
  prev_receipt_hash: hash,
})
const denialEntry = object({
  type: literal('ep.log.denial.v1', 'type_mismatch'),
  organization: organizationId,
  denial_hash: hash,
  nonce_hash: hash,
  state: literal('DENIED', 'log_entry_state_mismatch'),
  denied_at: instant,
  prev_receipt_hash: hash,
})
const headEntry = object({
  type: literal('ep.log.directory_head.v1', 'type_mismatch'),
  organization: organizationId,
  head: directoryHead,
})
const outcomeEntry = object({
  type: literal('ep.log.outcome.v1', 'type_mismatch'),
  organization: organizationId,
  outcome_hash: hash,
  receipt_hash: hash,
  outcome: choice(['executed', 'failed', 'indeterminate']),
})
// Later work appends these; their form is fixed here so that a log of today's program can be read tomorrow.
const pseaAcceptedEntry = object({
  type: literal('ep.log.psea_accepted.v1', 'type_mismatch'),
  organization: organizationId,
  token_hash: hash,
  result_hash: hash,
  accepted_at: instant,
})
const pseaEnrollmentEntry = object({
  type: literal('ep.log.psea_enrollment.v1', 'type_mismatch'),
  organization: organizationId,
  enrollment_hash: hash,
  enrolled_at: instant,
})

/** The small typed entries of an organization's log; receipts themselves are never logged (EP-REC-3). */
export const logEntry = oneOf('type', {
  'ep.log.receipt.v1': receiptEntry,
  'ep.log.denial.v1': denialEntry,
  'ep.log.directory_head.v1': headEntry,
  'ep.log.outcome.v1': outcomeEntry,
  'ep.log.psea_accepted.v1': pseaAcceptedEntry,
  'ep.log.psea_enrollment.v1': pseaEnrollmentEntry,
})
export type LogEntry = Infer<typeof logEntry>
export type ReceiptEntry = Infer<typeof receiptEntry>
export type DenialEntry = Infer<typeof denialEntry>
export type HeadEntry = Infer<typeof headEntry>
export type OutcomeEntry = Infer<typeof outcomeEntry>

/** The octets that are hashed into the tree. */
export function encodeLogEntry(entry: LogEntry): Uint8Array {
  return canonicalBytes(entry as unknown as JsonValue)
}

/** Reads the octets of an entry. @throws Refusal */
export function parseLogEntry(bytes: Uint8Array): LogEntry {
  return readShape(logEntry, parseJson(bytes).value)
}

/** SHA-256 of the raw octets of a nonce (EP-REC-3). */
export function nonceHash(nonce: string): string {
  return hashString(sha256(parseBinary(nonce)))
}
