import { hashJson } from '@countersign/pure/core/digest'
import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { parseJson } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import { hash, type Infer, object, optional, readShape } from '@countersign/pure/core/shape'
import { action, request } from '@countersign/pure/ep/action'
import { judgeEvidence } from '@countersign/pure/ep/assurance'
import { neverLogged } from '@countersign/pure/ep/compromise'
import { zeroHash } from '@countersign/pure/ep/context'
import { Hashes } from '@countersign/pure/ep/hashes'
import { materialHash } from '@countersign/pure/ep/material'
import { openAuthority } from '@countersign/pure/ep/open-authority'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { evaluatePolicy, type Policy } from '@countersign/pure/ep/policy'
import { requiredApprovals } from '@countersign/pure/ep/quorum'
import { sealed } from '@countersign/pure/ep/sealed'
import { verifyPolicy } from '@countersign/pure/ep/verify-policy'
import type { LogReader } from '../ports/log-reader.js'
import type { RowKey } from '../ports/store.js'
import { type Attempt, attemptKey, attemptTerms, viewOf } from './attempt.js'
import type { Attempts } from './attempts.js'
import { parsed, refusal } from './decision.js'
import { newestHeadKey, readRow, writeRow } from './directory.js'
import type { DirectoryView } from './directory-view.js'
import { eligibleApprovers } from './eligible-approvers.js'
import { attemptId, makeNonce } from './identity.js'
import type { Moment, RequestAnswer, RequestCommand } from './service.js'
import { type MaterialRequest, readMaterial, writeMaterial } from './standing-request.js'
import { type Decided, transact } from './transaction.js'

const requestBody = object({ action, action_hash: optional(hash), initiation: optional(sealed(request)) })
type RequestBody = Infer<typeof requestBody>

interface Asked {
  readonly caller: string
  readonly body: RequestBody
  readonly idempotency?: { readonly key: RowKey; readonly bodyHash: string }
}

interface Idempotency {
  readonly body_hash: string
  readonly id: string
}

interface RequestState {
  readonly now: number
  readonly current: DirectoryView
  readonly newestVersion: number
  readonly prevReceiptHash: string
  readonly repeated?: Idempotency
  readonly material?: MaterialRequest
}

type Outcome = { readonly decision: 'require'; readonly id: string } | Extract<RequestAnswer, { decision: 'ungated' }>

/** How far a caller's clock may be ahead of ours, and ours behind what it has been (EP-CTX-7). */
const toleranceMilliseconds = 60_000

/** From an action to the contexts of everybody who may approve it (sections 3, 4 and 6.1; EP-ACT-*, EP-CTX-*). */
export async function requestAuthorization(
  attempts: Attempts,
  log: LogReader,
  group: TrustGroup,
  command: RequestCommand,
  moment: Moment,
): Promise<RequestAnswer> {
  const asked = readAsked(command)
  const outcome = await transact<RequestState, Outcome>(attempts, moment, {
    read: () => readState(attempts, log, asked, moment),
    decide: (state) => decideRequest(state, asked, group, moment),
  })
  if (outcome.decision === 'ungated') return outcome
  const { attempt } = await attempts.read(outcome.id, moment.now)
  return { decision: 'require', authorization: viewOf(attempt) }
}

function readAsked({ caller, body, idempotencyKey }: RequestCommand): Asked {
  const document = parsed(() => parseJson(body).value)
  const asked = { caller, body: parsed(() => readShape(requestBody, document)) }
  if (idempotencyKey === undefined) return asked
  const key = { kind: 'idempotency', id: hashJson({ caller, key: idempotencyKey }) }
  return { ...asked, idempotency: { key, bodyHash: hashJson(document) } }
}

async function readState(
  attempts: Attempts,
  log: LogReader,
  { caller, body, idempotency }: Asked,
  moment: Moment,
): Promise<RequestState> {
  const keys = [newestHeadKey, ...(idempotency === undefined ? [] : [idempotency.key])]
  const [newest, repeated] = await attempts.store.read(attempts.organization, keys)
  const current = await attempts.directory.current(newest ?? null)
  const now = await attempts.highWater(moment.now)
  // Of its own initiator only: nobody learns of another's attempt.
  const material =
    body.action.initiator === caller ? await readMaterial(attempts, current, body.action, now) : undefined
  return {
    now,
    current,
    newestVersion: newest!.version,
    prevReceiptHash: log.derived().receipt?.receipt_hash ?? zeroHash,
    ...(repeated === null || repeated === undefined ? {} : { repeated: readRow<Idempotency>(repeated) }),
    ...(material === undefined ? {} : { material }),
  }
}

function decideRequest(state: RequestState, asked: Asked, group: TrustGroup, moment: Moment): Decided<Outcome> {
  const { idempotency } = asked
  if (state.repeated !== undefined) {
    if (state.repeated.body_hash !== idempotency!.bodyHash) throw refusal('idempotency_key_mismatch')
    return { value: { decision: 'require', id: state.repeated.id } }
  }
  const made = makeAttempt(state, asked, group, moment)
  if ('decision' in made) return { value: made }
  const { material } = state
  const id = material?.standing ?? attemptId(made.nonce)
  const rows = [
    ...(idempotency === undefined
      ? []
      : [writeRow(idempotency.key, 0, { body_hash: idempotency.bodyHash, id } satisfies Idempotency)]),
    ...(material === undefined || material.standing !== undefined ? [] : [writeMaterial(material, id)]),
  ]
  // The retry of a standing attempt (EP-ACT-4): all was judged as for a new one, and nothing new is made.
  if (material?.standing !== undefined) return { writes: { put: rows }, value: { decision: 'require', id } }
  return {
    // Dying before the commit: nothing happened. Dying after it: the caller's idempotency key finds the attempt.
    writes: {
      expect: [{ ...newestHeadKey, version: state.newestVersion }],
      put: [writeRow(attemptKey(id), 0, made, attemptTerms(made)), ...rows],
      claims: [{ kind: 'nonce', value: made.nonce }],
    },
    value: { decision: 'require', id },
  }
}

function makeAttempt(
  { now, current, prevReceiptHash }: RequestState,
  { caller, body }: Asked,
  group: TrustGroup,
  moment: Moment,
): Attempt | Extract<RequestAnswer, { decision: 'ungated' }> {
  const hashes = new Hashes()
  const { action, initiation } = body
  const actionHash = hashes.hash(action)
  if (body.action_hash !== undefined && body.action_hash !== actionHash)
    throw new Refusal('action_hash_mismatch', '/action_hash')
  if (action.initiator !== caller) throw refusal('initiator_caller_mismatch', '/action/initiator')
  const issuedAt = issueAt(action.requested_at, now, moment)

  const initiator = current.entity(action.initiator, issuedAt)
  if (initiator === undefined) throw refusal('initiator_entity_unknown', '/action/initiator')
  const policyLeaf = current.policyFor(action.action_type, issuedAt)
  if (policyLeaf === undefined) throw refusal('policy_action_type_unknown', '/action/action_type')
  const { policy_id, policy_hash } = policyLeaf.entry
  if (action.policy_id !== policy_id)
    throw refusal('policy_in_force_mismatch', '/action/policy_id', { policy_id, policy_hash })
  const policy = current.policies.get(policy_hash)!

  // What every later verifier will do, done before anybody is asked to sign: head, openings, attestations, the initiator's seal.
  const authority = openAuthority(
    {
      action,
      action_hash: actionHash,
      policy,
      authority: {
        head: current.head,
        policy: policyLeaf.entryHash,
        initiator: initiator.entryHash,
        approvers: [],
        delegations: [],
      },
      ...(initiation === undefined ? {} : { initiation }),
      approver_key_proofs: current.open([policyLeaf.entryHash, initiator.entryHash]),
    },
    group,
    issuedAt,
    hashes,
    neverLogged,
  )
  const decision = evaluatePolicy(policy, action, '/policy')
  if (decision.decision !== 'require') {
    if (decision.decision === 'ungated') return { decision: 'ungated', policy_id, policy_hash }
    throw refusal('policy_rule_refused', `/policy/rules/${decision.rule}`, { policy_id, policy_hash })
  }
  const { quorum } = decision
  const expiresAt = issuedAt + policy.max_window_seconds * 1000
  const required = requiredApprovals(quorum)
  const nonce = makeNonce(moment)
  verifyPolicy(
    { action, policy },
    { nonce, requiredApprovals: required, prevReceiptHash, issuedAt, expiresAt },
    authority,
    policy_hash,
  )
  requireBuilt(policy)
  materialHash(policy, action)
  const approvers = eligibleApprovers(current, { initiator: initiator.entry, policy, quorum, at: issuedAt }, group)
  return {
    state: 'REQUESTED',
    action,
    action_hash: actionHash,
    policy_hash,
    ...(initiation === undefined ? {} : { initiation }),
    nonce,
    required_approvals: required,
    issued_at: formatInstant(issuedAt),
    expires_at: formatInstant(expiresAt),
    prev_receipt_hash: prevReceiptHash,
    head_hash: current.headHash,
    policy_entry: policyLeaf.entryHash,
    initiator_entry: initiator.entryHash,
    approvers: approvers.map(({ approver, entries }) => ({ approver, entries: entries.map((one) => one.entryHash) })),
    signoffs: [],
  }
}

/** `issued_at` in ms, a whole second: not before `requested_at`, which may be 60 s ahead (EP-CTX-7). */
function issueAt(requestedAt: string, now: number, moment: Moment): number {
  if (now - moment.now > toleranceMilliseconds) throw refusal('clock_stale')
  const requested = parseInstant(requestedAt)
  if (requested - now > toleranceMilliseconds) throw refusal('requested_at_too_large', '/action/requested_at')
  const second = Math.floor(now / 1000) * 1000
  return second >= requested ? second : Math.ceil(requested / 1000) * 1000
}

/** A policy may ask for what no receipt of this server could show yet; said before anybody signs. */
function requireBuilt(policy: Policy): void {
  judgeEvidence(policy, [])
  if (policy.commit_after.level === 'witnessed') throw refusal('policy_witnesses_unsupported', '/policy/commit_after')
}
