import type { Files } from '../ports/files.js'
import type { AnchorRecord } from './anchor-record.js'
import type { FsckCode } from './codes.js'
import type { LogKey, SignedCheckpoint } from './signed-checkpoint.js'

/** `at` is a path in the folder, `anchor/N` for a record, `entry/N` for an entry. */
export interface Finding {
  readonly code: FsckCode
  readonly at: string
  readonly detail: string
}

export interface FsckReport {
  readonly entries: number
  readonly receipts: number
  readonly denials: number
  readonly heads: number
  readonly outcomes: number
  /** Records in the anchor. */
  readonly checkpoints: number
  /** Empty: everything that was looked at fits. */
  readonly findings: readonly Finding[]
  /** What could not be looked at, or is harmless. */
  readonly warnings: readonly Finding[]
}

export interface FsckOptions {
  readonly origin: string
  readonly keys: readonly LogKey[]
  readonly organization: string
  /** Where the anchor file is; absent: its checks are left out, with a warning. */
  readonly anchor?: { readonly files: Files; readonly path: string }
  /** What a receipt says of itself, by its hash: the log does not hold receipts (EP-REC-3). Absent: a warning. */
  readonly receipt?: (receiptHash: string) => ReceiptFacts | undefined
}

/** An anchored checkpoint that one of the log's keys signed. */
export interface AnchoredRecord extends AnchorRecord {
  readonly checkpoint: SignedCheckpoint
}

export type Report = (code: FsckCode, at: string, detail: string) => void

/** What a receipt says of itself that its log entry does not. */
export interface ReceiptFacts {
  /** Of the head in `authority`. */
  readonly head_hash: string
  /** Of its contexts. */
  readonly issued_at: string
}
