import type { JsonObject } from '@countersign/pure/core/json'
import type { PatchOperation } from '@countersign/pure/core/json-patch'
import { type AttemptOptions, makeDenial, makeReceipt } from '@countersign/simulator/attempt'
import { makeWorld, octetsOfJson, pinned, type WorldOptions } from '@countersign/simulator/world'
import { describe, expect, test } from 'vitest'
import { verifyBundle } from '../../src/ep/verify-bundle.js'
import { verifyDenial } from '../../src/ep/verify-denial.js'
import { receiptSteps, verifyReceipt } from '../../src/ep/verify-receipt.js'
import { now } from './artifacts.js'

const always = [
  'post_issuance_revocation',
  'revocation_before_signing_under_older_head',
  'log_split_view',
  'faithful_display',
  'global_non_replay',
  'time_of_signing_and_commitment',
]

function verified(world: WorldOptions = {}, attempt: AttemptOptions = {}, ...changes: readonly PatchOperation[]) {
  const made = makeWorld(world)
  const outcome = verifyReceipt(octetsOfJson(makeReceipt(made, attempt).receipt), pinned(made.trustFile(...changes)))
  if (outcome.outcome !== 'satisfied') throw new Error(outcome.failure.code)
  return outcome
}

const classC: readonly PatchOperation[] = [
  {
    op: 'replace',
    path: '/organizations/0/accept',
    value: { min_key_class: 'C', class_c: true, synced_passkeys: false },
  },
]

describe('EP-VER-3: what a satisfied receipt says of itself', () => {
  test('the usual one', () => {
    const { value, checks } = verified()
    expect(value.assurance).toEqual({
      key_class: 'B',
      directory_custody: 'organization',
      directory_surface: 'independent',
      policy_authority: 'directory',
      initiator_identity: 'sealed',
      witnesses: 0,
      executor: 'sealed',
      enforcement_class: 'STRONG',
      effect: 'after_approval',
      commit_after: 'anchored',
      anchor: 'not_stated',
      display: 'client',
    })
    expect(value.notEstablished).toEqual([...always, 'absence_of_denial'])
    expect(checks).toEqual(receiptSteps.map((step) => ({ step, status: 'passed' })))
  })

  test('EP-KEY-X: the lowest class of all signoffs', () => {
    const approvers = [{ name: 'jchen', keyClass: 'A' as const }, { name: 'mlopez' }]
    expect(verified({ approvers }, { approvers: ['jchen'] }).value.assurance.key_class).toBe('A')
    expect(verified({ approvers }, { approvers: ['jchen', 'mlopez'] }).value.assurance.key_class).toBe('B')
  })

  test('EP-DIR-4: under a head that only the operator signed every signoff counts as C', () => {
    const custody: PatchOperation = {
      op: 'replace',
      path: '/organizations/0/directory/keys/0/custody',
      value: 'operator',
    }
    const { assurance } = verified({ approvers: [{ name: 'jchen', keyClass: 'A' }] }, {}, ...classC, custody).value
    expect([assurance.key_class, assurance.directory_custody]).toEqual(['C', 'operator'])
  })

  test('EP-KEY-C: a key that the operator holds counts as C, whatever its entry says', () => {
    const key = makeWorld().approvers.get('jchen')!.signer.publicKey
    const held: PatchOperation = { op: 'add', path: '/organizations/0/operator_keys/-', value: key }
    expect(verified({}, {}, ...classC, held).value.assurance.key_class).toBe('C')
  })

  test('EP-ACT-5 EP-REC-5 EP-BUN-4: what only the operator says is not established', () => {
    const { assurance, notEstablished } = verified(
      {
        entities: [{ name: 'agent-recon-7', withKey: false }],
        policies: [{ enforcement_minimum: 'STANDARD' }],
      },
      { executor: null, headProof: false, evidence: [{ type: 'example.b.v1' }, { type: 'example.a.v1' }] },
    ).value
    expect([assurance.initiator_identity, assurance.executor, assurance.enforcement_class]).toEqual([
      'asserted',
      'asserted',
      'STANDARD',
    ])
    expect(notEstablished).toEqual([
      ...always,
      'absence_of_denial',
      'initiator_identity',
      'head_logged_before',
      'executor',
      'evidence:example.a.v1',
      'evidence:example.b.v1',
    ])
  })

  test('EP-POL-4 EP-SEC-3: a pinned policy, and witnesses', () => {
    const world = makeWorld({ witnesses: 2 })
    const { receipt } = makeReceipt(world, { pinnedPolicy: true, checkpoint: { witnesses: world.witnesses } })
    const contexts = receipt['contexts'] as JsonObject[]
    const pin: PatchOperation = {
      op: 'add',
      path: '/organizations/0/policy_pins/-',
      value: contexts[0]!['policy_hash']!,
    }
    const outcome = verifyReceipt(octetsOfJson(receipt), pinned(world.trustFile(pin)))
    expect(outcome.outcome === 'satisfied' && outcome.value.assurance).toMatchObject({
      policy_authority: 'pinned',
      witnesses: 2,
    })
  })

  test('a refused receipt names the first step that failed, and evaluates none after it', () => {
    const made = makeWorld()
    const { receipt } = makeReceipt(made, { requiredApprovals: 2 })
    const outcome = verifyReceipt(octetsOfJson(receipt), pinned(made.trustFile()))
    expect(outcome.checks.map(({ status }) => status)).toEqual([
      'passed',
      'passed',
      'passed',
      'passed',
      'failed',
      ...Array.from({ length: 5 }, () => 'not_evaluated'),
    ])
    expect('value' in outcome).toBe(false)
  })
})

describe('hashes of verified artifacts', () => {
  const world = makeWorld()
  const trust = pinned(world.trustFile())

  test('EP-BUN-1: bundle and receipt of one attempt have the bundle hash that the executor sealed', () => {
    const made = makeReceipt(world)
    const bundle = verifyBundle(octetsOfJson(made.bundle), trust, { now })
    expect(bundle.outcome === 'satisfied' && bundle.value.bundleHash).toBe(made.bundleHash)
    const { consume } = made.receipt['consumption'] as { consume: { body: JsonObject } }
    expect(consume.body['bundle_hash']).toBe(made.bundleHash)
  })

  test('EP-REC-2: proofs do not enter the receipt hash, so that it stays while the log grows', () => {
    const hashOf = (entriesAfter: number) => {
      const made = makeWorld()
      const outcome = verifyReceipt(octetsOfJson(makeReceipt(made, { entriesAfter }).receipt), pinned(made.trustFile()))
      return outcome.outcome === 'satisfied' && outcome.value.receiptHash
    }
    expect(hashOf(0)).toBe(hashOf(9))
    expect(hashOf(0)).toMatch(/^sha256:/)
  })

  test('EP-DEN-1: the denial hash', () => {
    const made = makeDenial(makeWorld(), { reason: 'no' })
    const outcome = verifyDenial(octetsOfJson(made.record), trust)
    expect(outcome.outcome === 'satisfied' && outcome.value.denialHash).toBe(made.denialHash)
  })
})
