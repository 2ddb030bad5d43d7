import { encodeBinary, hashJson } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import type { Outcome } from '@countersign/pure/core/outcome'
import { Refusal } from '@countersign/pure/core/refusal'
import type { Action } from '@countersign/pure/ep/action'
import { materialHash } from '@countersign/pure/ep/material'
import type { PinnedTrust, TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { type EnforcementClass, enforcementAtLeast, type Policy } from '@countersign/pure/ep/policy'
import { type VerifiedBundle, verifyBundle } from '@countersign/pure/ep/verify-bundle'

/** What an executor is, and what it relies on. */
export interface Standing {
  readonly organization: string
  readonly executorId: string
  /** The systems whose effects this executor runs; its leaf names them too. */
  readonly systems: readonly string[]
  /** As in its leaf: what is asked for in every consume request. A higher one than the leaf's is refused by every verifier. */
  readonly enforcementClass: EnforcementClass
  readonly trust: PinnedTrust
}

/**
 * What the caller is about to do. `action`: the retry of an action with another wording; it must agree with the approved one in all that
 * the policy calls material (EP-ACT-4), or wholly if it names nothing. What runs is the approved action.
 */
export type Expected = { readonly actionHash: string } | { readonly action: Action }

/**
 * Verifies a bundle for this executor (EP-BUN-2): with its own trust and clock, of its organization, for one of its systems, within its
 * enforcement class, and about the action that the caller expects.
 *
 * @throws Refusal with pointers below `/bundle`
 */
export function admit(
  octets: Uint8Array,
  standing: Standing,
  key: Uint8Array,
  expected: Expected,
  now: number,
): VerifiedBundle {
  const verified = satisfied(verifyBundle(octets, standing.trust, { now }), '/bundle')
  const { action, policy } = verified.bundle
  const group = requireOwn(policy, action, standing, '/bundle')
  if (!enforcementAtLeast(standing.enforcementClass, policy.enforcement_minimum))
    throw new Refusal('executor_enforcement_insufficient', '/bundle/policy/enforcement_minimum')
  requirePinned(group, standing, key)
  requireExpected(verified, expected)
  return verified
}

/**
 * Policy and action are of this executor's organization and for one of its systems.
 *
 * @returns the group of the trust file that speaks for the organization; whoever calls has found the policy under it
 */
export function requireOwn(policy: Policy, action: Action, standing: Standing, at: string): TrustGroup {
  const group = standing.trust.groups.get(standing.organization)
  if (policy.organization !== standing.organization || group === undefined)
    throw new Refusal('executor_organization_mismatch', `${at}/policy/organization`)
  if (!standing.systems.includes(action.target.system))
    throw new Refusal('executor_target_mismatch', `${at}/action/target/system`)
  return group
}

/** The verified value, or the failure with the artifact in front of its pointer. Indeterminate is never satisfied. */
export function satisfied<T>(outcome: Outcome<T>, at: string): T {
  if (outcome.outcome === 'satisfied') return outcome.value
  throw new Refusal(outcome.failure.code, at + outcome.failure.at)
}

// A key or class that the trust file does not pin would be refused in the receipt, when the authorization is used up.
function requirePinned(group: TrustGroup, standing: Standing, key: Uint8Array): void {
  if (group.executors === undefined) return
  const pinned = group.executors.get(encodeBinary(key))
  if (pinned === undefined) throw new Refusal('executor_key_unknown', '/trust/executors')
  if (!enforcementAtLeast(pinned, standing.enforcementClass))
    throw new Refusal('executor_class_insufficient', '/trust/executors')
}

function requireExpected({ bundle }: VerifiedBundle, expected: Expected): void {
  const material = 'action' in expected ? materialHash(bundle.policy, expected.action) : undefined
  if (material !== undefined) {
    if (material === materialHash(bundle.policy, bundle.action)) return
    throw new Refusal('executor_material_mismatch', '/bundle/action')
  }
  const hash = 'action' in expected ? hashJson(expected.action as unknown as JsonObject) : expected.actionHash
  if (hash !== bundle.action_hash) throw new Refusal('executor_action_mismatch', '/bundle/action_hash')
}
