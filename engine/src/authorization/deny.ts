import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { parseJson } from '@countersign/pure/core/json'
import { type Infer, object, readShape } from '@countersign/pure/core/shape'
import { type DenialRecord, hashedDenial } from '@countersign/pure/ep/denial-record'
import { Hashes } from '@countersign/pure/ep/hashes'
import { encodeLogEntry, nonceHash } from '@countersign/pure/ep/log-entry'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { denialEnvelope, denialMembers } from '@countersign/pure/ep/signoff'
import { type Artifacts, denialEntryId, denialRow } from './artifacts.js'
import { type Attempt, attemptKey, authorityOf, contextAt, policyOf } from './attempt.js'
import type { Attempts, StandingUnderHead } from './attempts.js'
import { parsed } from './decision.js'
import { newestHeadKey, writeRow } from './directory.js'
import { makeUlid } from './identity.js'
import type { Moment } from './service.js'
import { approverIndexOf, type JudgedSigner, judgeSignature, PasskeyCounter } from './signature.js'
import { nextState } from './state-machine.js'
import { type Decided, transact } from './transaction.js'

const signedDenial = object(denialMembers)
type SignedDenial = Infer<typeof signedDenial>

interface DenyCommand {
  readonly id: string
  readonly approver: string
  readonly body: Uint8Array
}

/** One valid denial, also by somebody who approved, ends the attempt; it is logged (EP-SIG-2, EP-SM-1, EP-DEN-1). */
export async function denyAuthorization(
  attempts: Attempts,
  artifacts: Artifacts,
  group: TrustGroup,
  command: DenyCommand,
  moment: Moment,
): Promise<DenialRecord> {
  const signed = parsed(() => readShape(signedDenial, parseJson(command.body).value))
  const counter = new PasskeyCounter()
  const denialId = await transact(attempts, moment, {
    read: () => attempts.readUnderHead(command.id, moment.now),
    decide: (state: StandingUnderHead) => decideDenial(state, command.approver, signed, group, counter, moment),
    conflict: counter.conflict,
  })
  return artifacts.denial(denialId)
}

function decideDenial(
  state: StandingUnderHead,
  approver: string,
  signed: SignedDenial,
  group: TrustGroup,
  counter: PasskeyCounter,
  moment: Moment,
): Decided<string> {
  const { attempt } = state
  const index = approverIndexOf(attempt, approver)
  const { ended } = attempt
  // Sent again because the answer was lost.
  if (ended !== undefined && 'denial_id' in ended && ended.signature === signed.signature)
    return { value: ended.denial_id }
  const next = nextState(attempt.state, 'denial')

  const hashes = new Hashes()
  const envelope = denialEnvelope(signed.context_hash, signed.reason)
  const signer = judgeSignature(state, index, signed, hashes.digest(envelope), group)
  const denialId = `ep:denial:${makeUlid(moment)}`
  const body = denialBody(state, index, signed, signer, denialId)
  const hash = hashes.hash(body)
  const entryId = denialEntryId(denialId)
  const denied: Attempt = {
    ...attempt,
    state: next,
    ended: { entry_id: entryId, denial_id: denialId, signature: signed.signature },
  }
  return {
    // Dying before the commit: nothing happened. Dying after it: the attempt is over, its entry waits in the outbox, and every
    // answer about it waits for that. Its terms stay until then, so that lists wait as well.
    writes: {
      expect: [{ ...newestHeadKey, version: state.newestVersion }],
      put: [writeRow(attemptKey(state.id), state.version, denied), denialRow(denialId, body, hash, attempt.head_hash)],
      append: [
        {
          entryId,
          entry: encodeLogEntry({
            type: 'ep.log.denial.v1',
            organization: group.file.organization,
            denial_hash: hash,
            nonce_hash: nonceHash(attempt.nonce),
            state: 'DENIED',
            denied_at: deniedAt(state),
            prev_receipt_hash: attempt.prev_receipt_hash,
          }),
        },
      ],
      ...counter.raise(signer),
    },
    value: denialId,
  }
}

function denialBody(
  state: StandingUnderHead,
  index: number,
  signed: SignedDenial,
  { placed }: JudgedSigner,
  denialId: string,
) {
  const { attempt, frozen } = state
  const { action, action_hash, initiation } = attempt
  const record: Omit<DenialRecord, 'log_proof' | 'approver_key_proofs'> = {
    type: 'ep.denial_record.v1',
    ep_version: '1.0',
    denial_id: denialId,
    action,
    action_hash,
    policy: policyOf(attempt, frozen),
    context: contextAt(attempt, index),
    denial: { ...signed, denied_at: deniedAt(state) },
    authority: authorityOf(attempt, frozen, [placed.entryHash]),
    ...(initiation === undefined ? {} : { initiation }),
  }
  return hashedDenial(record as DenialRecord)
}

function deniedAt({ attempt, now }: StandingUnderHead): string {
  return formatInstant(Math.max(now, parseInstant(attempt.issued_at)))
}
