import { equalBytes } from '@countersign/pure/core/bytes'
import { parseInstant } from '@countersign/pure/core/instant'
import { Refusal } from '@countersign/pure/core/refusal'
import {
  encodeLogEntry,
  type HeadEntry,
  type LogEntry,
  type OutcomeEntry,
  parseLogEntry,
} from '@countersign/pure/ep/log-entry'
import { headHash } from './derived.js'
import type { AnchoredRecord, FsckOptions, ReceiptFacts, Report } from './fsck-report.js'

interface LoggedHead {
  readonly index: number
  readonly hash: string
}

/** A receipt or a denial: what a nonce ended in. */
interface Ending {
  readonly index: number
  readonly prev: string
  readonly receipt: string | null
}

const noHash = `sha256:${'0'.repeat(64)}`
const clockTolerance = 60_000

/** The rules of EP-VER-6 over the entries, in the order of the log. */
export function auditEntries(
  entries: readonly (Uint8Array | null)[],
  options: FsckOptions,
  anchored: readonly AnchoredRecord[],
  report: Report,
  warn: Report,
) {
  const audit = new EntryAudit(options, anchorTimes(anchored), report)
  for (const [index, bytes] of entries.entries()) if (bytes !== null) audit.read(bytes, index)
  audit.finish()
  const receipts = audit.endings.filter(({ receipt }) => receipt !== null).length
  if (receipts > 0 && options.receipt === undefined)
    warn('log_receipt_missing', '', 'no receipts were given: the heads and times they used were not compared')
  return { receipts, denials: audit.endings.length - receipts, heads: audit.heads.length, outcomes: audit.outcomes }
}

/** When an entry was anchored first; undefined if no anchored tree holds it. */
function anchorTimes(anchored: readonly AnchoredRecord[]): (index: number) => number | undefined {
  return (index) => firstWhere(anchored, ({ checkpoint }) => checkpoint.treeSize > index)?.at
}

/** The first of a list whose first part does not hold and whose rest does. */
function firstWhere<T>(list: readonly T[], holds: (item: T) => boolean): T | undefined {
  let low = 0
  for (let high = list.length; low < high; ) {
    const middle = Math.floor((low + high) / 2)
    if (holds(list[middle]!)) high = middle
    else low = middle + 1
  }
  return list[low]
}

class EntryAudit {
  readonly endings: Ending[] = []
  readonly heads: LoggedHead[] = []
  outcomes = 0
  readonly #options: FsckOptions
  readonly #anchoredAt: (index: number) => number | undefined
  readonly #report: Report
  readonly #nonces = new Map<string, number>()
  readonly #receipts = new Map<string, number>()
  readonly #receiptIndices: number[] = []
  readonly #outcomes = new Map<string, OutcomeEntry['outcome']>()
  #lastHead: HeadEntry['head'] | null = null

  constructor(options: FsckOptions, anchoredAt: (index: number) => number | undefined, report: Report) {
    this.#options = options
    this.#anchoredAt = anchoredAt
    this.#report = report
  }

  read(bytes: Uint8Array, index: number): void {
    const at = `entry/${index}`
    const entry = this.#parse(bytes, at)
    if (entry === undefined) return
    if (!equalBytes(encodeLogEntry(entry), bytes)) this.#report('log_entry_noncanonical', at, '')
    if (entry.organization !== this.#options.organization)
      this.#report('log_entry_organization_mismatch', at, entry.organization)
    if (entry.type === 'ep.log.directory_head.v1') this.#head(entry.head, index, at)
    if (entry.type === 'ep.log.outcome.v1') this.#outcome(entry, at)
    if (entry.type === 'ep.log.denial.v1') this.#ending(entry, null, entry.denied_at, index, at)
    if (entry.type === 'ep.log.receipt.v1') this.#ending(entry, entry.receipt_hash, entry.committed_at, index, at)
  }

  /** What needs the whole log: where predecessors and heads stand. */
  finish(): void {
    for (const ending of this.endings) {
      const predecessor = this.#predecessor(ending)
      const facts = ending.receipt === null ? undefined : this.#options.receipt?.(ending.receipt)
      if (facts !== undefined) this.#used(ending, facts, predecessor)
    }
  }

  #parse(bytes: Uint8Array, at: string): LogEntry | undefined {
    try {
      return parseLogEntry(bytes)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return void this.#report('log_entry_malformed', at, error.message)
    }
  }

  #ending(
    { nonce_hash, prev_receipt_hash }: { readonly nonce_hash: string; readonly prev_receipt_hash: string },
    receipt: string | null,
    time: string,
    index: number,
    at: string,
  ): void {
    const before = this.#nonces.get(nonce_hash)
    if (before !== undefined) this.#report('log_nonce_duplicate', at, `as entry ${before}`)
    else this.#nonces.set(nonce_hash, index)
    if (receipt !== null && this.#receipts.has(receipt)) this.#report('log_receipt_duplicate', at, receipt)
    else if (receipt !== null) this.#receipts.set(receipt, index)
    const anchoredAt = this.#anchoredAt(index)
    if (anchoredAt !== undefined && parseInstant(time) > anchoredAt + clockTolerance)
      this.#report('log_entry_time_invalid', at, time)
    if (receipt !== null) this.#receiptIndices.push(index)
    this.endings.push({ index, prev: prev_receipt_hash, receipt })
  }

  #head(head: HeadEntry['head'], index: number, at: string): void {
    const last = this.#lastHead
    const { body } = head
    if (body.prev_head_hash !== (last === null ? noHash : headHash(last)))
      this.#report('log_head_chain_mismatch', at, '')
    if (last !== null && body.directory_id !== last.body.directory_id)
      this.#report('log_head_directory_mismatch', at, body.directory_id)
    if (last !== null && parseInstant(body.issued_at) <= parseInstant(last.body.issued_at))
      this.#report('log_head_issued_at_invalid', at, body.issued_at)
    if (last !== null && body.tree_size < last.body.tree_size)
      this.#report('log_head_size_invalid', at, `${body.tree_size} < ${last.body.tree_size}`)
    this.#lastHead = head
    this.heads.push({ index, hash: headHash(head) })
  }

  #outcome({ receipt_hash, outcome }: OutcomeEntry, at: string): void {
    this.outcomes++
    if (!this.#receipts.has(receipt_hash)) this.#report('log_outcome_receipt_unknown', at, receipt_hash)
    const before = this.#outcomes.get(receipt_hash)
    if (before !== undefined && before !== 'indeterminate')
      this.#report('log_outcome_superseded', at, `${before} was reported before`)
    this.#outcomes.set(receipt_hash, outcome)
  }

  /** The index of the receipt that an attempt took for the newest; -1 if it knew none. */
  #predecessor({ index, prev }: Ending): number {
    if (prev === noHash) return -1
    const predecessor = this.#receipts.get(prev)
    if (predecessor === undefined) this.#report('log_prev_receipt_unknown', `entry/${index}`, prev)
    else if (predecessor >= index)
      this.#report('log_prev_receipt_order_invalid', `entry/${index}`, `entry ${predecessor}`)
    return predecessor ?? -1
  }

  /** Head and predecessor that a receipt used were the newest when its contexts were made, as far as the log can tell. */
  #used({ index }: Ending, { head_hash, issued_at }: ReceiptFacts, predecessor: number): void {
    const at = `entry/${index}`
    const late = parseInstant(issued_at) - clockTolerance
    const known = (other: number) => other < index && (this.#anchoredAt(other) ?? Infinity) < late
    // What comes first after the one that was used was also anchored first: no later one needs a look.
    const receipt = firstWhere(this.#receiptIndices, (other) => other > predecessor)
    if (receipt !== undefined && known(receipt)) this.#report('log_receipt_prev_stale', at, `entry ${receipt}`)
    const used = this.heads.findIndex(({ hash }) => hash === head_hash)
    const head = this.heads[used]
    const newer = this.heads[used + 1]
    if (head === undefined) this.#report('log_receipt_head_unknown', at, head_hash)
    else if (head.index > index) this.#report('log_receipt_head_order_invalid', at, `head at entry ${head.index}`)
    // The attempt knew the predecessor, so it knew every head logged before that.
    else if (newer !== undefined && newer.index < predecessor)
      this.#report('log_receipt_head_superseded', at, head_hash)
    else if (newer !== undefined && known(newer.index)) this.#report('log_receipt_head_stale', at, head_hash)
  }
}
