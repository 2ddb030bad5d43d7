import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import type { ConsumeRequest } from '@countersign/pure/ep/consumption'
import type { OutcomeReport } from '@countersign/pure/ep/outcome-report'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import type { Step } from './journal-record.js'

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

export type OpenExecution = Exclude<Execution, { state: 'closed' }>
export type Committed = Extract<Execution, { state: 'committed' | 'started' }>
export type Finished = Extract<Execution, { state: 'finished' | 'unsettled' }>

/**
 * The state behind a transition; undefined if it is not a legal one. `unsettled` is a reported outcome `indeterminate`, the only one that
 * may be superseded (EP-SM-2). Nothing leads to `started` but `committed`, and nothing back: the effect runs at most once.
 */
export function advance(before: Execution | undefined, said: Step): Execution | undefined {
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

/** The fewest steps that lead to where an open execution is. */
export function stepsTo(execution: OpenExecution): Step[] {
  const { nonce, state, authorizationId, expiresAt, request } = execution
  const expires_at = formatInstant(expiresAt)
  const steps: Step[] = [{ kind: 'intended', nonce, authorization_id: authorizationId, expires_at, request }]
  if (state === 'intended') return steps
  steps.push({ kind: 'committed', nonce, receipt_hash: execution.receiptHash, receipt: execution.receipt })
  // Whoever knows the outcome needs no `started`: nothing leads back to it.
  if (state === 'started') steps.push({ kind: 'started', nonce })
  if (state === 'finished' || state === 'unsettled') steps.push({ kind: 'finished', nonce, report: execution.report })
  if (state === 'unsettled') steps.push({ kind: 'reported', nonce })
  return steps
}
