import type { EnrollmentEntry } from '@countersign/pure/ep/directory-leaf'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { type ApproverSignature, verifyApproverSignature } from '@countersign/pure/ep/verify-signature'
import type { Conflict, Raise } from '../ports/store.js'
import { type Attempt, contextHash } from './attempt.js'
import type { StandingUnderHead } from './attempts.js'
import { refusal } from './decision.js'
import { type Placed, requireEntryStanding } from './directory-view.js'

export type ClientSignature = ApproverSignature & { readonly context_hash: string }

export interface JudgedSigner {
  readonly placed: Placed<EnrollmentEntry>
  /** Of a passkey. */
  readonly signCount?: number
}

/** The index of an approver's context, from 1. @throws Refusal approver_unknown */
export function approverIndexOf(attempt: Attempt, approver: string): number {
  const index = attempt.approvers.findIndex((one) => one.approver === approver) + 1
  if (index === 0) throw refusal('approver_unknown')
  return index
}

/**
 * Judges a signature by the entry that was frozen for its approver, with the code that every verifier runs, and by the directory
 * in effect (EP-SIG-1, EP-DIR-5, EP-INV-2).
 *
 * @param digest - the 32 octets that must have been signed: of the context, or of the denial envelope over its hash
 */
export function judgeSignature(
  { attempt, frozen, current, now }: StandingUnderHead,
  index: number,
  signed: ClientSignature,
  digest: Uint8Array,
  group: TrustGroup,
): JudgedSigner {
  if (signed.context_hash !== contextHash(attempt, index)) throw refusal('signoff_context_mismatch', '/context_hash')
  const placed = attempt.approvers[index - 1]!.entries.map(
    (hash) => frozen.entryOf(hash) as Placed<EnrollmentEntry>,
  ).find(({ entry }) => entry.key_id === signed.approver_key_id)
  if (placed === undefined) throw refusal('approver_key_unknown', '/approver_key_id')
  requireEntryStanding(current, placed.entryHash, now)
  const { signCount } = verifyApproverSignature(signed, digest, placed.entry, group, '')
  return signCount === undefined ? { placed } : { placed, signCount }
}

/**
 * The signature counter of a passkey as something to raise in the same unit (EP-KEY-A). Some never count and say 0 every time; the
 * store does not raise from 0 to 0, so for those alone the unit is repeated without it.
 */
export class PasskeyCounter {
  #signCount: number | undefined
  #counts = true

  raise({ placed, signCount }: JudgedSigner): { raise?: readonly Raise[] } {
    this.#signCount = signCount
    if (signCount === undefined || !this.#counts) return {}
    return { raise: [{ counter: `passkey:${placed.entry.public_key}`, to: signCount }] }
  }

  /** @throws Refusal signoff_counter_stale */
  readonly conflict = (conflict: Conflict): void => {
    if (conflict.on !== 'counter') return
    if (this.#signCount !== 0 || conflict.found !== 0) throw refusal('signoff_counter_stale', '/webauthn')
    this.#counts = false
  }
}
