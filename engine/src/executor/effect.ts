import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonValue } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import type { Action } from '@countersign/pure/ep/action'
import type { OutcomeBody } from '@countersign/pure/ep/outcome-report'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import type { VerifiedReceipt } from '@countersign/pure/ep/verify-receipt'

/** The action that was approved. `octets` are what was hashed and signed: its canonical form. */
export interface ApprovedAction {
  readonly action: Action
  readonly actionHash: string
  readonly octets: Uint8Array
}

export type EffectOutcome = OutcomeBody['outcome']

/**
 * Runs the effect, with the action that it is given and no other. `failed` only if it certainly did not take place; whatever it throws,
 * or answers beside these, counts as `indeterminate`. It is called at most once for an authorization, over all crashes.
 */
export type Effect = (approved: ApprovedAction, receipt: VerifiedReceipt) => Promise<EffectOutcome>

/** Looks up in the system of record whether an effect took place that was started and never finished. */
export type Reconcile = (approved: ApprovedAction, receipt: TrustReceipt) => Promise<Definite | 'unknown'>

type Definite = Exclude<EffectOutcome, 'indeterminate'>

export function approvedAction({ action, action_hash }: TrustReceipt): ApprovedAction {
  return { action, actionHash: action_hash, octets: canonicalBytes(action as unknown as JsonValue) }
}

/** Runs an effect once. Never throws: by now something may have happened, and it must be reported. */
export async function outcomeOf(
  effect: Effect,
  receipt: VerifiedReceipt,
): Promise<{ readonly outcome: EffectOutcome; readonly thrown?: unknown }> {
  try {
    const outcome = await effect(approvedAction(receipt.receipt), receipt)
    return { outcome: isDefinite(outcome) ? outcome : 'indeterminate' }
  } catch (thrown) {
    return { outcome: 'indeterminate', thrown }
  }
}

/**
 * @returns undefined if nobody can tell
 * @throws Refusal executor_reconciliation_unavailable
 */
export async function reconciled(receipt: TrustReceipt, reconcile: Reconcile): Promise<Definite | undefined> {
  try {
    const answer = await reconcile(approvedAction(receipt), receipt)
    return isDefinite(answer) ? answer : undefined
  } catch (cause) {
    throw new Refusal('executor_reconciliation_unavailable', '/receipt', String(cause))
  }
}

// The types say what may come; programs without types answer what they like.
function isDefinite(answer: string): answer is Definite {
  return answer === 'executed' || answer === 'failed'
}
