import type { DirectoryHead } from '@countersign/pure/ep/directory-head'
import type { LogProof } from '@countersign/pure/ep/log-proof'

/** What an engine that appends to the organization's log asks of it. `Log` of the log engine is one. */
export interface LogReader {
  /** To be called after each commit that appended. */
  kick(): void
  /** The index of an entry once a signed checkpoint with it is anchored (EP-SM-3); null after the time, or if there is no such entry. */
  anchored(entryId: string, timeoutMilliseconds: number): Promise<number | null>
  /** `log_proof` at the newest anchored checkpoint, with the head's inclusion if its index is given (EP-REC-5). */
  proof(index: number, headIndex?: number): Promise<LogProof>
  /** The newest receipt and the newest directory head under the newest anchored checkpoint. Throws once the log has halted. */
  derived(): {
    readonly receipt: { readonly receipt_hash: string; readonly index: number } | null
    readonly head: { readonly head_hash: string; readonly index: number; readonly head: DirectoryHead } | null
  }
}
