import type { JsonObject } from '@countersign/pure/core/json'
import type { Opening } from '@countersign/pure/ep/authority'
import type { DenialRecord } from '@countersign/pure/ep/denial-record'
import type { Hashes } from '@countersign/pure/ep/hashes'
import type { LogProof } from '@countersign/pure/ep/log-proof'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import type { LogReader } from '../ports/log-reader.js'
import type { Row, RowKey, RowWrite } from '../ports/store.js'
import { namedEntries } from './attempt.js'
import type { Attempts } from './attempts.js'
import { refusal } from './decision.js'
import { readRow, writeRow } from './directory.js'

/** An artifact as its hash covers it, and what its proofs are built from; the proofs themselves grow with the log and are not stored. */
export interface StoredArtifact<T> {
  readonly body: Omit<T, 'log_proof' | 'approver_key_proofs'>
  readonly hash: string
  readonly head_hash: string
}

export function receiptEntryId(receiptId: string): string {
  return `receipt:${receiptId}`
}

export function denialEntryId(denialId: string): string {
  return `denial:${denialId}`
}

/** The row of a receipt, found by its id and by its hash. */
export function receiptRow(receipt: StoredArtifact<TrustReceipt>, hashes: Hashes): RowWrite {
  return writeRow(receiptKey(receipt.body.receipt_id), 0, receipt, [hashTerm(receipt.hash)], hashes)
}

export function denialRow(denialId: string, body: JsonObject, hash: string, headHash: string): RowWrite {
  return writeRow(denialKey(denialId), 0, { body, hash, head_hash: headHash })
}

/** Receipts and denial records, with proofs at the newest anchored checkpoint (EP-REC-1, EP-DEN-1). */
export class Artifacts {
  readonly #attempts: Attempts
  readonly #log: LogReader

  constructor(attempts: Attempts, log: LogReader) {
    this.#attempts = attempts
    this.#log = log
  }

  /** @throws Refusal receipt_unknown, log_anchor_unavailable */
  async receipt(receiptId: string): Promise<TrustReceipt> {
    return this.proven(await this.#stored<TrustReceipt>(receiptKey(receiptId), 'receipt_unknown'))
  }

  /** A receipt that is committed, as it leaves. @throws Refusal log_anchor_unavailable */
  async proven(stored: StoredArtifact<TrustReceipt>): Promise<TrustReceipt> {
    const { consumption, authority } = stored.body
    const executor = consumption.executor_entry === undefined ? [] : [consumption.executor_entry]
    const named = [...namedEntries(authority), ...executor]
    return { ...stored.body, ...(await this.#proofs(receiptEntryId(stored.body.receipt_id), stored.head_hash, named)) }
  }

  /** @throws Refusal denial_unknown, log_anchor_unavailable */
  async denial(denialId: string): Promise<DenialRecord> {
    const stored = await this.#stored<DenialRecord>(denialKey(denialId), 'denial_unknown')
    const named = namedEntries(stored.body.authority)
    return { ...stored.body, ...(await this.#proofs(denialEntryId(denialId), stored.head_hash, named)) }
  }

  /** A receipt by its hash: its id and who consumed; told only once it is anchored. */
  async receiptByHash(hash: string): Promise<{ receiptId: string; executorId: string | undefined } | undefined> {
    const { organization, store } = this.#attempts
    const found: Row | undefined = (await store.find(organization, 'receipt', { term: hashTerm(hash), limit: 1 }))
      .rows[0]
    if (found === undefined) return undefined
    await this.#attempts.anchored(receiptEntryId(found.id))
    const { body } = readRow<StoredArtifact<TrustReceipt>>(found)
    return { receiptId: found.id, executorId: body.consumption.executor_id }
  }

  async #stored<T>(key: RowKey, unknown: 'receipt_unknown' | 'denial_unknown'): Promise<StoredArtifact<T>> {
    const [row] = key.id === '' ? [] : await this.#attempts.store.read(this.#attempts.organization, [key])
    if (row === null || row === undefined) throw refusal(unknown)
    return readRow<StoredArtifact<T>>(row)
  }

  async #proofs(
    entryId: string,
    headHash: string,
    named: readonly string[],
  ): Promise<{ log_proof: LogProof; approver_key_proofs: readonly Opening[] }> {
    const { directory } = this.#attempts
    const index = await this.#attempts.anchored(entryId)
    const log_proof = await this.#log.proof(index, await directory.headIndex(headHash))
    return { log_proof, approver_key_proofs: (await directory.under(headHash)).open(named) }
  }
}

function receiptKey(id: string): RowKey {
  return { kind: 'receipt', id }
}

function denialKey(id: string): RowKey {
  return { kind: 'denial', id }
}

function hashTerm(hash: string): string {
  return `hash:${hash}`
}
