import { hashJson } from '@countersign/pure/core/digest'
import { type JsonObject, parseJson } from '@countersign/pure/core/json'
import { attempt, type Check, type Failure, type Outcome, type Verdict } from '@countersign/pure/core/outcome'
import { isObject } from '@countersign/pure/core/shape'
import type { Action } from '@countersign/pure/ep/action'
import type { Assurance } from '@countersign/pure/ep/assurance'
import type { PinnedTrust } from '@countersign/pure/ep/pinned-trust'
import type { Policy } from '@countersign/pure/ep/policy'
import { type VerifiedBundle, verifyBundle } from '@countersign/pure/ep/verify-bundle'
import { type VerifiedDenial, verifyDenial } from '@countersign/pure/ep/verify-denial'
import { type VerifiedReceipt, verifyReceipt } from '@countersign/pure/ep/verify-receipt'

export const kinds = { receipt: 'ep.trust_receipt.v1', denial: 'ep.denial_record.v1', bundle: 'ep.bundle.v1' } as const
export type Kind = keyof typeof kinds

/** What a verified artifact says, whatever its kind. */
export interface Statement {
  readonly action: Action
  readonly policy: Policy
  readonly hash: string
  /** Who signed, in the order of signing contexts, and when the operator says that it was. */
  readonly signed: readonly { readonly approver: string; readonly keyId: string; readonly at: string }[]
  readonly id?: string
  readonly committed?: { readonly at: string; readonly by: string | undefined; readonly enforcement: string }
  readonly reason?: string
}

export interface Judgement {
  readonly kind: Kind
  readonly outcome: Verdict
  readonly checks: readonly Check[]
  readonly failure?: Failure
  readonly statement?: Statement
  readonly assurance?: Assurance
  readonly notEstablished: readonly string[]
}

/**
 * Judges an artifact with the verifier of its kind.
 *
 * @param expected - the only kind that the caller takes; absent, the artifact's own `type` says which verifier judges it, and what no
 *   verifier knows is judged, and refused, as a receipt
 * @param clock - ms; without one a receipt or denial is not compared with the present, and a bundle is judged at `now`
 */
export function judgeArtifact(
  bytes: Uint8Array,
  trust: PinnedTrust,
  expected: Kind | undefined,
  clock: { readonly at: number | undefined; readonly now: number },
): Judgement {
  const kind = expected ?? kindOf(bytes)
  const options = clock.at === undefined ? {} : { now: clock.at }
  if (kind === 'denial') return judgement(kind, verifyDenial(bytes, trust, options), ofDenial)
  if (kind === 'bundle') return judgement(kind, verifyBundle(bytes, trust, { now: clock.at ?? clock.now }), ofBundle)
  return judgement(kind, verifyReceipt(bytes, trust, options), ofReceipt)
}

function kindOf(bytes: Uint8Array): Kind {
  const parsed = attempt(() => parseJson(bytes).value)
  const type = parsed.ok && isObject(parsed.value) ? parsed.value['type'] : undefined
  return (Object.keys(kinds) as Kind[]).find((kind) => kinds[kind] === type) ?? 'receipt'
}

function judgement<T extends { readonly assurance: Assurance; readonly notEstablished?: readonly string[] }>(
  kind: Kind,
  judged: Outcome<T>,
  state: (value: T) => Statement,
): Judgement {
  const { outcome, checks } = judged
  if (outcome !== 'satisfied') return { kind, outcome, checks, failure: judged.failure, notEstablished: [] }
  const { value } = judged
  return {
    kind,
    outcome,
    checks,
    statement: state(value),
    assurance: value.assurance,
    notEstablished: value.notEstablished ?? bundleNotEstablished,
  }
}

// A bundle is evidence before the commitment: nothing was consumed, and a denial may still come (EP-BUN-1).
const bundleNotEstablished = ['consumption', 'absence_of_denial', 'faithful_display', 'time_of_signing_and_commitment']

function ofReceipt({ receipt, receiptHash }: VerifiedReceipt): Statement {
  const { consumption } = receipt
  return {
    action: receipt.action,
    policy: receipt.policy,
    hash: receiptHash,
    signed: signatures(receipt),
    id: receipt.receipt_id,
    committed: {
      at: consumption.committed_at,
      by: consumption.executor_id,
      enforcement: receipt.enforcement_class,
    },
  }
}

function ofBundle({ bundle, bundleHash }: VerifiedBundle): Statement {
  return { action: bundle.action, policy: bundle.policy, hash: bundleHash, signed: signatures(bundle) }
}

function ofDenial({ record, denialHash }: VerifiedDenial): Statement {
  const { denial, context } = record
  return {
    action: record.action,
    policy: record.policy,
    hash: denialHash,
    signed: [{ approver: context.approver, keyId: denial.approver_key_id, at: denial.denied_at }],
    id: record.denial_id,
    ...(denial.reason === undefined ? {} : { reason: denial.reason }),
  }
}

// In a verified artifact signoffs and contexts are matched one to one, but stand in an order of their own each.
function signatures({ contexts, signoffs }: Pick<VerifiedBundle['bundle'], 'contexts' | 'signoffs'>) {
  const approvers = new Map(contexts.map((context) => [hashJson(context as unknown as JsonObject), context.approver]))
  return signoffs.map((signoff) => ({
    approver: approvers.get(signoff.context_hash)!,
    keyId: signoff.approver_key_id,
    at: signoff.signed_at,
  }))
}
