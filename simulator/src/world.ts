import { utf8Encode } from '@countersign/pure/core/bytes'
import { hashJson } from '@countersign/pure/core/digest'
import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonArray, JsonObject } from '@countersign/pure/core/json'
import { applyPatch, type PatchOperation } from '@countersign/pure/core/json-patch'
import { type PinnedTrust, pinTrust } from '@countersign/pure/ep/pinned-trust'
import { type PublishedHead, SimulatedDirectory } from './directory.js'
import { makeWitness, SimulatedLog, type Witness } from './log.js'
import {
  type ApproverSpec,
  type EntitySpec,
  type ExecutorSpec,
  enrollApprover,
  enrollEntity,
  enrollExecutor,
  type Member,
  merge,
  policyEntry,
} from './members.js'
import { type Signer, type SoftwareKey, softwareKey } from './signer.js'

/** What a world is made of; everything has a usual value, and the same options always make the same octets. */
export interface WorldOptions {
  readonly seed?: string
  /** The segment in `ep:org:NAME`. */
  readonly organization?: string
  readonly approvers?: readonly ApproverSpec[]
  readonly entities?: readonly EntitySpec[]
  readonly executors?: readonly ExecutorSpec[]
  /** Members over those of `usualPolicy`, one leaf each. */
  readonly policies?: readonly JsonObject[]
  /** Members over those of the policy leaves' entries. */
  readonly policyEntry?: JsonObject
  /** How many keys the directory has, and who signs heads where it is not they. */
  readonly directoryKeys?: number
  readonly headSigners?: readonly Signer[]
  readonly headBody?: JsonObject
  readonly administrators?: number
  /** How many administrators attest each entry, and when. */
  readonly attestedBy?: number
  readonly attestedAt?: string
  /** Members over those of the attestations' bodies, and who signs them instead. */
  readonly attestationBody?: JsonObject
  readonly attestationSigners?: readonly Signer[]
  readonly witnesses?: number
  /** Leaves of the directory; further entities fill it up. */
  readonly leaves?: number
  readonly directoryAt?: string
  readonly directoryUntil?: string
  /** Heads are not logged where this is false. */
  readonly logHeads?: boolean
}

/** One organization with its directory, its log and everybody's keys, on one seed. */
export interface World {
  readonly seed: string
  readonly organization: string
  readonly directoryId: string
  readonly rpId: string
  readonly webauthnOrigin: string
  readonly approvers: ReadonlyMap<string, Member & { readonly signer: Signer }>
  readonly entities: ReadonlyMap<string, Member>
  readonly executors: ReadonlyMap<string, Member & { readonly signer: Signer }>
  readonly policies: readonly { readonly policy: JsonObject; readonly entry: JsonObject }[]
  readonly directoryKeys: readonly SoftwareKey[]
  readonly administrators: readonly SoftwareKey[]
  readonly witnesses: readonly Witness[]
  readonly directory: SimulatedDirectory
  readonly log: SimulatedLog
  /** H(receipt) of the newest receipt in the log. */
  lastReceiptHash: string | undefined
  /** Signs a head over the directory as it stands and logs it. */
  publishHead(instants: { readonly issuedAt: string; readonly validUntil: string }): PublishedHead
  /** The newest head, and where the log has it. */
  currentHead(): { readonly published: PublishedHead; readonly logIndex: number }
  /** What a relying party pins of this organization, with changes. */
  trustFile(...changes: readonly PatchOperation[]): JsonObject
}

export const usualInstants = {
  directoryAt: '2026-11-01T00:00:00Z',
  directoryUntil: '2027-01-30T00:00:00Z',
  requestedAt: '2026-11-20T12:00:00Z',
  issuedAt: '2026-11-20T12:00:00Z',
  expiresAt: '2026-11-20T12:15:00Z',
  consumeAt: '2026-11-20T12:10:00Z',
  committedAt: '2026-11-20T12:10:01Z',
} as const

/** Wires from 100000 on need one approver of the treasury; smaller ones pass by. */
export function usualPolicy(organization: string): JsonObject {
  return {
    type: 'ep.policy.v1',
    policy_id: 'ep:policy:wires@v1',
    organization: `ep:org:${organization}`,
    directory_id: `ep:directory:${organization}`,
    log_origin: `log.${organization}.example/1`,
    action_types: ['wire.release'],
    rules: [
      // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
      { when: { dec_ge: ['/parameters/amount', '100000'] }, then: 'require', quorum: { k: 1, roles: ['treasury'] } },
    ],
    max_window_seconds: 900,
    min_key_class: 'B',
    separation: 'principal',
    commit_after: { level: 'anchored' },
    enforcement_minimum: 'STRONG',
    display: {},
    delegation: { max_depth: 0 },
    evidence_required: [],
  }
}

/** Makes an organization and publishes its first head as the first entry of its log. */
export function makeWorld(options: WorldOptions = {}): World {
  const { seed = 'countersign', organization = 'acme', directoryAt, directoryUntil } = options
  const domain = `approve.${organization}.example`
  const enrolling = {
    seed: `${seed}/${organization}`,
    directoryId: `ep:directory:${organization}`,
    validFrom: directoryAt ?? usualInstants.directoryAt,
    rpId: domain,
    origin: `https://${domain}`,
  }
  const keys = (role: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      softwareKey(`ep:key:${organization}-${role}#${index + 1}`, `${enrolling.seed}/${role}/${index}`),
    )
  const directoryKeys = keys('directory', options.directoryKeys ?? 1)
  const administrators = keys('administrator', options.administrators ?? 0)
  const directory = new SimulatedDirectory(enrolling.directoryId, options.headSigners ?? directoryKeys)
  const logKey = softwareKey(`ep:log:${organization}#1`, `${enrolling.seed}/log`)
  const log = new SimulatedLog(`log.${organization}.example/1`, `ep:log:${organization}#1`, logKey)
  const policies = (options.policies ?? [{}]).map((changes) => {
    const policy = merge(usualPolicy(organization), changes)
    return { policy, entry: policyEntry(String(policy['policy_id']), hashJson(policy), enrolling, options.policyEntry) }
  })
  const entities = (options.entities ?? [{ name: 'agent-recon-7' }]).map((spec) => enrollEntity(spec, enrolling))
  const executors = (options.executors ?? [{ name: 'payments' }]).map((spec) => enrollExecutor(spec, enrolling))
  const approvers = (options.approvers ?? [{ name: 'jchen' }]).map((spec) => enrollApprover(spec, enrolling))

  const members = [...entities, ...executors, ...approvers]
  const entries = [...policies, ...members].map(({ entry }) => entry)
  for (let filler = entries.length; filler < (options.leaves ?? 0); filler += 1)
    entries.push(enrollEntity({ name: `entity-${filler}`, withKey: false }, enrolling).entry)
  const attesting = options.attestationSigners ?? administrators.slice(0, options.attestedBy ?? 0)
  for (const entry of entries) {
    const attestedAt = options.attestedAt ?? enrolling.validFrom
    const attestations = attesting.map((signer) => directory.attest(entry, attestedAt, signer, options.attestationBody))
    directory.add(entry, attestations)
  }

  let headIndex = -1
  const world: World = {
    seed: enrolling.seed,
    organization: `ep:org:${organization}`,
    directoryId: enrolling.directoryId,
    rpId: enrolling.rpId,
    webauthnOrigin: enrolling.origin,
    approvers: byName(approvers),
    entities: byName(entities),
    executors: byName(executors),
    policies,
    directoryKeys,
    administrators,
    witnesses: Array.from({ length: options.witnesses ?? 0 }, (_, index) =>
      makeWitness(`witness-${index + 1}.example`, enrolling.seed),
    ),
    directory,
    log,
    lastReceiptHash: undefined,
    publishHead: (instants) => {
      const published = directory.publish(instants, undefined, options.headBody)
      if (options.logHeads !== false) headIndex = log.append(headEntry(world.organization, published.head))
      return published
    },
    currentHead: () => ({ published: directory.heads.at(-1)!, logIndex: headIndex }),
    trustFile: (...changes) => applyPatch(trustOf(world, options), changes) as JsonObject,
  }
  world.publishHead({
    issuedAt: enrolling.validFrom,
    validUntil: directoryUntil ?? usualInstants.directoryUntil,
  })
  return world
}

/** Worlds whose trust files a relying party pinned together. */
export function joinTrust(...files: readonly JsonObject[]): JsonObject {
  return { type: 'ep.trust.v1', organizations: files.flatMap((file) => file['organizations'] as JsonArray) }
}

/** A trust file as a verifier takes it. @throws Refusal */
export function pinned(file: JsonObject): PinnedTrust {
  return pinTrust(octetsOfJson(file))
}

/** An artifact as it travels. */
export function octetsOfJson(value: JsonObject): Uint8Array {
  return utf8Encode(canonicalString(value))
}

export function headEntry(organization: string, head: JsonObject): JsonObject {
  return { type: 'ep.log.directory_head.v1', organization, head }
}

function trustOf(world: World, options: WorldOptions): JsonObject {
  const pin = ({ keyId, publicKey }: SoftwareKey) => ({ key_id: keyId, public_key: publicKey })
  return {
    type: 'ep.trust.v1',
    organizations: [
      {
        organization: world.organization,
        accept: { min_key_class: 'B', class_c: false, synced_passkeys: false },
        log: { origin: world.log.origin, keys: [{ log_key_id: world.log.logKeyId, vkey: world.log.vkey }] },
        directory: {
          directory_id: world.directoryId,
          operated_by: 'organization',
          threshold: 1,
          keys: world.directoryKeys.map((key) => ({ ...pin(key), custody: 'file', surface: 'independent' })),
        },
        administrators: { m: options.attestedBy ?? 0, keys: world.administrators.map(pin) },
        operator_keys: [],
        webauthn: { origins: [world.webauthnOrigin], rp_ids: [world.rpId] },
        policy_pins: [],
        witnesses: { k: 0, keys: world.witnesses.map(({ vkey }) => vkey) },
        compromised: [],
      },
    ],
  }
}

function byName<T extends { readonly name: string }>(members: readonly T[]): ReadonlyMap<string, T> {
  return new Map(members.map((member) => [member.name, member]))
}
