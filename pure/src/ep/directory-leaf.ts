import { into, Refusal } from '../core/refusal.js'
import {
  array,
  binary,
  boolean,
  choice,
  hash,
  type Infer,
  instant,
  integer,
  literal,
  named,
  nullable,
  object,
  oneOf,
  optional,
  pattern,
  type Shape,
} from '../core/shape.js'
import { condition } from './condition.js'
import {
  approverId,
  directoryId,
  entityId,
  executorId,
  keyId,
  name,
  policyId,
  principalId,
  webauthnRpId,
} from './identifier.js'
import { enforcementClass, keyClass } from './policy.js'
import { type Sealed, sealed } from './sealed.js'

/** SPKI DER: 44 octets (Ed25519) or 91 (P-256); the point is judged when the key is used. */
export const publicKey = binary(44, 91, 'public_key_length_mismatch')
// Sibling hashes must not give away what an entity or policy entry says.
const salt = binary(16)

const common = { directory_id: directoryId, valid_from: instant }

const policyEntry = object({
  type: literal('ep.directory_policy.v1', 'type_mismatch'),
  ...common,
  policy_id: policyId,
  policy_hash: hash,
  salt,
})
export type PolicyEntry = Infer<typeof policyEntry>

const entityMembers = object({
  type: literal('ep.entity.v1', 'type_mismatch'),
  ...common,
  entity_id: entityId,
  kind: choice(['agent', 'service', 'human']),
  responsible: optional(principalId),
  principal_id: optional(principalId),
  key_id: optional(keyId),
  public_key: optional(publicKey),
  salt,
})
export type EntityEntry = Infer<typeof entityMembers>

// A human is a principal; anything else answers to one. A key comes with its id.
const entityEntry: Shape<EntityEntry> = {
  read(value, path) {
    const read = entityMembers.read(value, path)
    const at = (member: string) => [...path, member].reduce<string>(into, '')
    const [needed, barred] =
      read.kind === 'human' ? (['principal_id', 'responsible'] as const) : (['responsible', 'principal_id'] as const)
    if (read[needed] === undefined) throw new Refusal('entity_principal_missing', at(needed))
    if (read[barred] !== undefined) throw new Refusal('entity_principal_mismatch', at(barred))
    if ((read.key_id === undefined) !== (read.public_key === undefined))
      throw new Refusal('entity_key_malformed', at('key_id'))
    return read
  },
}

const executorEntry = object({
  type: literal('ep.executor.v1', 'type_mismatch'),
  ...common,
  executor_id: executorId,
  key_id: keyId,
  public_key: publicKey,
  systems: array(name, { min: 1, max: 64 }),
  enforcement_class: enforcementClass,
})
export type ExecutorEntry = Infer<typeof executorEntry>

const enrollmentEntry = object({
  type: literal('ep.enrollment.v1', 'type_mismatch'),
  ...common,
  approver_id: approverId,
  principal_id: principalId,
  key_id: keyId,
  public_key: publicKey,
  key_class: keyClass,
  roles: array(name, { min: 1, max: 32 }),
  team: optional(name),
  rp_id: optional(webauthnRpId),
  credential_id: optional(binary(1, 1023)),
  aaguid: optional(pattern(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'aaguid_malformed')),
  backup_eligible: optional(boolean),
  attestation_hash: optional(hash),
})
export type EnrollmentEntry = Infer<typeof enrollmentEntry>

/** A delegation grant, sealed by the delegator's enrolled key (EP-DEL-1). Parsed; verification is not built. */
const delegationGrant = object({
  type: literal('ep.delegation.v1', 'type_mismatch'),
  directory_id: directoryId,
  delegator: approverId,
  delegator_key_id: keyId,
  delegate: approverId,
  scope: object({
    action_types: array(name, { min: 1, max: 64 }),
    when: optional(condition),
    roles: array(name, { min: 1, max: 32 }),
  }),
  valid_from: instant,
  valid_to: instant,
  max_depth: integer(0, 2),
  nonce: binary(16, 64),
})
const delegationEntry = object({
  type: literal('ep.delegation.v1', 'type_mismatch'),
  ...common,
  grant: sealed(delegationGrant),
})
export type DelegationEntry = Infer<typeof delegationEntry>

export const directoryEntry = oneOf('type', {
  'ep.directory_policy.v1': policyEntry,
  'ep.entity.v1': entityEntry,
  'ep.executor.v1': executorEntry,
  'ep.enrollment.v1': enrollmentEntry,
  'ep.delegation.v1': delegationEntry,
})
export type DirectoryEntry = Infer<typeof directoryEntry>

/**
 * A second party's word for one entry (EP-DIR-3). `head_hash` is the head that preceded the entry's first appearance.
 * `by` absent: a pinned administrator.
 */
export const attestationBody = object({
  type: literal('ep.attestation.v1', 'type_mismatch'),
  directory_id: directoryId,
  entry_hash: hash,
  head_hash: hash,
  at: instant,
  by: optional(choice(['administrator', 'approvers'])),
})
export type AttestationBody = Infer<typeof attestationBody>
export type Attestation = Sealed<AttestationBody>

const status = object({
  valid_to: named(nullable(instant), { missing: 'leaf_valid_to_missing' }),
  compromised_at: named(nullable(instant), { missing: 'leaf_compromised_at_missing' }),
})

/** One leaf of the organization directory: an immutable entry, its status, and the attestations it came with. */
export const directoryLeaf = object({
  entry: directoryEntry,
  status,
  attestations: array(sealed(attestationBody), { max: 16 }),
})
export type DirectoryLeaf = Infer<typeof directoryLeaf>
