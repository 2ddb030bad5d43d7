import {
  binary,
  boolean,
  choice,
  hash,
  type Infer,
  instant,
  literal,
  named,
  object,
  optional,
  text,
} from '../core/shape.js'
import { nonce } from './context.js'
import { executorId, organizationId } from './identifier.js'
import { enforcementClass } from './policy.js'
import { type Sealed, sealed } from './sealed.js'

/** What a verifying executor seals: exactly what it verified and is about to run (EP-BUN-2). */
export const consumeBody = object({
  type: literal('ep.consume.v1', 'type_mismatch'),
  organization: organizationId,
  executor_id: executorId,
  nonce,
  action_hash: hash,
  policy_hash: hash,
  bundle_hash: hash,
  consume_id: binary(16, 32),
  enforcement_class: enforcementClass,
  at: instant,
  effect_before_approval: optional(boolean),
})
export type ConsumeBody = Infer<typeof consumeBody>
export const consumeRequest = sealed(consumeBody)
export type ConsumeRequest = Sealed<ConsumeBody>

/**
 * The consumption record. `state` is judged by the step `consumption`, not by the parser. Without `consume` the consumption
 * is the operator's word (EP-BUN-4).
 */
export const consumption = object({
  nonce: named(nonce, { missing: 'consumption_nonce_missing' }),
  state: text(32),
  committed_at: instant,
  executor_id: optional(executorId),
  executor_entry: optional(hash),
  consume: optional(consumeRequest),
  /** The operator's word on where the anchor stands (EP-SM-3). */
  anchor: optional(choice(['same_device', 'separate'])),
})
export type Consumption = Infer<typeof consumption>
