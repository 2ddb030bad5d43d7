import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { Refusal } from '@countersign/pure/core/refusal'
import { neverLogged } from '@countersign/pure/ep/compromise'
import { type ConsumeRequest, consumeRequest } from '@countersign/pure/ep/consumption'
import type { ExecutorEntry } from '@countersign/pure/ep/directory-leaf'
import { type Hashes, readArtifact } from '@countersign/pure/ep/hashes'
import { encodeLogEntry, nonceHash } from '@countersign/pure/ep/log-entry'
import { openAuthority } from '@countersign/pure/ep/open-authority'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { requireSeparation } from '@countersign/pure/ep/separation'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import { verifyConsumption, verifyExecutorSeal } from '@countersign/pure/ep/verify-consumption'
import { verifyContexts } from '@countersign/pure/ep/verify-contexts'
import { verifyPolicy } from '@countersign/pure/ep/verify-policy'
import { verifySignoffs } from '@countersign/pure/ep/verify-signoffs'
import type { Conflict } from '../ports/store.js'
import { type Artifacts, receiptEntryId, receiptRow, type StoredArtifact } from './artifacts.js'
import { type Attempt, approvedMembersOf, attemptKey, attemptTerms, namedEntries } from './attempt.js'
import type { Attempts, StandingUnderHead } from './attempts.js'
import { parsed, refusal } from './decision.js'
import { newestHeadKey, writeRow } from './directory.js'
import { type Placed, requireStanding } from './directory-view.js'
import { attemptId, makeUlid } from './identity.js'
import type { AuthorizationsOptions, Moment } from './service.js'
import { nextState } from './state-machine.js'
import { type Decided, transact } from './transaction.js'

type ReceiptMarks = Pick<AuthorizationsOptions, 'display' | 'anchorStands'>

/** A receipt before it is logged. */
type ReceiptDraft = Omit<TrustReceipt, 'log_proof'>

/** The receipt that was just made, or the id of the one that this very request made before. */
type Consumed = StoredArtifact<TrustReceipt> | string

/**
 * Uses an approved authorization once: one unit makes it COMMITTED, fixes the receipt and puts its entry into the outbox. The answer
 * leaves once the entry is anchored, and is the receipt (section 6.2; EP-BUN-2, EP-INV-1, EP-INV-5, EP-SM-3).
 */
export async function consumeAuthorization(
  attempts: Attempts,
  artifacts: Artifacts,
  group: TrustGroup,
  marks: ReceiptMarks,
  body: Uint8Array,
  moment: Moment,
): Promise<TrustReceipt> {
  const { value: request, hashes } = parsed(() => readArtifact(consumeRequest, body))
  const id = attemptId(request.body.nonce)
  const consumed = await transact<StandingUnderHead, Consumed>(attempts, moment, {
    read: () => attempts.readUnderHead(id, moment.now),
    decide: (state) => decideConsume(state, request, hashes, group, marks, moment),
    conflict: (conflict: Conflict) => {
      if (conflict.on === 'claim' && conflict.kind === 'consume_id')
        throw refusal('consume_id_reused', '/body/consume_id')
    },
  })
  return typeof consumed === 'string' ? artifacts.receipt(consumed) : artifacts.proven(consumed)
}

function decideConsume(
  state: StandingUnderHead,
  request: ConsumeRequest,
  hashes: Hashes,
  group: TrustGroup,
  marks: ReceiptMarks,
  moment: Moment,
): Decided<Consumed> {
  const { attempt, frozen, current, now } = state
  const { body } = request
  if (body.nonce !== attempt.nonce) throw refusal('authorization_unknown', '/body/nonce')
  const consumeHash = hashes.hash(request)
  const committed = attempt.ended !== undefined && 'receipt_id' in attempt.ended ? attempt.ended : undefined
  // Octet for octet what was accepted before: the answer was lost (EP-BUN-2).
  if (committed?.consume_hash === consumeHash) return { value: committed.receipt_id }

  // Nothing is told to somebody who is not an executor of the system.
  const executor = authenticate(state, request, group, hashes)
  if (committed?.consume_id === body.consume_id && committed.executor_id === body.executor_id)
    throw refusal('consume_id_reused', '/body/consume_id')
  const next = nextState(attempt.state, 'commit')
  const receiptId = `ep:receipt:${makeUlid(moment)}`
  const draft = draftReceipt(state, request, executor, marks, receiptId)
  const named = [...namedEntries(draft.authority), executor.entryHash]
  frozen.lend(hashes, draft.policy, named)
  verifyDraft(draft, executor.entry, group, hashes)
  requireStanding(current, named, now)

  const { approver_key_proofs: _openings, ...receiptBody } = draft
  const receiptHash = hashes.hash(receiptBody)
  const receipt = { body: receiptBody, hash: receiptHash, head_hash: frozen.headHash }
  const entryId = receiptEntryId(receiptId)
  const { consume_id, executor_id } = body
  const done: Attempt = {
    ...attempt,
    state: next,
    ended: { entry_id: entryId, receipt_id: receiptId, executor_id, consume_id, consume_hash: consumeHash },
  }
  return {
    // Dying before the commit: the executor sends the same request again, and it is decided anew. Dying after it: the same request
    // finds the receipt; id, time and hash were made here, once, and nobody hears of them before the entry is anchored.
    writes: {
      expect: [{ ...newestHeadKey, version: state.newestVersion }],
      put: [
        writeRow(attemptKey(state.id), state.version, done, attemptTerms(done), hashes),
        receiptRow(receipt, hashes),
      ],
      claims: [{ kind: 'consume_id', value: `${executor_id} ${consume_id}` }],
      append: [
        {
          entryId,
          entry: encodeLogEntry({
            type: 'ep.log.receipt.v1',
            organization: group.file.organization,
            receipt_hash: receiptHash,
            nonce_hash: nonceHash(attempt.nonce),
            state: 'COMMITTED',
            committed_at: draft.consumption.committed_at,
            prev_receipt_hash: attempt.prev_receipt_hash,
          }),
        },
      ],
    },
    value: receipt,
  }
}

/** The executor is who its seal says, by the leaf that was in force when the authorization was made. */
function authenticate(
  { attempt, frozen }: StandingUnderHead,
  request: ConsumeRequest,
  group: TrustGroup,
  hashes: Hashes,
): Placed<ExecutorEntry> {
  const executor = frozen.executor(request.signatures[0]!.key_id, parseInstant(attempt.issued_at))
  if (executor === undefined) throw refusal('executor_unknown', '/signatures/0/key_id')
  const { system } = attempt.action.target
  verifyExecutorSeal(request, { entry: executor.entry, at: '/executor' }, system, group, hashes, '')
  return executor
}

function draftReceipt(
  { attempt, frozen, now }: StandingUnderHead,
  consume: ConsumeRequest,
  executor: Placed<ExecutorEntry>,
  { display, anchorStands }: ReceiptMarks,
  receiptId: string,
): ReceiptDraft {
  const members = approvedMembersOf(attempt, frozen)
  const signedAt = members.signoffs.map(({ signed_at }) => parseInstant(signed_at))
  const { template_hash } = members.policy.display
  return {
    type: 'ep.trust_receipt.v1',
    receipt_id: receiptId,
    ...members,
    consumption: {
      nonce: attempt.nonce,
      state: 'COMMITTED',
      committed_at: formatInstant(Math.max(now, ...signedAt)),
      executor_id: executor.entry.executor_id,
      executor_entry: executor.entryHash,
      consume,
      anchor: anchorStands,
    },
    enforcement_class: consume.body.enforcement_class,
    display: { surface: display.surface, ...(template_hash === undefined ? {} : { template_hash }) },
    approver_key_proofs: frozen.open([...namedEntries(members.authority), executor.entryHash]),
  }
}

/**
 * The steps of EP-VER-1 but for `inclusion`, over the very receipt that is to leave: the quorum still holds, and the request names
 * exactly what is stored.
 *
 * @param executor - by which the request was authenticated
 */
function verifyDraft(draft: ReceiptDraft, executor: ExecutorEntry, group: TrustGroup, hashes: Hashes): void {
  // Not read by any of these steps: `log_proof`.
  const receipt = draft as TrustReceipt
  const { action, action_hash: actionHash, contexts } = receipt
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
