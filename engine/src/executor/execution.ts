import { parseInstant } from '@countersign/pure/core/instant'
import type { ConsumeRequest } from '@countersign/pure/ep/consumption'
import type { OutcomeReport } from '@countersign/pure/ep/outcome-report'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import type { Transition } from './journal-record.js'

interface Intent {
  readonly nonce: string
  readonly authorizationId: string
  /** ms. */
  readonly expiresAt: number
  /** Exactly what is sent, however often: its canonical octets. */
  readonly request: ConsumeRequest
}

interface Consumed extends Intent {
  readonly receiptHash: string
  readonly receipt: TrustReceipt
}

/** One authorization in the hands of this executor; the union says what is known in each state (EP-BUN-3). */
export type Execution =
  | (Intent & { readonly state: 'intended' })
  | (Consumed & { readonly state: 'committed' | 'started' })
  | (Consumed & { readonly state: 'finished' | 'unsettled'; readonly report: OutcomeReport })
  | { readonly nonce: string; readonly state: 'closed' }

export type Committed = Extract<Execution, { state: 'committed' | 'started' }>
export type Finished = Extract<Execution, { state: 'finished' | 'unsettled' }>

/**
 * The state behind a transition; undefined if it is not a legal one. `unsettled` is a reported outcome `indeterminate`, the only one that
 * may be superseded (EP-SM-2). Nothing leads to `started` but `committed`, and nothing back: the effect runs at most once.
 */
export function advance(
  before: Execution | undefined,
  said: Exclude<Transition, { kind: 'head' }>,
): Execution | undefined {
  switch (said.kind) {
    case 'intended':
      if (before !== undefined) return undefined
      return {
        nonce: said.nonce,
        state: 'intended',
        authorizationId: said.authorization_id,
        expiresAt: parseInstant(said.expires_at),
        request: said.request,
      }
    case 'committed':
      if (before?.state !== 'intended') return undefined
      return { ...before, state: 'committed', receiptHash: said.receipt_hash, receipt: said.receipt }
    case 'started':
      return before?.state === 'committed' ? { ...before, state: 'started' } : undefined
    case 'finished':
      // From `committed`: it was too late to start. From `unsettled`: by now it is known.
      if (before?.state !== 'started' && before?.state !== 'committed' && before?.state !== 'unsettled')
        return undefined
      return { ...before, state: 'finished', report: said.report }
    case 'reported':
      if (before?.state !== 'finished') return undefined
      if (before.report.body.outcome === 'indeterminate') return { ...before, state: 'unsettled' }
      return { nonce: before.nonce, state: 'closed' }
    case 'lapsed':
      return before?.state === 'intended' ? { nonce: before.nonce, state: 'closed' } : undefined
  }
}
