import { encodeBinary, hashJson, sha256 } from '@countersign/pure/core/digest'
import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonArray, JsonObject, JsonValue } from '@countersign/pure/core/json'
import { applyPatch, copyJson, type PatchOperation } from '@countersign/pure/core/json-patch'
import { zeroHash } from '@countersign/pure/ep/context'
import { nonceHash } from '@countersign/pure/ep/log-entry'
import { denialEnvelope } from '@countersign/pure/ep/signoff'
import type { PublishedHead } from './directory.js'
import type { Member } from './members.js'
import { octetsOf, type Signer, seal } from './signer.js'
import { usualInstants, type World } from './world.js'

/** A change of one part before what follows is made from it: everything after it is hashed and signed anew. */
export type Alteration = readonly PatchOperation[] | ((draft: JsonValue) => JsonValue)

/** The parts of an attempt in the order in which they are made. */
export interface Alterations {
  readonly action?: Alteration
  readonly policy?: Alteration
  /** The body that the initiator seals, and the seal. */
  readonly request?: Alteration
  readonly initiation?: Alteration
  /** The list of contexts, before they are signed. */
  readonly contexts?: Alteration
  /** The list of signoffs, signed. */
  readonly signoffs?: Alteration
  readonly denial?: Alteration
  readonly authority?: Alteration
  readonly openings?: Alteration
  /** What the bundle hash is made of: the last place where bundle and receipt change alike. */
  readonly bundle?: Alteration
  /** The body that the executor seals, and the seal. */
  readonly consume?: Alteration
  readonly consumeSeal?: Alteration
  readonly consumption?: Alteration
  /** The receipt or denial record before it is hashed into the log. */
  readonly record?: Alteration
  readonly logEntry?: Alteration
  /** The proof with its checkpoint, after it was signed. */
  readonly logProof?: Alteration
}

export interface AttemptOptions {
  /** Tells attempts of one world apart: nonce and ids come from it. */
  readonly label?: string
  readonly policy?: number
  readonly initiator?: string
  readonly approvers?: readonly string[]
  /** null: nobody sealed the consumption, it is the operator's word. */
  readonly executor?: string | null
  readonly enforcementClass?: 'STRONG' | 'STANDARD' | 'BASIC'
  readonly effectBeforeApproval?: boolean
  /** Members over those of the usual action. */
  readonly action?: JsonObject
  readonly requiredApprovals?: number
  readonly instants?: Partial<Record<'requestedAt' | 'issuedAt' | 'expiresAt' | 'consumeAt' | 'committedAt', string>>
  readonly evidence?: JsonArray
  readonly reason?: string
  /** The policy is pinned by the trust file: no leaf is named. */
  readonly pinnedPolicy?: boolean
  /** Under another head than the newest. */
  readonly head?: { readonly published: PublishedHead; readonly logIndex: number }
  readonly alter?: Alterations
  /** Who signs instead of the member whose turn it is. */
  readonly approverSigner?: (own: Signer, name: string) => Signer
  readonly initiatorSigner?: Signer
  readonly executorSigner?: Signer
  /** What an approver signs instead of the context. */
  readonly signedObject?: (context: JsonObject) => JsonObject
  /** The log has this many entries before and after the artifact's own. */
  readonly entriesBefore?: number
  readonly entriesAfter?: number
  readonly checkpoint?: Parameters<World['log']['checkpoint']>[0]
  readonly headProof?: boolean
}

export interface MadeBundle {
  readonly bundle: JsonObject
  readonly bundleHash: string
  readonly contexts: readonly JsonObject[]
}

export interface MadeReceipt extends MadeBundle {
  readonly receipt: JsonObject
  readonly receiptHash: string
  readonly logIndex: number
}

export interface MadeDenial {
  readonly record: JsonObject
  readonly denialHash: string
  readonly logIndex: number
}

/** An authorization bundle as the server releases it at APPROVED (EP-BUN-1). */
export function makeBundle(world: World, options: AttemptOptions = {}): MadeBundle {
  const attempt = startAttempt(world, options)
  const bundle = bundleOf(attempt, options)
  return {
    bundle: { ...bundle, approver_key_proofs: openingsOf(attempt, options) },
    bundleHash: hashJson(bundle),
    contexts: attempt.contexts,
  }
}

/** A trust receipt: its executor consumed the bundle, and the log of the world integrated it (EP-REC-1). */
export function makeReceipt(world: World, options: AttemptOptions = {}): MadeReceipt {
  const { alter = {} } = options
  const executor =
    options.executor === null ? undefined : world.executors.get(options.executor ?? firstOf(world.executors))
  const attempt = startAttempt(world, options, executor)
  const bundle = bundleOf(attempt, options)
  const consumption = consumptionOf(world, attempt, bundle, options, executor)
  const { type: _type, state: _state, ...approved } = bundle
  const record = altered(alter.record, {
    type: 'ep.trust_receipt.v1',
    receipt_id: `ep:receipt:${ulidOf(`${world.seed}/${attempt.label}`)}`,
    ...approved,
    consumption,
    enforcement_class: enforcementOf(options),
    display: { surface: 'client' },
  }) as JsonObject
  const receiptHash = hashJson(record)
  const { committed_at } = record['consumption'] as JsonObject
  const logged = logRecord(world, attempt, options, {
    type: 'ep.log.receipt.v1',
    organization: world.organization,
    receipt_hash: receiptHash,
    nonce_hash: nonceHash(attempt.nonce),
    state: 'COMMITTED',
    committed_at: committed_at ?? null,
    prev_receipt_hash: attempt.prevReceiptHash,
  })
  world.lastReceiptHash = receiptHash
  return {
    receipt: { ...record, log_proof: logged.proof, approver_key_proofs: openingsOf(attempt, options) },
    receiptHash,
    logIndex: logged.index,
    bundle: { ...bundle, approver_key_proofs: openingsOf({ ...attempt, executor: undefined }, {}) },
    bundleHash: hashJson(bundle),
    contexts: attempt.contexts,
  }
}

/** The record of one approver's denial, logged (EP-DEN-1). */
export function makeDenial(world: World, options: AttemptOptions = {}): MadeDenial {
  const { alter = {} } = options
  const attempt = startAttempt(world, {
    ...options,
    approvers: [(options.approvers ?? [firstOf(world.approvers)])[0]!],
  })
  const { action, policy, contexts, approvers, authority, initiation } = attempt
  const context = contexts[0]!
  const { name, signer } = approvers[0]!
  const contextHash = hashJson(context)
  const signed = options.signedObject?.(context) ?? denialEnvelope(contextHash, options.reason)
  const denial = altered(alter.denial, {
    context_hash: contextHash,
    decision: 'denied',
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...approverSignature(options, signer, name, signed),
    key_class: approvers[0]!.entry['key_class']!,
    approver_key_id: signer.keyId,
    denied_at: laterBy(attempt.issuedAt, 60),
  }) as JsonObject
  const record = altered(alter.record, {
    type: 'ep.denial_record.v1',
    ep_version: '1.0',
    denial_id: `ep:denial:${ulidOf(`${world.seed}/${attempt.label}/denial`)}`,
    action,
    action_hash: hashJson(action),
    policy,
    context,
    denial,
    authority,
    ...(initiation === undefined ? {} : { initiation }),
  }) as JsonObject
  const denialHash = hashJson(record)
  const logged = logRecord(world, attempt, options, {
    type: 'ep.log.denial.v1',
    organization: world.organization,
    denial_hash: denialHash,
    nonce_hash: nonceHash(attempt.nonce),
    state: 'DENIED',
    denied_at: denial['denied_at']!,
    prev_receipt_hash: attempt.prevReceiptHash,
  })
  return {
    record: { ...record, log_proof: logged.proof, approver_key_proofs: openingsOf(attempt, options) },
    denialHash,
    logIndex: logged.index,
  }
}

interface Attempt {
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

function startAttempt(world: World, options: AttemptOptions, executor?: Member): Attempt {
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

function bundleOf(attempt: Attempt, options: AttemptOptions): JsonObject {
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

function approverSignature(options: AttemptOptions, own: Signer, name: string, signed: JsonObject): JsonObject {
  const signer = options.approverSigner?.(own, name) ?? own
  return signer.sign(sha256(canonicalBytes(signed))) as JsonObject
}

function consumptionOf(
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
function openingsOf(attempt: Attempt, options: AttemptOptions): JsonArray {
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

function logRecord(world: World, attempt: Attempt, options: AttemptOptions, entry: JsonObject) {
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

function altered(alteration: Alteration | undefined, made: JsonValue): JsonValue {
  if (alteration === undefined) return made
  return typeof alteration === 'function' ? alteration(copyJson(made)) : applyPatch(made, alteration)
}

function enforcementOf(options: AttemptOptions): string {
  return options.enforcementClass ?? (options.executor === null ? 'STANDARD' : 'STRONG')
}

function firstOf(members: ReadonlyMap<string, unknown>): string {
  return members.keys().next().value as string
}

function laterBy(instant: string, seconds: number): string {
  return formatInstant(parseInstant(instant) + seconds * 1000)
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** 26 characters that look like a ULID, from a label alone. */
function ulidOf(label: string): string {
  const characters = Array.from(octetsOf(`${label}/ulid`, 24), (octet) => crockford[octet % 32])
  return `01${characters.join('')}`
}
