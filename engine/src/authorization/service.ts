import type { Action, Request } from '@countersign/pure/ep/action'
import type { Opening } from '@countersign/pure/ep/authority'
import type { AuthorizationBundle } from '@countersign/pure/ep/bundle'
import type { AuthorizationContext } from '@countersign/pure/ep/context'
import type { DenialRecord } from '@countersign/pure/ep/denial-record'
import type { DirectoryHead } from '@countersign/pure/ep/directory-head'
import type { DirectoryLeaf } from '@countersign/pure/ep/directory-leaf'
import type { OutcomeReport } from '@countersign/pure/ep/outcome-report'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import type { Policy } from '@countersign/pure/ep/policy'
import type { Sealed } from '@countersign/pure/ep/sealed'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import type { LogReader } from '../ports/log-reader.js'
import type { ReceiptJudge } from '../ports/receipt-judge.js'
import type { Store } from '../ports/store.js'
import type { Decision } from './decision.js'
import type { AuthorizationState } from './state-machine.js'

/** One clock reading and one draw of randomness per command, made by the caller. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** 64 octets from a CSPRNG, never used twice. */
  readonly random: Uint8Array
}

export interface AuthorizationsOptions {
  readonly organization: string
  readonly store: Store
  readonly log: LogReader
  /** The server's own pinned trust for its organization: the presenter never decides what counts. */
  readonly trust: TrustGroup
  /** Judges receipts by that same trust before they are committed; in this thread if absent. */
  readonly judge?: ReceiptJudge
  /** What stands in receipts as `display.surface` (EP-SEC-2). */
  readonly display: { readonly surface: 'operator-page' | 'client' }
  /** Where the anchor of the log stands: the operator's word in receipts (EP-SM-3). */
  readonly anchorStands: 'same_device' | 'separate'
  /** How long an answer waits for the anchor before it is refused as unavailable; 20 000 if absent. */
  readonly waitMilliseconds?: number
}

/** Anything longer than 256 KiB is refused; a publication may have 16 MiB. */
export interface RequestCommand {
  /** The entity that the caller authenticated as (EP-ACT-5). */
  readonly caller: string
  /** JSON `{action, action_hash?, initiation?}`, as received. */
  readonly body: Uint8Array
  /** Chosen by the caller, 1 to 255 characters: the same key and body give the same authorization. */
  readonly idempotencyKey?: string
}

/** `ungated` confers nothing: the executor decides from its own opened policy (EP-POL-1). */
export type RequestAnswer =
  | { readonly decision: 'require'; readonly authorization: AuthorizationView }
  | { readonly decision: 'ungated'; readonly policy_id: string; readonly policy_hash: string }

/** One attempt as its parties see it; wire names, to be sent as it is. */
export interface AuthorizationView {
  /** A ULID. */
  readonly id: string
  readonly state: AuthorizationState
  readonly action: Action
  readonly action_hash: string
  readonly policy_id: string
  readonly policy_hash: string
  readonly initiator: string
  readonly required_approvals: number
  readonly nonce: string
  readonly issued_at: string
  readonly expires_at: string
  readonly approvers: readonly {
    readonly approver: string
    readonly approver_index: number
    readonly signed_at?: string
  }[]
  /** When COMMITTED. */
  readonly receipt_id?: string
  /** When DENIED. */
  readonly denial_id?: string
}

/** What an approver's client needs to recompute, to render and to sign (EP-CTX-5). */
export interface ContextsView {
  readonly authorization: AuthorizationView
  readonly policy: Policy
  readonly contexts: readonly { readonly context: AuthorizationContext; readonly context_hash: string }[]
  /** The frozen head, and openings under it of policy, initiator and every listed approver's entries. */
  readonly head: DirectoryHead
  readonly openings: readonly Opening[]
  readonly initiation?: Sealed<Request>
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Give it back as `after`; absent at the end. */
  readonly next?: string
}

export interface Paging {
  readonly after?: string
  /** 1 to 100. */
  readonly limit: number
}

export interface HeadView {
  readonly head: DirectoryHead
  /** SHA-256 of the canonical body: what the next head names as `prev_head_hash`. */
  readonly head_hash: string
}

export interface EntryView {
  readonly leaf_index: number
  readonly entry_hash: string
  readonly leaf: DirectoryLeaf
}

export interface PolicyView {
  readonly policy: Policy
  readonly policy_hash: string
  readonly entry_hash: string
}

export interface PolicyInForce {
  readonly head: DirectoryHead
  readonly policy: Policy
  readonly opening: Opening
}

export interface ReportedOutcome {
  readonly receipt_id: string
  readonly outcome_hash: string
  readonly report: OutcomeReport
}

/**
 * One organization's attempts and the server's side of its directory (`createAuthorizations` makes one). Every answer that rests on a terminal state, a refusal or a
 * read too, leaves only once that state's log entry is anchored (EP-SM-3); after `waitMilliseconds` it is refused with
 * `log_anchor_unavailable` (kind `unavailable`) and may be asked again.
 */
export interface Authorizations {
  request(command: RequestCommand, moment: Moment): Promise<Decision<RequestAnswer>>
  get(command: { readonly id: string }, moment: Moment): Promise<Decision<AuthorizationView>>
  /** Oldest first. */
  list(command: Paging & { readonly initiator?: string }, moment: Moment): Promise<Decision<Page<AuthorizationView>>>
  /** Open attempts that wait for this approver's signature. */
  pendingFor(
    command: Paging & { readonly approver: string },
    moment: Moment,
  ): Promise<Decision<Page<AuthorizationView>>>
  contextsOf(command: { readonly id: string }, moment: Moment): Promise<Decision<ContextsView>>
  /** `body`: JSON `{context_hash, signature, key_class, approver_key_id, webauthn?, psea?}`; `signed_at` is the server's. */
  signoff(
    command: { readonly id: string; readonly approver: string; readonly body: Uint8Array },
    moment: Moment,
  ): Promise<Decision<AuthorizationView>>
  /** `body`: JSON as for a signoff with `decision: "denied"` and `reason?`. */
  deny(
    command: { readonly id: string; readonly approver: string; readonly body: Uint8Array },
    moment: Moment,
  ): Promise<Decision<DenialRecord>>
  /** In APPROVED only. */
  bundle(command: { readonly id: string }, moment: Moment): Promise<Decision<AuthorizationBundle>>
  /** `body`: a sealed `ep.consume.v1`; its seal authenticates the executor. */
  consume(command: { readonly body: Uint8Array }, moment: Moment): Promise<Decision<TrustReceipt>>
  receipt(command: { readonly receiptId: string }, moment: Moment): Promise<Decision<TrustReceipt>>
  denial(command: { readonly denialId: string }, moment: Moment): Promise<Decision<DenialRecord>>
  /** `body`: a sealed `ep.outcome.v1`; its seal authenticates the executor. */
  outcome(command: { readonly body: Uint8Array }, moment: Moment): Promise<Decision<ReportedOutcome>>
  outcomeOf(command: { readonly receiptId: string }, moment: Moment): Promise<Decision<ReportedOutcome>>

  /**
   * `body`: JSON `{head, leaves: [{leaf_index, leaf}], policies: [..]}`: the signed head, the leaves that are new or changed, and the
   * documents of new policy leaves. Whose organization it is shows in the head's signatures; the caller needs no other right.
   */
  publish(command: { readonly body: Uint8Array }, moment: Moment): Promise<Decision<HeadView>>
  /** The head in effect. */
  head(command: Record<never, never>, moment: Moment): Promise<Decision<HeadView>>
  entries(command: Paging, moment: Moment): Promise<Decision<Page<EntryView> & HeadView>>
  proof(command: { readonly entryHash: string }, moment: Moment): Promise<Decision<Opening & HeadView>>
  policy(command: { readonly policyId: string }, moment: Moment): Promise<Decision<PolicyView>>
  /** What an executor evaluates by itself: the policy in force for an action type, opened under the head in effect (EP-POL-1). */
  policyInForce(command: { readonly actionType: string }, moment: Moment): Promise<Decision<PolicyInForce>>
}
