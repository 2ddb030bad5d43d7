import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { Refusal } from '@countersign/pure/core/refusal'
import { type ConsumeRequest, consumeRequest } from '@countersign/pure/ep/consumption'
import type { ExecutorEntry } from '@countersign/pure/ep/directory-leaf'
import { type Hashes, readArtifact } from '@countersign/pure/ep/hashes'
import { encodeLogEntry, nonceHash } from '@countersign/pure/ep/log-entry'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import type { ReceiptDraft, ReceiptJudge } from '../ports/receipt-judge.js'
import type { Conflict } from '../ports/store.js'
import { type Artifacts, receiptEntryId, receiptRow, type StoredArtifact } from './artifacts.js'
import { type Attempt, approvedMembersOf, attemptKey, attemptTerms, namedEntries } from './attempt.js'
import type { Attempts, StandingUnderHead } from './attempts.js'
import { parsed, refusal } from './decision.js'
import { newestHeadKey, writeRow } from './directory.js'
import { type Placed, requireStanding } from './directory-view.js'
import { attemptId, makeUlid } from './identity.js'
import { authenticate } from './judge-receipt.js'
import type { AuthorizationsOptions, Moment } from './service.js'
import { nextState } from './state-machine.js'
import { type Decided, transact } from './transaction.js'

/** A consume request and what it is decided by, beside the state. */
interface Consuming {
  readonly request: ConsumeRequest
  readonly hashes: Hashes
  readonly group: TrustGroup
  readonly marks: Pick<AuthorizationsOptions, 'display' | 'anchorStands'>
  readonly moment: Moment
}

type HashedReceipt = StoredArtifact<TrustReceipt>['body']

/** The receipt that was just made, with what is to be judged of it, or the id of the one that this very request made before. */
type Consumed = { readonly receipt: StoredArtifact<TrustReceipt>; readonly draft: ReceiptDraft } | string

/**
 * Uses an approved authorization once: one unit makes it COMMITTED, fixes the receipt and puts its entry into the outbox. The answer
 * leaves once the entry is anchored, and is the receipt (section 6.2; EP-BUN-2, EP-INV-1, EP-INV-5, EP-SM-3).
 */
export async function consumeAuthorization(
  attempts: Attempts,
  artifacts: Artifacts,
  group: TrustGroup,
  judge: ReceiptJudge,
  marks: Consuming['marks'],
  body: Uint8Array,
  moment: Moment,
): Promise<TrustReceipt> {
  const { value: request, hashes } = parsed(() => readArtifact(consumeRequest, body))
  const id = attemptId(request.body.nonce)
  const consuming = { request, hashes, group, marks, moment }
  const consumed = await transact<StandingUnderHead, Consumed>(attempts, moment, {
    read: () => attempts.readUnderHead(id, moment.now),
    decide: (state) => decideConsume(state, consuming),
    judge: (value) => requirePassed(judge, value),
    conflict: (conflict: Conflict) => {
      if (conflict.on === 'claim' && conflict.kind === 'consume_id')
        throw refusal('consume_id_reused', '/body/consume_id')
    },
  })
  return typeof consumed === 'string' ? artifacts.receipt(consumed) : artifacts.proven(consumed.receipt)
}

/** @throws Refusal of the judge; JudgeFault */
async function requirePassed(judge: ReceiptJudge, consumed: Consumed): Promise<void> {
  if (typeof consumed === 'string') return
  const verdict = await judge.judge(consumed.draft)
  if (!verdict.ok) throw new Refusal(verdict.failure.code, verdict.failure.at)
}

function decideConsume(state: StandingUnderHead, consuming: Consuming): Decided<Consumed> {
  const { attempt } = state
  const { request, hashes, group } = consuming
  if (request.body.nonce !== attempt.nonce) throw refusal('authorization_unknown', '/body/nonce')
  const committed = commitOf(attempt)
  // Octet for octet what was accepted before: the answer was lost (EP-BUN-2).
  if (committed?.consume_hash === hashes.hash(request)) return { value: committed.receipt_id }

  const executor = claimedExecutor(state, request)
  try {
    return decideCommit(state, consuming, executor)
  } catch (refused) {
    // Nothing is told to somebody who is not an executor of the system. Whoever is not refused here is authenticated by the judge,
    // before it looks at anything else.
    authenticate(request, executor.entry, attempt.action.target.system, group, hashes)
    throw refused
  }
}

function decideCommit(
  state: StandingUnderHead,
  { request, hashes, group, marks, moment }: Consuming,
  executor: Placed<ExecutorEntry>,
): Decided<Consumed> {
  const { attempt, frozen, current, now } = state
  const { consume_id, executor_id } = request.body
  const committed = commitOf(attempt)
  if (committed?.consume_id === consume_id && committed.executor_id === executor_id)
    throw refusal('consume_id_reused', '/body/consume_id')
  const next = nextState(attempt.state, 'commit')
  const receiptId = `ep:receipt:${makeUlid(moment)}`
  const receiptBody = draftReceipt(state, request, executor, marks, receiptId)
  const named = [...namedEntries(receiptBody.authority), executor.entryHash]
  requireStanding(current, named, now)

  frozen.lend(hashes, receiptBody.policy, named)
  const receiptHash = hashes.hash(receiptBody)
  const receipt = { body: receiptBody, hash: receiptHash, head_hash: frozen.headHash }
  const row = receiptRow(receipt, hashes)
  const entryId = receiptEntryId(receiptId)
  const consume_hash = hashes.hash(request)
  const done: Attempt = {
    ...attempt,
    state: next,
    ended: { entry_id: entryId, receipt_id: receiptId, executor_id, consume_id, consume_hash },
  }
  return {
    // Dying before the commit: the executor sends the same request again, and it is decided anew. Dying after it: the same request
    // finds the receipt; id, time and hash were made here, once, and nobody hears of them before the entry is anchored.
    writes: {
      expect: [{ ...newestHeadKey, version: state.newestVersion }],
      put: [writeRow(attemptKey(state.id), state.version, done, attemptTerms(done), hashes), row],
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
            committed_at: receiptBody.consumption.committed_at,
            prev_receipt_hash: attempt.prev_receipt_hash,
          }),
        },
      ],
    },
    value: { receipt, draft: { row: row.body, openings: hashes.text(frozen.open(named)) } },
  }
}

function commitOf({ ended }: Attempt) {
  return ended !== undefined && 'receipt_id' in ended ? ended : undefined
}

/** By the leaf that was in force when the authorization was made. */
function claimedExecutor({ attempt, frozen }: StandingUnderHead, request: ConsumeRequest): Placed<ExecutorEntry> {
  const executor = frozen.executor(request.signatures[0]!.key_id, parseInstant(attempt.issued_at))
  if (executor === undefined) throw refusal('executor_unknown', '/signatures/0/key_id')
  return executor
}

function draftReceipt(
  { attempt, frozen, now }: StandingUnderHead,
  consume: ConsumeRequest,
  executor: Placed<ExecutorEntry>,
  { display, anchorStands }: Consuming['marks'],
  receiptId: string,
): HashedReceipt {
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
  }
}
