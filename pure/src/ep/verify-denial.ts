import { parseInstant } from '../core/instant.js'
import { judge, type Outcome } from '../core/outcome.js'
import { Refusal } from '../core/refusal.js'
import { type Assurance, authorityAssurance, neverEstablished } from './assurance.js'
import { compromisedFrom, type LoggedBefore, requireUncompromised } from './compromise.js'
import { type DenialRecord, denialRecord, hashedDenial } from './denial-record.js'
import { type Hashes, readArtifact } from './hashes.js'
import { nonceHash } from './log-entry.js'
import { type OpenedAuthority, openAuthority, selectGroup } from './open-authority.js'
import type { PinnedTrust } from './pinned-trust.js'
import { eligibleRoles, type Quorum } from './quorum.js'
import { requireNotInitiator } from './separation.js'
import { denialEnvelope } from './signoff.js'
import { verifyContexts } from './verify-contexts.js'
import { verifyLogged, witnessedBy } from './verify-inclusion.js'
import { verifyPolicy } from './verify-policy.js'
import { requireActionHash, type VerifyOptions } from './verify-receipt.js'
import { verifyApproverSignature } from './verify-signature.js'
import { requireEligible } from './verify-signoffs.js'
import { requirePast, requireSignedInWindow } from './windows.js'

/** The steps of EP-DEN-1. */
export const denialSteps = [
  'structure',
  'action_hash',
  'contexts',
  'authority',
  'policy',
  'denial',
  'inclusion',
  'windows',
] as const

declare const verified: unique symbol

export interface VerifiedDenial {
  readonly [verified]: true
  readonly record: DenialRecord
  readonly denialHash: string
  readonly assurance: Assurance
  readonly notEstablished: readonly string[]
}

/**
 * Establishes that an eligible approver refused this exact action and that the refusal was logged, without a network (EP-DEN-1).
 *
 * @param bytes - the denial record as received; nothing in it is trusted
 */
export function verifyDenial(
  bytes: Uint8Array,
  trust: PinnedTrust,
  options: VerifyOptions = {},
): Outcome<VerifiedDenial> {
  return judge(denialSteps, (checks) => {
    const { value: record, hashes } = checks.step('structure', () => readArtifact(denialRecord, bytes))
    checks.step('action_hash', () => requireActionHash(record, hashes))
    const policyHash = hashes.hash(record.policy)
    const attempt = checks.step('contexts', () =>
      verifyContexts([record.context], { action: record.action, actionHash: record.action_hash, policyHash }, [
        '/context',
      ]),
    )
    const authority = checks.step('authority', () => {
      const group = selectGroup(record.policy, trust)
      const loggedBefore = () => witnessedBy(record.log_proof, record.policy, group)
      return openAuthority(record, group, attempt.issuedAt, hashes, loggedBefore)
    })
    const quorum = checks.step('policy', () => verifyPolicy(record, attempt, authority, policyHash))
    const loggedBefore = () => witnessedBy(record.log_proof, record.policy, authority.group)
    const keyClass = checks.step('denial', () => verifyDenialSignature(record, quorum, authority, hashes, loggedBefore))
    const denialHash = hashes.hash(hashedDenial(record))
    const logged = checks.step('inclusion', () =>
      verifyLogged(
        {
          type: 'ep.log.denial.v1',
          organization: record.policy.organization,
          denial_hash: denialHash,
          nonce_hash: nonceHash(attempt.nonce),
          state: 'DENIED',
          denied_at: record.denial.denied_at,
          prev_receipt_hash: attempt.prevReceiptHash,
        },
        record.log_proof,
        { policy: record.policy, head: record.authority.head },
        authority.group,
      ),
    )
    checks.step('windows', () => {
      const deniedAt = { instant: record.denial.denied_at, at: '/denial/denied_at' }
      requireSignedInWindow(record.action.requested_at, attempt, [deniedAt])
      if (options.now !== undefined)
        requirePast([{ ms: parseInstant(deniedAt.instant), at: deniedAt.at }], options.now, options.tolerance ?? 60_000)
    })
    return {
      record,
      denialHash,
      assurance: authorityAssurance(authority, [keyClass], logged.witnesses),
      notEstablished: [
        ...neverEstablished,
        ...(authority.initiatorIdentity === 'sealed' ? [] : ['initiator_identity']),
        ...(logged.headLoggedBefore ? [] : ['head_logged_before']),
      ],
    } as unknown as VerifiedDenial
  })
}

function verifyDenialSignature(
  record: DenialRecord,
  quorum: Quorum,
  authority: OpenedAuthority,
  hashes: Hashes,
  loggedBefore: LoggedBefore,
) {
  const { denial, context } = record
  if (denial.context_hash !== hashes.hash(context)) throw new Refusal('denial_context_mismatch', '/denial/context_hash')
  if (authority.approvers.length !== 1) throw new Refusal('authority_approvers_mismatch', '/authority/approvers')
  const { entry, leaf } = authority.approvers[0]!
  if (entry.approver_id !== context.approver) throw new Refusal('signoff_approver_mismatch', '/denial')
  const digest = hashes.digest(denialEnvelope(denial.context_hash, denial.reason))
  const { keyClass } = verifyApproverSignature(denial, digest, entry, authority.group, '/denial')
  requireEligible(entry, record.policy, eligibleRoles(quorum), authority, '/denial')
  requireNotInitiator(entry, authority.initiator.entry, record.policy, '/authority/approvers/0')
  requireUncompromised(
    compromisedFrom(leaf, entry.public_key, authority.group),
    loggedBefore,
    'signoff_key_compromised',
    '/denial',
  )
  return keyClass
}
