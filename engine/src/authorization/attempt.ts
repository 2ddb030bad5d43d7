import { parseInstant } from '@countersign/pure/core/instant'
import type { Action, Request } from '@countersign/pure/ep/action'
import type { Authority } from '@countersign/pure/ep/authority'
import type { Approved } from '@countersign/pure/ep/bundle'
import type { AuthorizationContext } from '@countersign/pure/ep/context'
import { Hashes } from '@countersign/pure/ep/hashes'
import type { Policy } from '@countersign/pure/ep/policy'
import type { Sealed } from '@countersign/pure/ep/sealed'
import type { Signoff } from '@countersign/pure/ep/signoff'
import type { RowKey } from '../ports/store.js'
import type { DirectoryView } from './directory-view.js'
import { attemptId } from './identity.js'
import type { AuthorizationView } from './service.js'
import type { AuthorizationState } from './state-machine.js'

/** One row holds the attempt: its contexts derive from it (EP-CTX-6). */
export interface Attempt {
  readonly state: AuthorizationState
  readonly action: Action
  readonly action_hash: string
  readonly policy_hash: string
  readonly initiation?: Sealed<Request>
  readonly nonce: string
  readonly required_approvals: number
  readonly issued_at: string
  readonly expires_at: string
  readonly prev_receipt_hash: string
  /** The frozen head, and the hashes of the entries under it. */
  readonly head_hash: string
  readonly policy_entry: string
  readonly initiator_entry: string
  /** By approver index, from 1: each with the entries whose keys may sign. */
  readonly approvers: readonly { readonly approver: string; readonly entries: readonly string[] }[]
  readonly signoffs: readonly SignedEntry[]
  readonly ended?: Ended
}

export interface SignedEntry {
  readonly approver_index: number
  readonly entry: string
  readonly signoff: Signoff
}

/** How the attempt ended, other than by time; nothing of it is told before `entry_id` is anchored (EP-SM-3). */
export type Ended =
  | {
      readonly entry_id: string
      readonly receipt_id: string
      readonly executor_id: string
      readonly consume_id: string
      readonly consume_hash: string
    }
  | { readonly entry_id: string; readonly denial_id: string; readonly signature: string }

export function attemptKey(id: string): RowKey {
  return { kind: 'authorization', id }
}

/** What lists find the row by: the initiator always, each approver while the attempt may still need that signature. */
export function attemptTerms(attempt: Attempt): string[] {
  const signed = new Set(attempt.signoffs.map(({ approver_index }) => approver_index))
  const wanted = attempt.state === 'REQUESTED' || attempt.state === 'PARTIALLY_APPROVED' ? attempt.approvers : []
  const waiting = wanted.filter((_, i) => !signed.has(i + 1))
  return [initiatorTerm(attempt.action.initiator), ...waiting.map(({ approver }) => pendingTerm(approver))]
}

export function initiatorTerm(entity: string): string {
  return `initiator:${entity}`
}

export function pendingTerm(approver: string): string {
  return `pending:${approver}`
}

/** The context of the approver at `index` (from 1). */
export function contextAt(attempt: Attempt, index: number): AuthorizationContext {
  return {
    ep_version: '1.0',
    context_type: 'ep.signoff.v1',
    action_hash: attempt.action_hash,
    policy_id: attempt.action.policy_id,
    policy_hash: attempt.policy_hash,
    initiator: attempt.action.initiator,
    approver: attempt.approvers[index - 1]!.approver,
    approver_index: index,
    required_approvals: attempt.required_approvals,
    nonce: attempt.nonce,
    issued_at: attempt.issued_at,
    expires_at: attempt.expires_at,
    prev_receipt_hash: attempt.prev_receipt_hash,
  }
}

export function contextHash(attempt: Attempt, index: number): string {
  return new Hashes().hash(contextAt(attempt, index))
}

export function policyOf(attempt: Attempt, frozen: DirectoryView): Policy {
  return frozen.policies.get(attempt.policy_hash)!
}

export function authorityOf(attempt: Attempt, frozen: DirectoryView, approvers: readonly string[]): Authority {
  return {
    head: frozen.head,
    policy: attempt.policy_entry,
    initiator: attempt.initiator_entry,
    approvers,
    delegations: [],
  }
}

/** Every entry hash that an authority names. */
export function namedEntries(authority: Authority): string[] {
  const policy = authority.policy === undefined ? [] : [authority.policy]
  return [...policy, authority.initiator, ...authority.approvers]
}

/** The members that bundle and receipt share: only signed contexts, all by approver index (EP-REC-1). */
export function approvedMembersOf(attempt: Attempt, frozen: DirectoryView): Omit<Approved, 'approver_key_proofs'> {
  const signed = [...attempt.signoffs].sort((a, b) => a.approver_index - b.approver_index)
  return {
    ep_version: '1.0',
    action: attempt.action,
    action_hash: attempt.action_hash,
    policy: policyOf(attempt, frozen),
    contexts: signed.map(({ approver_index }) => contextAt(attempt, approver_index)),
    signoffs: signed.map(({ signoff }) => signoff),
    authority: authorityOf(
      attempt,
      frozen,
      signed.map(({ entry }) => entry),
    ),
    ...(attempt.initiation === undefined ? {} : { initiation: attempt.initiation }),
    evidence: [],
  }
}

export function viewOf(attempt: Attempt): AuthorizationView {
  const signedAt = new Map(attempt.signoffs.map(({ approver_index, signoff }) => [approver_index, signoff.signed_at]))
  const { action, action_hash, policy_hash, required_approvals, nonce, issued_at, expires_at, ended } = attempt
  return {
    id: attemptId(nonce),
    state: attempt.state,
    action,
    action_hash,
    policy_id: action.policy_id,
    policy_hash,
    initiator: action.initiator,
    required_approvals,
    nonce,
    issued_at,
    expires_at,
    approvers: attempt.approvers.map(({ approver }, i) => {
      const signed = signedAt.get(i + 1)
      return { approver, approver_index: i + 1, ...(signed === undefined ? {} : { signed_at: signed }) }
    }),
    ...(ended === undefined
      ? {}
      : 'receipt_id' in ended
        ? { receipt_id: ended.receipt_id }
        : { denial_id: ended.denial_id }),
  }
}

export function hasExpired(attempt: Attempt, now: number): boolean {
  return now >= parseInstant(attempt.expires_at)
}
