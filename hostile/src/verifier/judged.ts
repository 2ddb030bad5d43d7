import type { Outcome } from '@countersign/pure/core/outcome'
import type { Answered } from '../attack.js'

/** The operator wants one word: satisfied. */
export function judged(outcome: Outcome<unknown>): Answered {
  if (outcome.outcome === 'satisfied') return { code: 'satisfied', succeeded: true }
  return { code: outcome.failure.code, succeeded: false }
}
