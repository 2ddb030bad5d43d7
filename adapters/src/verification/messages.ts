import type { ReceiptDraft } from '@countersign/engine/ports/receipt-judge'
import type { Result } from '@countersign/pure/core/outcome'

/** What a thread judges by. It pins the trust file itself, once: keys do not cross threads. */
export interface JudgeTrust {
  /** The octets of a trust file. */
  readonly trust: Uint8Array
  readonly organization: string
}

/** A draft to be judged; several travel in one message. `id` is chosen by the sender. */
export interface DraftCall {
  readonly id: number
  readonly draft: ReceiptDraft
}

/** `bug`: the judge failed in a way that it never should, and gave no verdict. */
export type VerdictReply =
  | { readonly id: number; readonly verdict: Result<void> }
  | { readonly id: number; readonly bug: string }

/** A thread's first message says whether it judges; all others bring verdicts. */
export type FromThread =
  | { readonly ready: true }
  | { readonly ready: false; readonly why: string }
  | { readonly replies: readonly VerdictReply[] }
