import { hashJson } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { nonceHash } from '@countersign/pure/ep/log-entry'
import { denialEnvelope } from '@countersign/pure/ep/signoff'
import { type AttemptOptions, altered } from './attempt-options.js'
import {
  approverSignature,
  bundleOf,
  consumptionOf,
  enforcementOf,
  firstOf,
  laterBy,
  logRecord,
  openingsOf,
  startAttempt,
  ulidOf,
} from './attempt-parts.js'
import type { World } from './world.js'

export type { Alteration, Alterations, AttemptOptions } from './attempt-options.js'

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
