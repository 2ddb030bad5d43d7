import { parseBinary } from '../core/digest.js'
import { parsePublicKey } from '../core/public-key.js'
import { Refusal } from '../core/refusal.js'
import { hashedBundle } from './bundle.js'
import { compromisedFrom, type LoggedBefore, requireUncompromised } from './compromise.js'
import type { ConsumeRequest } from './consumption.js'
import type { ExecutorEntry } from './directory-leaf.js'
import type { Hashes } from './hashes.js'
import type { OpenedAuthority, OpenedEntry } from './open-authority.js'
import type { TrustGroup } from './pinned-trust.js'
import { type EnforcementClass, enforcementAtLeast } from './policy.js'
import { verifySeal } from './sealed.js'
import type { TrustReceipt } from './trust-receipt.js'
import type { Attempt } from './verify-contexts.js'

/** Who says that the authorization was consumed, and how bypassable the gate was. */
export interface VerifiedConsumption {
  readonly executor: 'sealed' | 'asserted'
  readonly effectBeforeApproval: boolean
}

/**
 * The nonce is the contexts', the state is COMMITTED, and a pinned or enrolled executor that serves the action's system sealed
 * exactly this bundle (EP-BUN-2, EP-BUN-4, EP-ENF-1). That no other log committed the nonce is not shown.
 *
 * @param authenticated - the very entry by which the caller has verified this request already (`verifyExecutorSeal`), if it has
 */
export function verifyConsumption(
  receipt: TrustReceipt,
  attempt: Attempt,
  authority: OpenedAuthority,
  policyHash: string,
  hashes: Hashes,
  loggedBefore: LoggedBefore,
  authenticated?: ExecutorEntry,
): VerifiedConsumption {
  const { consumption } = receipt
  if (consumption.nonce !== attempt.nonce) throw new Refusal('consumption_nonce_mismatch', '/consumption/nonce')
  if (consumption.state !== 'COMMITTED') throw new Refusal('consumption_state_mismatch', '/consumption/state')
  if (!enforcementAtLeast(receipt.enforcement_class, receipt.policy.enforcement_minimum))
    throw new Refusal('enforcement_class_insufficient', '/enforcement_class')
  const { consume, executor_id } = consumption
  if (consume === undefined || authority.executor === undefined) {
    requireAsserted(receipt, authority)
    return { executor: 'asserted', effectBeforeApproval: false }
  }
  const at = '/consumption/consume'
  const { body } = consume
  if (body.organization !== receipt.policy.organization)
    throw new Refusal('consume_organization_mismatch', `${at}/body/organization`)
  if (body.nonce !== attempt.nonce) throw new Refusal('consume_nonce_mismatch', `${at}/body/nonce`)
  if (body.action_hash !== receipt.action_hash)
    throw new Refusal('consume_action_hash_mismatch', `${at}/body/action_hash`)
  if (body.policy_hash !== policyHash) throw new Refusal('consume_policy_hash_mismatch', `${at}/body/policy_hash`)
  if (body.bundle_hash !== hashes.hash(hashedBundle(receipt)))
    throw new Refusal('consume_bundle_hash_mismatch', `${at}/body/bundle_hash`)
  if (body.executor_id !== executor_id) throw new Refusal('consume_executor_mismatch', `${at}/body/executor_id`)
  if (body.enforcement_class !== receipt.enforcement_class)
    throw new Refusal('consume_enforcement_class_mismatch', `${at}/body/enforcement_class`)
  if (authority.executor.entry !== authenticated)
    verifyExecutorSeal(consume, authority.executor, receipt.action.target.system, authority.group, hashes, at)
  requireUncompromised(
    compromisedFrom(authority.executor.leaf, authority.executor.entry.public_key, authority.group),
    loggedBefore,
    'executor_key_compromised',
    at,
  )
  const effectBeforeApproval = body.effect_before_approval === true
  if (effectBeforeApproval && body.enforcement_class !== 'BASIC')
    throw new Refusal('consume_effect_order_unsupported', `${at}/body/effect_before_approval`)
  return { executor: 'sealed', effectBeforeApproval }
}

/** A consume request is by an executor that serves the system, whose class covers it, with the key that its leaf holds. */
export function verifyExecutorSeal(
  consume: ConsumeRequest,
  executor: Pick<OpenedEntry<ExecutorEntry>, 'entry' | 'at'>,
  system: string,
  group: TrustGroup,
  hashes: Hashes,
  at: string,
): void {
  const { entry } = executor
  if (entry.executor_id !== consume.body.executor_id)
    throw new Refusal('executor_entry_mismatch', `${executor.at}/entry/executor_id`)
  if (!entry.systems.includes(system)) throw new Refusal('executor_system_mismatch', `${executor.at}/entry/systems`)
  requireClass(consume.body.enforcement_class, entry.enforcement_class, `${at}/body/enforcement_class`)
  if (group.executors !== undefined) {
    const pinned = group.executors.get(entry.public_key)
    if (pinned === undefined) throw new Refusal('executor_key_unknown', `${executor.at}/entry/public_key`)
    requireClass(consume.body.enforcement_class, pinned, `${at}/body/enforcement_class`)
  }
  const [signature, ...others] = consume.signatures
  if (others.length > 0) throw new Refusal('consume_signatures_too_large', `${at}/signatures`)
  if (signature!.key_id !== entry.key_id) throw new Refusal('consume_key_id_mismatch', `${at}/signatures/0/key_id`)
  const key = parsePublicKey(parseBinary(entry.public_key), `${executor.at}/entry/public_key`)
  verifySeal('consume', hashes.digest(consume.body), signature!, key, `${at}/signatures/0`)
}

function requireClass(claimed: EnforcementClass, allowed: EnforcementClass, at: string): void {
  if (!enforcementAtLeast(allowed, claimed)) throw new Refusal('executor_class_insufficient', at)
}

// Without the executor's seal the consumption is the operator's word: at most STANDARD, and nothing of the seal may be there.
function requireAsserted({ consumption, enforcement_class }: TrustReceipt, authority: OpenedAuthority): void {
  if (enforcement_class === 'STRONG') throw new Refusal('consumption_consume_missing', '/consumption/consume')
  if (consumption.consume !== undefined)
    throw new Refusal('consumption_executor_entry_missing', '/consumption/executor_entry')
  if (authority.executor !== undefined)
    throw new Refusal('consumption_executor_entry_unknown', '/consumption/executor_entry')
  if (authority.group.executors !== undefined) throw new Refusal('consumption_consume_missing', '/consumption/consume')
}
