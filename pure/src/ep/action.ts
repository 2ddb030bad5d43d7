import {
  freeObject,
  hash,
  type Infer,
  instant,
  literal,
  named,
  object,
  openObject,
  optional,
  text,
} from '../core/shape.js'
import { directoryId, entityId, name, policyId } from './identifier.js'

export const epVersion = literal('1.0', 'ep_version_unsupported')

/**
 * One operation with concrete parameters. `parameters`, `target` and `provenance` are open; everything else is closed.
 * @see EP authorization receipts -00, section 3; EP-ACT-1
 */
export const action = object({
  ep_version: epVersion,
  action_type: name,
  target: openObject({ system: name, resource: text(512) }),
  parameters: freeObject,
  initiator: named(entityId, { missing: 'action_initiator_missing' }),
  policy_id: policyId,
  requested_at: instant,
  provenance: optional(freeObject),
})
export type Action = Infer<typeof action>

/** What an entity with a key seals when it asks for an action (EP-ACT-5). */
export const request = object({
  type: literal('ep.request.v1', 'type_mismatch'),
  directory_id: directoryId,
  action_hash: hash,
  requested_at: instant,
})
export type Request = Infer<typeof request>
