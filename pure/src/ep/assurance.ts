import type { JsonObject } from '../core/json.js'
import { Indeterminate } from '../core/outcome.js'
import { Refusal } from '../core/refusal.js'
import type { OpenedAuthority } from './open-authority.js'
import { classAtLeast, type KeyClass, type Policy } from './policy.js'

/** How much the evidence carries; every member is what the verified octets and the trust file give, never a claim of a presenter. */
export interface Assurance {
  /** The weakest signoff; C for all of them under a head that only the operator signed (EP-DIR-4). */
  readonly key_class: KeyClass
  readonly directory_custody: 'organization' | 'operator'
  readonly directory_surface: 'independent' | 'operator'
  readonly policy_authority: 'directory' | 'pinned'
  readonly initiator_identity: 'sealed' | 'asserted'
  readonly witnesses: number
  readonly executor?: 'sealed' | 'asserted'
  readonly enforcement_class?: string
  readonly effect?: 'after_approval' | 'before_approval'
  /** What the policy demands before an acknowledgement, and where the operator says its anchor stands. */
  readonly commit_after?: 'anchored' | 'witnessed'
  readonly anchor?: 'same_device' | 'separate' | 'not_stated'
  readonly display?: string
}

/** What no offline verification establishes (EP-VER-3, section 6.3). */
export const neverEstablished = [
  'post_issuance_revocation',
  'revocation_before_signing_under_older_head',
  'log_split_view',
  'faithful_display',
  'global_non_replay',
  'time_of_signing_and_commitment',
] as const

export function authorityAssurance(
  authority: OpenedAuthority,
  classes: readonly KeyClass[],
  witnesses: number,
): Assurance {
  const weakest = classes.reduce((left, right) => (classAtLeast(left, right) ? right : left))
  const { custody, surface } = authority.head
  return {
    key_class: custody === 'operator' ? 'C' : weakest,
    directory_custody: custody,
    directory_surface: surface,
    policy_authority: authority.policy === undefined ? 'pinned' : 'directory',
    initiator_identity: authority.initiatorIdentity,
    witnesses,
  }
}

/**
 * Evidence objects are none of them known yet: a type that the policy demands and that is absent is refused, one that is
 * present makes the verdict indeterminate, any other is reported as not evaluated (EP-ENC-7).
 *
 * @returns the types present and not evaluated
 */
export function judgeEvidence(policy: Policy, evidence: readonly (JsonObject & { type: string })[]): readonly string[] {
  const present = new Set(evidence.map((one) => one.type))
  const absent = policy.evidence_required.findIndex((type) => !present.has(type))
  if (absent >= 0) throw new Refusal('evidence_required_missing', `/policy/evidence_required/${absent}`)
  if (policy.evidence_required.length > 0)
    throw new Indeterminate('evidence_required_unknown', '/policy/evidence_required/0')
  return [...present].sort()
}
