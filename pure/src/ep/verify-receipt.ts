import { parseInstant } from '../core/instant.js'
import { judge, type Outcome } from '../core/outcome.js'
import { Refusal } from '../core/refusal.js'
import { type Assurance, authorityAssurance, judgeEvidence, neverEstablished } from './assurance.js'
import { type Hashes, readArtifact } from './hashes.js'
import { nonceHash } from './log-entry.js'
import { openAuthority, selectGroup } from './open-authority.js'
import type { PinnedTrust } from './pinned-trust.js'
import { requireSeparation } from './separation.js'
import { hashedReceipt, type TrustReceipt, trustReceipt } from './trust-receipt.js'
import { verifyConsumption } from './verify-consumption.js'
import { verifyContexts } from './verify-contexts.js'
import { verifyLogged, witnessedBy } from './verify-inclusion.js'
import { verifyPolicy } from './verify-policy.js'
import { verifySignoffs } from './verify-signoffs.js'
import { requirePast, requireSignedInWindow } from './windows.js'

/** The ten steps of EP-VER-1, in their order. */
export const receiptSteps = [
  'structure',
  'action_hash',
  'contexts',
  'authority',
  'policy',
  'signoffs',
  'separation_of_duties',
  'consumption',
  'inclusion',
  'windows',
] as const

declare const verified: unique symbol

/** A receipt that a verification found satisfied; only `verifyReceipt` makes one. */
export interface VerifiedReceipt {
  readonly [verified]: true
  readonly receipt: TrustReceipt
  readonly receiptHash: string
  readonly assurance: Assurance
  readonly notEstablished: readonly string[]
}

/** `now`: a clock (ms) that the relying party trusts; without one no instant is compared with the present. */
export interface VerifyOptions {
  readonly now?: number
  /** ms by which an instant may lie ahead of `now`; 60 s if absent. */
  readonly tolerance?: number
}

const defaultTolerance = 60_000

/**
 * Establishes what a trust receipt proves, without a network. Never throws; never says "currently valid".
 *
 * @param bytes - the receipt as received; nothing in it is trusted
 * @param trust - what the relying party pinned, per organization
 * @returns satisfied with the verified receipt, or the first step that failed, with one code and a JSON Pointer
 * @see EP authorization receipts -00, section 6.3; EP-VER-1 to 5
 */
export function verifyReceipt(
  bytes: Uint8Array,
  trust: PinnedTrust,
  options: VerifyOptions = {},
): Outcome<VerifiedReceipt> {
  return judge(receiptSteps, (checks) => {
    const { value: receipt, hashes } = checks.step('structure', () => readArtifact(trustReceipt, bytes))
    checks.step('action_hash', () => requireActionHash(receipt, hashes))
    const policyHash = hashes.hash(receipt.policy)
    const attempt = checks.step('contexts', () =>
      verifyContexts(
        receipt.contexts,
        { action: receipt.action, actionHash: receipt.action_hash, policyHash },
        receipt.contexts.map((_, index) => `/contexts/${index}`),
      ),
    )
    const authority = checks.step('authority', () => {
      const group = selectGroup(receipt.policy, trust)
      const loggedBefore = () => witnessedBy(receipt.log_proof, receipt.policy, group)
      const { executor_entry } = receipt.consumption
      return openAuthority(receipt, group, attempt.issuedAt, hashes, loggedBefore, executor_entry)
    })
    const policy = checks.step('policy', () => {
      const quorum = verifyPolicy(receipt, attempt, authority, policyHash)
      if (receipt.policy.display.template_hash !== receipt.display.template_hash)
        throw new Refusal('display_template_mismatch', '/display/template_hash')
      return { quorum, notEvaluated: judgeEvidence(receipt.policy, receipt.evidence) }
    })
    const loggedBefore = () => witnessedBy(receipt.log_proof, receipt.policy, authority.group)
    const signoffs = checks.step('signoffs', () =>
      verifySignoffs(receipt, policy.quorum, authority, hashes, loggedBefore),
    )
    checks.step('separation_of_duties', () =>
      requireSeparation(
        authority.approvers.map(({ entry }) => entry),
        authority.initiator.entry,
        receipt.policy,
        policy.quorum,
      ),
    )
    const consumption = checks.step('consumption', () =>
      verifyConsumption(receipt, attempt, authority, policyHash, hashes, loggedBefore),
    )
    const receiptHash = hashes.hash(hashedReceipt(receipt))
    const logged = checks.step('inclusion', () =>
      verifyLogged(
        {
          type: 'ep.log.receipt.v1',
          organization: receipt.policy.organization,
          receipt_hash: receiptHash,
          nonce_hash: nonceHash(attempt.nonce),
          state: 'COMMITTED',
          committed_at: receipt.consumption.committed_at,
          prev_receipt_hash: attempt.prevReceiptHash,
        },
        receipt.log_proof,
        { policy: receipt.policy, head: receipt.authority.head },
        authority.group,
      ),
    )
    checks.step('windows', () => requireWindows(receipt, attempt, options))
    return {
      receipt,
      receiptHash,
      assurance: {
        ...authorityAssurance(
          authority,
          signoffs.map(({ keyClass }) => keyClass),
          logged.witnesses,
        ),
        executor: consumption.executor,
        enforcement_class: receipt.enforcement_class,
        effect: consumption.effectBeforeApproval ? 'before_approval' : 'after_approval',
        commit_after: receipt.policy.commit_after.level,
        anchor: receipt.consumption.anchor ?? 'not_stated',
        display: receipt.display.surface,
      },
      notEstablished: [
        ...neverEstablished,
        'absence_of_denial',
        ...(authority.initiatorIdentity === 'sealed' ? [] : ['initiator_identity']),
        ...(logged.headLoggedBefore ? [] : ['head_logged_before']),
        ...(consumption.executor === 'sealed' ? [] : ['executor']),
        ...policy.notEvaluated.map((type) => `evidence:${type}`),
      ],
    } as unknown as VerifiedReceipt
  })
}

export function requireActionHash(artifact: { action: object; action_hash: string }, hashes: Hashes): void {
  if (hashes.hash(artifact.action) !== artifact.action_hash) throw new Refusal('action_hash_mismatch', '/action_hash')
}

function requireWindows(
  receipt: TrustReceipt,
  attempt: ReturnType<typeof verifyContexts>,
  options: VerifyOptions,
): void {
  const signedAt = receipt.signoffs.map(({ signed_at }, index) => ({
    instant: signed_at,
    at: `/signoffs/${index}/signed_at`,
  }))
  const lastSigned = requireSignedInWindow(receipt.action.requested_at, attempt, signedAt)
  const committedAt = parseInstant(receipt.consumption.committed_at)
  if (committedAt < lastSigned) throw new Refusal('window_committed_at_invalid', '/consumption/committed_at')
  if (committedAt >= attempt.expiresAt) throw new Refusal('window_committed_at_expired', '/consumption/committed_at')
  if (options.now === undefined) return
  requirePast(
    [{ ms: committedAt, at: '/consumption/committed_at' }],
    options.now,
    options.tolerance ?? defaultTolerance,
  )
}
