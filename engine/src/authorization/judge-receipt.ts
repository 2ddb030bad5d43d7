import { utf8Encode } from '@countersign/pure/core/bytes'
import { parseCanonicalJson } from '@countersign/pure/core/canonical-json'
import type { Result } from '@countersign/pure/core/outcome'
import { Refusal } from '@countersign/pure/core/refusal'
import type { Opening } from '@countersign/pure/ep/authority'
import { neverLogged } from '@countersign/pure/ep/compromise'
import type { ConsumeRequest } from '@countersign/pure/ep/consumption'
import type { ExecutorEntry } from '@countersign/pure/ep/directory-leaf'
import { Hashes } from '@countersign/pure/ep/hashes'
import { openAuthority } from '@countersign/pure/ep/open-authority'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { requireSeparation } from '@countersign/pure/ep/separation'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import { verifyConsumption, verifyExecutorSeal } from '@countersign/pure/ep/verify-consumption'
import { verifyContexts } from '@countersign/pure/ep/verify-contexts'
import { verifyPolicy } from '@countersign/pure/ep/verify-policy'
import { requireActionHash } from '@countersign/pure/ep/verify-receipt'
import { verifySignoffs } from '@countersign/pure/ep/verify-signoffs'
import type { ReceiptDraft, ReceiptJudge } from '../ports/receipt-judge.js'
import type { StoredArtifact } from './artifacts.js'

/** The judge in this thread: its verdict costs the caller's time. */
export function judgeHere(group: TrustGroup): ReceiptJudge {
  return { judge: async (draft) => judgeReceipt(draft, group) }
}

/**
 * Who consumes, and then the steps of EP-VER-1 from `action_hash` to `consumption`, over the very octets that are to be stored: the
 * quorum still holds, and the request names exactly what is stored. Pointers are into the consume request where it is to blame.
 *
 * @throws Error if the draft is none that this engine makes: a bug
 */
export function judgeReceipt(draft: ReceiptDraft, group: TrustGroup): Result<void> {
  const { receipt, hashes } = readDraft(draft)
  const executor = executorOf(receipt, hashes)
  try {
    authenticate(receipt.consumption.consume!, executor, receipt.action.target.system, group, hashes)
    verifyDraft(receipt, executor, group, hashes)
    return { ok: true, value: undefined }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, failure: { code: error.code, at: error.at } }
    throw error
  }
}

/** The executor is who its seal says, serves the system and may claim the class. @throws Refusal with a pointer into the request */
export function authenticate(
  request: ConsumeRequest,
  entry: ExecutorEntry,
  system: string,
  group: TrustGroup,
  hashes: Hashes,
): void {
  verifyExecutorSeal(request, { entry, at: '/executor' }, system, group, hashes, '')
}

/** The draft as it would be read back, with proof that row, hash and body are one: what is judged is what will be found. */
function readDraft(draft: ReceiptDraft): { receipt: TrustReceipt; hashes: Hashes } {
  const row = parseCanonicalJson(utf8Encode(draft.row))
  const openings = parseCanonicalJson(utf8Encode(draft.openings))
  for (const [value, text] of openings.texts) row.texts.set(value, text)
  const hashes = new Hashes(row.texts)
  // This engine made both; what it did not make in canonical form, or under another hash, it must not commit.
  const stored = row.value as unknown as StoredArtifact<TrustReceipt>
  if (hashes.text(stored) !== draft.row || hashes.text(openings.value as object) !== draft.openings)
    throw new Error('a receipt draft is not canonical')
  if (hashes.hash(stored.body) !== stored.hash || hashes.hash(stored.body.authority.head.body) !== stored.head_hash)
    throw new Error('the row of a receipt does not name its own hashes')
  // `log_proof` is not there yet, and no step that follows reads it.
  const receipt = { ...stored.body, approver_key_proofs: openings.value as unknown as Opening[] }
  return { receipt: receipt as unknown as TrustReceipt, hashes }
}

/** The entry that the draft names; whether it stands under the head is judged with the other openings. */
function executorOf({ consumption, approver_key_proofs }: TrustReceipt, hashes: Hashes): ExecutorEntry {
  const found = approver_key_proofs.find(({ leaf }) => hashes.hash(leaf.entry) === consumption.executor_entry)
  const entry = found?.leaf.entry
  if (entry?.type !== 'ep.executor.v1' || consumption.consume === undefined)
    throw new Error('a receipt draft does not open its executor')
  return entry
}

/** @param executor - by which the request was authenticated */
function verifyDraft(receipt: TrustReceipt, executor: ExecutorEntry, group: TrustGroup, hashes: Hashes): void {
  const { action, action_hash: actionHash, contexts } = receipt
  requireActionHash(receipt, hashes)
  const policyHash = hashes.hash(receipt.policy)
  const attempt = verifyContexts(
    contexts,
    { action, actionHash, policyHash },
    contexts.map((_, index) => `/contexts/${index}`),
  )
  const { executor_entry } = receipt.consumption
  const authority = openAuthority(receipt, group, attempt.issuedAt, hashes, neverLogged, executor_entry)
  const quorum = verifyPolicy(receipt, attempt, authority, policyHash)
  verifySignoffs(receipt, quorum, authority, hashes, neverLogged)
  const approvers = authority.approvers.map(({ entry }) => entry)
  requireSeparation(approvers, authority.initiator.entry, receipt.policy, quorum)
  pointingIntoRequest(() => verifyConsumption(receipt, attempt, authority, policyHash, hashes, neverLogged, executor))
}

/** The sender knows its request, not the receipt that it was to become. */
function pointingIntoRequest(run: () => void): void {
  const prefix = '/consumption/consume'
  try {
    run()
  } catch (error) {
    if (!(error instanceof Refusal) || !error.at.startsWith(prefix)) throw error
    throw new Refusal(error.code, error.at.slice(prefix.length))
  }
}
