import { parseInstant } from '../core/instant.js'
import { judge, type Outcome } from '../core/outcome.js'
import { Refusal } from '../core/refusal.js'
import { type Assurance, authorityAssurance, judgeEvidence } from './assurance.js'
import { type AuthorizationBundle, authorizationBundle, hashedBundle } from './bundle.js'
import { neverLogged } from './compromise.js'
import type { DirectoryHead } from './directory-head.js'
import { readArtifact } from './hashes.js'
import { openAuthority, selectGroup } from './open-authority.js'
import type { PinnedTrust, TrustGroup } from './pinned-trust.js'
import { requireSeparation } from './separation.js'
import { verifyContexts } from './verify-contexts.js'
import { verifyPolicy } from './verify-policy.js'
import { requireActionHash } from './verify-receipt.js'
import { verifySignoffs } from './verify-signoffs.js'
import { requirePast, requireSignedInWindow } from './windows.js'

/** The steps of EP-VER-1 that a bundle has: there is no consumption and no log entry yet. */
export const bundleSteps = [
  'structure',
  'action_hash',
  'contexts',
  'authority',
  'policy',
  'signoffs',
  'separation_of_duties',
  'windows',
] as const

declare const verified: unique symbol

/** A bundle that verified; `Executor.consume` takes nothing else. */
export interface VerifiedBundle {
  readonly [verified]: true
  readonly bundle: AuthorizationBundle
  readonly bundleHash: string
  readonly policyHash: string
  /** ms since the epoch. */
  readonly expiresAt: number
  readonly assurance: Assurance
}

/**
 * Judges an authorization bundle before anything runs: with the executor's own trust and clock (EP-BUN-1, EP-BUN-2). A verified
 * bundle confers nothing by itself: it must still be consumed.
 *
 * @param clock - the executor's time in ms, and how far instants may lie ahead of it (60 s where the caller says nothing else)
 */
export function verifyBundle(
  bytes: Uint8Array,
  trust: PinnedTrust,
  clock: { readonly now: number; readonly tolerance?: number },
): Outcome<VerifiedBundle> {
  return judge(bundleSteps, (checks) => {
    const { value: bundle, hashes } = checks.step('structure', () => readArtifact(authorizationBundle, bytes))
    checks.step('action_hash', () => requireActionHash(bundle, hashes))
    const policyHash = hashes.hash(bundle.policy)
    const attempt = checks.step('contexts', () =>
      verifyContexts(
        bundle.contexts,
        { action: bundle.action, actionHash: bundle.action_hash, policyHash },
        bundle.contexts.map((_, index) => `/contexts/${index}`),
      ),
    )
    const authority = checks.step('authority', () =>
      openAuthority(bundle, selectGroup(bundle.policy, trust), attempt.issuedAt, hashes, neverLogged),
    )
    const quorum = checks.step('policy', () => {
      const needed = verifyPolicy(bundle, attempt, authority, policyHash)
      judgeEvidence(bundle.policy, bundle.evidence)
      return needed
    })
    const signoffs = checks.step('signoffs', () => verifySignoffs(bundle, quorum, authority, hashes, neverLogged))
    checks.step('separation_of_duties', () =>
      requireSeparation(
        authority.approvers.map(({ entry }) => entry),
        authority.initiator.entry,
        bundle.policy,
        quorum,
      ),
    )
    checks.step('windows', () => {
      const signedAt = bundle.signoffs.map(({ signed_at }, index) => ({
        instant: signed_at,
        at: `/signoffs/${index}/signed_at`,
      }))
      requireSignedInWindow(bundle.action.requested_at, attempt, signedAt)
      const instants = signedAt.map(({ instant, at }) => ({ ms: parseInstant(instant), at }))
      requirePast(
        [{ ms: attempt.issuedAt, at: '/contexts/0/issued_at' }, ...instants],
        clock.now,
        clock.tolerance ?? 60_000,
      )
      requireHeadAge(bundle.authority.head, authority.group, clock.now, '/authority/head')
      if (clock.now >= attempt.expiresAt) throw new Refusal('window_authorization_expired', '/contexts/0/expires_at')
    })
    return {
      bundle,
      bundleHash: hashes.hash(hashedBundle(bundle)),
      policyHash,
      expiresAt: attempt.expiresAt,
      assurance: authorityAssurance(
        authority,
        signoffs.map(({ keyClass }) => keyClass),
        0,
      ),
    } as unknown as VerifiedBundle
  })
}

/** Under an old head a revocation may be unknown: an executor bounds its age (EP-DIR-5). */
export function requireHeadAge(head: DirectoryHead, { file }: TrustGroup, now: number, at: string): void {
  const { max_head_age_seconds } = file
  if (max_head_age_seconds === undefined) return
  if (now - parseInstant(head.body.issued_at) > max_head_age_seconds * 1000)
    throw new Refusal('head_age_too_large', `${at}/body/issued_at`)
}
