import { encodeBinary, hashJson, sha256 } from '@countersign/pure/core/digest'
import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonArray, JsonObject } from '@countersign/pure/core/json'
import { zeroHash } from '@countersign/pure/ep/context'
import { type AttemptOptions, altered } from './attempt-options.js'
import type { PublishedHead } from './directory.js'
import type { Member } from './members.js'
import { octetsOf, type Signer, seal } from './signer.js'
import { usualInstants, type World } from './world.js'

/** What contexts, authority and signatures of one attempt are made of. */
export interface Attempt {
  readonly label: string
  readonly action: JsonObject
  readonly policy: JsonObject
  readonly contexts: readonly JsonObject[]
  readonly approvers: readonly (Member & { readonly signer: Signer })[]
  readonly authority: JsonObject
  readonly initiation: JsonObject | undefined
  readonly head: { readonly published: PublishedHead; readonly logIndex: number }
  readonly issuedAt: string
  readonly nonce: string
  readonly prevReceiptHash: string
  readonly executor: Member | undefined
}

export function startAttempt(world: World, options: AttemptOptions, executor?: Member): Attempt {
  const { alter = {}, label = 'attempt' } = options
  const { requestedAt, issuedAt, expiresAt } = { ...usualInstants, ...options.instants }
  const initiator = world.entities.get(options.initiator ?? firstOf(world.entities))!
  const approvers = (options.approvers ?? [firstOf(world.approvers)]).map((name) => world.approvers.get(name)!)
  const { policy: ownPolicy, entry: policyEntry } = world.policies[options.policy ?? 0]!
  const policy = altered(alter.policy, ownPolicy) as JsonObject
  const action = altered(alter.action, {
    ep_version: '1.0',
    action_type: 'wire.release',
    target: { system: 'treasury.example', resource: 'wire/8841' },
    parameters: { amount: '2400000.00', currency: 'USD' },
    initiator: initiator.id,
    policy_id: ownPolicy['policy_id']!,
    requested_at: requestedAt,
    ...options.action,
  }) as JsonObject
  const nonce = encodeBinary(octetsOf(`${world.seed}/nonce/${label}`, 32))
  const prevReceiptHash = world.lastReceiptHash ?? zeroHash
  const contexts = altered(
    alter.contexts,
    approvers.map((approver, index) => ({
      ep_version: '1.0',
      context_type: 'ep.signoff.v1',
      action_hash: hashJson(action),
      policy_id: action['policy_id']!,
      policy_hash: hashJson(policy),
      initiator: action['initiator'] ?? initiator.id,
      approver: approver.id,
      approver_index: index + 1,
      required_approvals: options.requiredApprovals ?? 1,
      nonce,
      issued_at: issuedAt,
      expires_at: expiresAt,
      prev_receipt_hash: prevReceiptHash,
    })),
  ) as JsonObject[]
  const head = options.head ?? world.currentHead()
  const authority = altered(alter.authority, {
    head: head.published.head,
    ...(options.pinnedPolicy ? {} : { policy: hashJson(policyEntry) }),
    initiator: hashJson(initiator.entry),
    approvers: approvers.map(({ entry }) => hashJson(entry)),
    delegations: [],
  }) as JsonObject
  const initiation = initiationOf(world, action, initiator, options)
  return {
    label,
    action,
    policy,
    contexts,
    approvers,
    authority,
    initiation,
    head,
    issuedAt,
    nonce,
    prevReceiptHash,
    executor,
  }
}

function initiationOf(
  world: World,
  action: JsonObject,
  initiator: Member,
  options: AttemptOptions,
): JsonObject | undefined {
  const { alter = {} } = options
  const signer = options.initiatorSigner ?? initiator.signer
  if (signer === undefined) return undefined
  const request = altered(alter.request, {
    type: 'ep.request.v1',
    directory_id: world.directoryId,
    action_hash: hashJson(action),
    requested_at: action['requested_at']!,
  })
  return altered(alter.initiation, seal(request as JsonObject, signer)) as JsonObject
}

export function bundleOf(attempt: Attempt, options: AttemptOptions): JsonObject {
  const { alter = {}, evidence = [] } = options
  const signoffs = altered(
    alter.signoffs,
    attempt.contexts.map((context, index) => {
      const { name, signer, entry } = attempt.approvers[index] ?? attempt.approvers[0]!
      return {
        context_hash: hashJson(context),
        ...approverSignature(options, signer, name, options.signedObject?.(context) ?? context),
        key_class: entry['key_class']!,
        approver_key_id: entry['key_id']!,
        signed_at: laterBy(attempt.issuedAt, 60 * (index + 1)),
      }
    }),
  )
  return altered(alter.bundle, {
    type: 'ep.bundle.v1',
    ep_version: '1.0',
    state: 'APPROVED',
    action: attempt.action,
    action_hash: hashJson(attempt.action),
    policy: attempt.policy,
    contexts: [...attempt.contexts],
    signoffs,
    authority: attempt.authority,
    evidence,
    ...(attempt.initiation === undefined ? {} : { initiation: attempt.initiation }),
  }) as JsonObject
}

export function approverSignature(options: AttemptOptions, own: Signer, name: string, signed: JsonObject): JsonObject {
  const signer = options.approverSigner?.(own, name) ?? own
  return signer.sign(sha256(canonicalBytes(signed))) as JsonObject
}

export function consumptionOf(
  world: World,
  attempt: Attempt,
  bundle: JsonObject,
  options: AttemptOptions,
  executor: (Member & { readonly signer: Signer }) | undefined,
): JsonObject {
  const { alter = {} } = options
  const { consumeAt, committedAt } = { ...usualInstants, ...options.instants }
  const asserted = { nonce: attempt.nonce, state: 'COMMITTED', committed_at: committedAt }
  if (executor === undefined) return altered(alter.consumption, asserted) as JsonObject
  const body = altered(alter.consume, {
    type: 'ep.consume.v1',
    organization: world.organization,
    executor_id: executor.id,
    nonce: attempt.nonce,
    action_hash: hashJson(attempt.action),
    policy_hash: hashJson(attempt.policy),
    bundle_hash: hashJson(bundle),
    consume_id: encodeBinary(octetsOf(`${world.seed}/consume/${attempt.label}`, 16)),
    enforcement_class: enforcementOf(options),
    at: consumeAt,
    ...(options.effectBeforeApproval === undefined ? {} : { effect_before_approval: options.effectBeforeApproval }),
  }) as JsonObject
  return altered(alter.consumption, {
    ...asserted,
    executor_id: executor.id,
    executor_entry: hashJson(executor.entry),
    consume: altered(alter.consumeSeal, seal(body, options.executorSigner ?? executor.signer)),
  }) as JsonObject
}

/** Openings of every named hash that stands under the head, each once, in the order in which they are named. */
export function openingsOf(attempt: Attempt, options: AttemptOptions): JsonArray {
  const { policy, initiator, approvers } = attempt.authority as {
    policy?: string
    initiator: string
    approvers: string[]
  }
  const executor = attempt.executor === undefined ? [] : [hashJson(attempt.executor.entry)]
  const named = new Set([...(policy === undefined ? [] : [policy]), initiator, ...executor, ...approvers])
  const found = [...named]
    .map((hash) => attempt.head.published.opening(hash))
    .filter((opening) => opening !== undefined)
  return altered(options.alter?.openings, found) as JsonArray
}

export function logRecord(world: World, attempt: Attempt, options: AttemptOptions, entry: JsonObject) {
  const { alter = {}, entriesBefore = 0, entriesAfter = 0, headProof = true } = options
  world.log.fillTo(entriesBefore, world.organization)
  const index = world.log.append(altered(alter.logEntry, entry) as JsonObject)
  world.log.fillTo(index + 1 + entriesAfter, world.organization)
  const proof = {
    ...world.log.position(index),
    ...(headProof ? { head: world.log.position(attempt.head.logIndex) } : {}),
    checkpoint: world.log.checkpoint(options.checkpoint),
  }
  return { index, proof: altered(alter.logProof, proof) }
}

export function enforcementOf(options: AttemptOptions): string {
  return options.enforcementClass ?? (options.executor === null ? 'STANDARD' : 'STRONG')
}

export function firstOf(members: ReadonlyMap<string, unknown>): string {
  return members.keys().next().value as string
}

export function laterBy(instant: string, seconds: number): string {
  return formatInstant(parseInstant(instant) + seconds * 1000)
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** 26 characters that look like a ULID, from a label alone. */
export function ulidOf(label: string): string {
  const characters = Array.from(octetsOf(`${label}/ulid`, 24), (octet) => crockford[octet % 32])
  return `01${characters.join('')}`
}
