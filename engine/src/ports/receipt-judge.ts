import type { Result } from '@countersign/pure/core/outcome'

/** What a commit is about to fix, as text: no more and no less than the octets that will be stored and hashed. */
export interface ReceiptDraft {
  /** The receipt's row exactly as the unit writes it: canonical JSON `{body, hash, head_hash}`. */
  readonly row: string
  /** Canonical JSON: the `approver_key_proofs` that will leave with the receipt. */
  readonly openings: string
}

/**
 * Judges receipts before they are committed. The verdict rests on the draft and on trust that was pinned once, on nothing that may
 * change, so it may be found anywhere and beside others: that the state is still what the draft was made from is guarded by the commit.
 */
export interface ReceiptJudge {
  /** The verdict over this very draft. A judge that could not come to one throws `JudgeFault`: nothing was permitted. */
  judge(draft: ReceiptDraft): Promise<Result<void>>
}

/** There is no verdict, and nothing was written: the same command may be given again. */
export class JudgeFault extends Error {
  override readonly name = 'JudgeFault'
  readonly retry = 'safe'
}
