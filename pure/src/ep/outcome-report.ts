import { hashJson } from '../core/digest.js'
import type { JsonValue } from '../core/json.js'
import { choice, hash, type Infer, instant, literal, object, optional } from '../core/shape.js'
import { executorId } from './identifier.js'
import { type Sealed, sealed } from './sealed.js'

/** What became of the effect, sealed by the executor (EP-SM-2). `supersedes`: hash of the indeterminate report it replaces. */
export const outcomeBody = object({
  type: literal('ep.outcome.v1', 'type_mismatch'),
  receipt_hash: hash,
  executor_id: executorId,
  outcome: choice(['executed', 'failed', 'indeterminate']),
  reported_at: instant,
  supersedes: optional(hash),
})
export type OutcomeBody = Infer<typeof outcomeBody>
export const outcomeReport = sealed(outcomeBody)
export type OutcomeReport = Sealed<OutcomeBody>

/** What `supersedes` and the log entry name: like a head's, over the body, so that signing again makes no second report. */
export function outcomeHash(report: OutcomeReport): string {
  return hashJson(report.body as unknown as JsonValue)
}
