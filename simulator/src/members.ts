import { encodeBinary } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { octetsOf, passkeySigner, type Signer, softwareKey } from './signer.js'

/** Who belongs to an organization of a world: what is said of each, and the directory entry and key made from it. */

export interface ApproverSpec {
  readonly name: string
  readonly keyClass?: 'A' | 'B' | 'C'
  readonly algorithm?: 'ES256' | 'Ed25519'
  readonly roles?: readonly string[]
  /** Members of the entry that differ from the usual ones; null removes one. */
  readonly entry?: JsonObject
  /** The key itself, where it is not this approver's own. */
  readonly signer?: Signer
}

export interface EntitySpec {
  readonly name: string
  readonly kind?: 'agent' | 'service' | 'human'
  readonly withKey?: boolean
  readonly entry?: JsonObject
  readonly signer?: Signer
}

export interface ExecutorSpec {
  readonly name: string
  readonly systems?: readonly string[]
  readonly enforcementClass?: 'STRONG' | 'STANDARD' | 'BASIC'
  readonly algorithm?: 'ES256' | 'Ed25519'
  readonly entry?: JsonObject
  readonly signer?: Signer
}

/** A member with its directory entry and the key that signs for it, if it has one. */
export interface Member {
  readonly name: string
  readonly id: string
  readonly entry: JsonObject
  readonly signer?: Signer
}

/** What all entries of a world share. */
export interface Enrolling {
  readonly seed: string
  readonly directoryId: string
  readonly validFrom: string
  readonly rpId: string
  readonly origin: string
}

export function enrollApprover(spec: ApproverSpec, world: Enrolling): Member & { readonly signer: Signer } {
  const { name, keyClass = 'B', roles = ['treasury'] } = spec
  const signer = spec.signer ?? approverKey(spec, world)
  const id = `ep:approver:${name}`
  const passkey = { rp_id: world.rpId, credential_id: encodeBinary(octetsOf(`${world.seed}/credential/${name}`, 32)) }
  const entry = {
    type: 'ep.enrollment.v1',
    ...commonOf(world),
    approver_id: id,
    principal_id: `ep:principal:${name}`,
    key_id: signer.keyId,
    public_key: signer.publicKey,
    key_class: keyClass,
    roles: [...roles],
    ...(keyClass === 'A' ? passkey : {}),
  }
  return { name, id, entry: merge(entry, spec.entry), signer }
}

function approverKey(spec: ApproverSpec, world: Enrolling): Signer {
  const { name, algorithm } = spec
  const [keyId, seed] = [`ep:key:${name}#1`, `${world.seed}/approver/${name}`]
  if (spec.keyClass !== 'A') return softwareKey(keyId, seed, algorithm)
  return passkeySigner(keyId, { seed, rpId: world.rpId, origin: world.origin, ...(algorithm && { algorithm }) })
}

export function enrollEntity(spec: EntitySpec, world: Enrolling): Member {
  const { name, kind = 'agent' } = spec
  const own = spec.withKey === false ? undefined : softwareKey(`ep:key:${name}#1`, `${world.seed}/entity/${name}`)
  const signer = spec.signer ?? own
  const id = `ep:entity:${name}`
  const entry = {
    type: 'ep.entity.v1',
    ...commonOf(world),
    entity_id: id,
    kind,
    ...(kind === 'human' ? { principal_id: `ep:principal:${name}` } : { responsible: 'ep:principal:0042' }),
    ...(signer === undefined ? {} : { key_id: signer.keyId, public_key: signer.publicKey }),
    salt: saltOf(world, name),
  }
  return { name, id, entry: merge(entry, spec.entry), ...(signer === undefined ? {} : { signer }) }
}

export function enrollExecutor(spec: ExecutorSpec, world: Enrolling): Member & { readonly signer: Signer } {
  const { name, systems = ['treasury.example'], enforcementClass = 'STRONG' } = spec
  const signer = spec.signer ?? softwareKey(`ep:key:${name}#1`, `${world.seed}/executor/${name}`, spec.algorithm)
  const id = `ep:executor:${name}`
  const entry = {
    type: 'ep.executor.v1',
    ...commonOf(world),
    executor_id: id,
    key_id: signer.keyId,
    public_key: signer.publicKey,
    systems: [...systems],
    enforcement_class: enforcementClass,
  }
  return { name, id, entry: merge(entry, spec.entry), signer }
}

export function policyEntry(policyId: string, policyHash: string, world: Enrolling, entry?: JsonObject): JsonObject {
  const usual = {
    type: 'ep.directory_policy.v1',
    ...commonOf(world),
    policy_id: policyId,
    policy_hash: policyHash,
    salt: saltOf(world, policyId),
  }
  return merge(usual, entry)
}

function commonOf(world: Enrolling) {
  return { directory_id: world.directoryId, valid_from: world.validFrom }
}

function saltOf(world: Enrolling, label: string): string {
  return encodeBinary(octetsOf(`${world.seed}/salt/${label}`, 16))
}

/** Members of `changes` over those of `usual`; null takes a member away. */
export function merge(usual: JsonObject, changes: JsonObject = {}): JsonObject {
  const merged = { ...usual, ...changes }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
}
