import { parseHash } from '@countersign/pure/core/digest'
import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { parseJson } from '@countersign/pure/core/json'
import { type Infer, object, readShape } from '@countersign/pure/core/shape'
import type { EnrollmentEntry } from '@countersign/pure/ep/directory-leaf'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { evaluatePolicy } from '@countersign/pure/ep/policy'
import { assignSlots, type Quorum } from '@countersign/pure/ep/quorum'
import { requireDistinctApprovers } from '@countersign/pure/ep/separation'
import { signatureMembers } from '@countersign/pure/ep/signoff'
import { type Attempt, attemptKey, attemptTerms, policyOf, viewOf } from './attempt.js'
import type { Attempts, StandingUnderHead } from './attempts.js'
import { parsed, refusal } from './decision.js'
import { newestHeadKey, writeRow } from './directory.js'
import { requireStanding } from './directory-view.js'
import type { AuthorizationView, Moment } from './service.js'
import { approverIndexOf, judgeSignature, PasskeyCounter } from './signature.js'
import { nextState } from './state-machine.js'
import { type Decided, transact } from './transaction.js'

const signedContext = object(signatureMembers)
type SignedContext = Infer<typeof signedContext>

/** One approver's signature over its context; the one that meets the quorum freezes the set (section 5.3; EP-SIG-1, EP-SM-1). */
export async function signOff(
  attempts: Attempts,
  group: TrustGroup,
  command: { readonly id: string; readonly approver: string; readonly body: Uint8Array },
  moment: Moment,
): Promise<AuthorizationView> {
  const signed = parsed(() => readShape(signedContext, parseJson(command.body).value))
  const counter = new PasskeyCounter()
  const attempt = await transact(attempts, moment, {
    read: () => attempts.readUnderHead(command.id, moment.now),
    decide: (state: StandingUnderHead) => decideSignoff(state, command.approver, signed, group, counter),
    conflict: counter.conflict,
  })
  return viewOf(attempt)
}

function decideSignoff(
  state: StandingUnderHead,
  approver: string,
  signed: SignedContext,
  group: TrustGroup,
  counter: PasskeyCounter,
): Decided<Attempt> {
  const { attempt, frozen, current, now } = state
  const index = approverIndexOf(attempt, approver)
  const before = attempt.signoffs.find(({ approver_index }) => approver_index === index)
  // Sent again because the answer was lost: it changes nothing, whatever happened since.
  const repeated = before?.signoff.signature === signed.signature && before.signoff.context_hash === signed.context_hash
  if (repeated) return { value: attempt }
  nextState(attempt.state, 'signoff')
  if (before !== undefined) throw refusal('signoff_approver_duplicate')

  const signer = judgeSignature(state, index, signed, parseHash(signed.context_hash), group)
  const signoffs = [
    ...attempt.signoffs,
    {
      approver_index: index,
      entry: signer.placed.entryHash,
      signoff: { ...signed, signed_at: formatInstant(Math.max(now, parseInstant(attempt.issued_at))) },
    },
  ]
  const named = signoffs.map(({ entry }) => entry)
  requireStanding(current, [attempt.policy_entry, attempt.initiator_entry, ...named], now)
  const entries = named.map((hash) => frozen.entryOf(hash)!.entry as EnrollmentEntry)
  requireDistinctApprovers(entries)
  const met = meets(quorumOf(attempt, state), entries)
  const next: Attempt = { ...attempt, signoffs, state: nextState(attempt.state, met ? 'quorum' : 'signoff') }
  return {
    // Dying before the commit: the approver signs again. Dying after it: the repeated signature finds itself.
    writes: {
      expect: [{ ...newestHeadKey, version: state.newestVersion }],
      put: [writeRow(attemptKey(state.id), state.version, next, attemptTerms(next))],
      ...counter.raise(signer),
    },
    value: next,
  }
}

function meets(quorum: Quorum, entries: readonly EnrollmentEntry[]): boolean {
  const roles = entries.map((entry) => entry.roles)
  return assignSlots(quorum, roles) !== undefined
}

function quorumOf(attempt: Attempt, { frozen }: StandingUnderHead): Quorum {
  const decision = evaluatePolicy(policyOf(attempt, frozen), attempt.action, '/policy')
  if (decision.decision !== 'require') throw new Error('an attempt whose policy demands no approval was stored')
  return decision.quorum
}
