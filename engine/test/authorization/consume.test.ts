import type { AuthorizationView } from '@countersign/engine/authorization/service'
import { encodeBinary } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { verifyBundle } from '@countersign/pure/ep/verify-bundle'
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import { octetsOf, seal } from '@countersign/simulator/signer'
import { afterEach, describe, expect, test } from 'vitest'
import {
  approved,
  bytesOf,
  changeStatus,
  consume,
  consumeBodyOf,
  consumeRequest,
  granted,
  type House,
  type HouseOptions,
  openHouse,
  refused,
  requested,
} from './house.js'

const houses: House[] = []
afterEach(async () => {
  for (const house of houses.splice(0)) await house.stop()
})

async function newHouse(options?: HouseOptions): Promise<House> {
  const house = await openHouse(options)
  houses.push(house)
  return house
}

async function ready(options?: HouseOptions) {
  const house = await newHouse(options)
  const view = await approved(house, ['jchen'])
  return { house, view, request: await consumeRequest(house, view) }
}

describe('what leaves', () => {
  test('EP-BUN-1: the bundle verifies as an executor verifies it', async () => {
    const { house, view } = await ready()
    const bundle = granted(await house.service.bundle({ id: view.id }, house.moment()))
    const verdict = verifyBundle(bytesOf(bundle), house.trust, { now: house.time.now })
    expect(verdict).toMatchObject({ outcome: 'satisfied' })
  })

  test('EP-BUN-2, EP-REC-1, EP-REC-5: the answer is the trust receipt with its log proof, and verifies offline', async () => {
    const { house, request } = await ready()
    const receipt = granted(await consume(house, request))
    const verdict = verifyReceipt(bytesOf(receipt), house.trust, { now: house.time.now })
    expect(verdict).toMatchObject({ outcome: 'satisfied' })
    if (verdict.outcome !== 'satisfied') return
    expect(verdict.value.assurance).toMatchObject({ executor: 'sealed', anchor: 'separate', display: 'client' })
    expect(verdict.value.notEstablished).not.toContain('head_logged_before')
    expect(receipt.consumption.consume).toEqual(request)
  })

  test('EP-CTX-4: the next attempt names the newest receipt', async () => {
    const { house, request } = await ready()
    const receipt = granted(await consume(house, request))
    const verdict = verifyReceipt(bytesOf(receipt), house.trust)
    const next = await requested(house)
    const { contexts } = granted(await house.service.contextsOf({ id: next.id }, house.moment()))
    expect(verdict.outcome === 'satisfied' && verdict.value.receiptHash).toBe(contexts[0]!.context.prev_receipt_hash)
  })

  test('EP-BUN-2: the same request again gives the same receipt', async () => {
    const { house, request } = await ready()
    const first = granted(await consume(house, request))
    house.time.pass(3_600_000)
    expect(granted(await consume(house, request))).toEqual(first)
    expect(granted(await house.service.receipt({ receiptId: first.receipt_id }, house.moment()))).toEqual(first)
  })

  test('EP-DIR-5: after its key was taken back an executor still gets the receipt of the request it sent before', async () => {
    const { house, request } = await ready()
    const first = granted(await consume(house, request))
    const { entry } = [...house.world.executors.values()][0]!
    await changeStatus(house, entry, { valid_to: '2026-11-20T12:00:01Z' })
    expect(granted(await consume(house, request)).receipt_id).toBe(first.receipt_id)
  })
})

describe('once', () => {
  test('EP-INV-1: another request for a consumed nonce is a replay', async () => {
    const { house, view, request } = await ready()
    const other = await consumeRequest(house, view, 'another')
    granted(await consume(house, request))
    expect(refused(await consume(house, other))).toBe('authorization_replayed')
  })

  test('EP-BUN-2: the same consume_id with other octets is reused, in this attempt and in another', async () => {
    const { house, view, request } = await ready()
    const signer = [...house.world.executors.values()][0]!.signer
    const sameId = { ...(await consumeBodyOf(house, view, view.id)), at: '2026-11-20T12:00:09Z' }
    const second = await approved(house, ['jchen'])
    const elsewhere = await consumeRequest(house, second, view.id)
    granted(await consume(house, request))
    expect(refused(await consume(house, seal(sameId, signer)))).toBe('consume_id_reused')
    expect(refused(await consume(house, elsewhere))).toBe('consume_id_reused')
    expect(granted(await house.service.get({ id: second.id }, house.moment())).state).toBe('APPROVED')
  })

  test('EP-INV-1: of 64 concurrent consumers over two servers one wins', async () => {
    const { house, view } = await ready()
    const other = house.another()
    const requests = await Promise.all(Array.from({ length: 64 }, (_, n) => consumeRequest(house, view, `race ${n}`)))
    const answers = await Promise.all(
      requests.map((request, n) => consume(house, request, n % 2 === 0 ? house.service : other)),
    )
    const won = answers.filter(({ ok }) => ok)
    expect(won).toHaveLength(1)
    expect(new Set(answers.filter(({ ok }) => !ok).map(refused))).toEqual(new Set(['authorization_replayed']))
  })

  test('EP-BUN-2: one request sent 16 times at once gives one receipt', async () => {
    const { house, request } = await ready()
    const answers = await Promise.all(Array.from({ length: 16 }, () => consume(house, request)))
    expect(new Set(answers.map((answer) => granted(answer).receipt_id)).size).toBe(1)
  })
})

describe('EP-BUN-2: a request that names anything else is refused', () => {
  // Each row changes one member of what the executor seals; the last column is what the server says.
  const rows: [string, JsonObject, string][] = [
    ['organization', { organization: 'ep:org:other' }, 'consume_organization_mismatch'],
    ['action_hash', { action_hash: `sha256:${'0'.repeat(64)}` }, 'consume_action_hash_mismatch'],
    ['policy_hash', { policy_hash: `sha256:${'0'.repeat(64)}` }, 'consume_policy_hash_mismatch'],
    ['bundle_hash', { bundle_hash: `sha256:${'0'.repeat(64)}` }, 'consume_bundle_hash_mismatch'],
    ['executor_id', { executor_id: 'ep:executor:other' }, 'executor_entry_mismatch'],
    ['enforcement_class', { enforcement_class: 'STANDARD' }, 'enforcement_class_insufficient'],
    ['effect_before_approval', { effect_before_approval: true }, 'consume_effect_order_unsupported'],
    ['nonce', { nonce: encodeBinary(octetsOf('another nonce', 32)) }, 'authorization_unknown'],
  ]
  test.each(rows)('%s', async (_, members, code) => {
    const { house, view } = await ready()
    const signer = [...house.world.executors.values()][0]!.signer
    const body = { ...(await consumeBodyOf(house, view, view.id)), ...members }
    expect(refused(await consume(house, seal(body, signer)))).toBe(code)
    expect(granted(await house.service.get({ id: view.id }, house.moment())).state).toBe('APPROVED')
  })

  test('the pointer is into the request that was sent', async () => {
    const { house, view } = await ready()
    const signer = [...house.world.executors.values()][0]!.signer
    const body = { ...(await consumeBodyOf(house, view, view.id)), bundle_hash: `sha256:${'0'.repeat(64)}` }
    expect(await consume(house, seal(body, signer))).toMatchObject({ refusal: { at: '/body/bundle_hash' } })
  })

  test('a nonce that shares the beginning that names the row is another nonce', async () => {
    const { house, view } = await ready()
    const octets = Uint8Array.from(Buffer.from(view.nonce.slice(5), 'base64url'))
    octets[31]! ^= 1
    const body = { ...(await consumeBodyOf(house, view, view.id)), nonce: encodeBinary(octets) }
    const signer = [...house.world.executors.values()][0]!.signer
    expect(refused(await consume(house, seal(body, signer)))).toBe('authorization_unknown')
  })

  test('an executor of another system, a foreign seal, a key of nobody', async () => {
    const executors = [{ name: 'payments' }, { name: 'vault', systems: ['vault.example'] }]
    const { house, view } = await ready({ executors })
    const [payments, vault] = [...house.world.executors.values()]
    const body = await consumeBodyOf(house, view, view.id)
    const asVault = { ...body, executor_id: vault!.id }
    expect(refused(await consume(house, seal(asVault, vault!.signer)))).toBe('executor_system_mismatch')
    const forged = seal({ ...body, at: '2026-11-20T12:00:01Z' }, payments!.signer)
    expect(refused(await consume(house, { body, signatures: forged['signatures']! }))).toBe('consume_signature_invalid')
    const approver = house.world.approvers.get('jchen')!.signer
    expect(refused(await consume(house, seal(body, approver)))).toBe('executor_unknown')
  })
})

describe('who is not the executor learns nothing', () => {
  /** A request that the executor did not seal: its key id, the signature of another request. */
  async function forged(house: House, view: AuthorizationView, members: JsonObject = {}): Promise<JsonObject> {
    const body = { ...(await consumeBodyOf(house, view, 'forged')), ...members }
    const { signatures } = seal({ ...body, at: '2026-11-20T12:00:01Z' }, [...house.world.executors.values()][0]!.signer)
    return { body, signatures: signatures! }
  }

  test('of a request that names something else', async () => {
    const { house, view } = await ready()
    const request = await forged(house, view, { bundle_hash: `sha256:${'0'.repeat(64)}` })
    expect(refused(await consume(house, request))).toBe('consume_signature_invalid')
  })

  test('of the quorum', async () => {
    const { house, view } = await ready()
    const request = await forged(house, view)
    const open = await requested(house)
    const early = { ...(request['body'] as JsonObject), nonce: open.nonce }
    const { signatures } = request
    expect(refused(await consume(house, { body: early, signatures: signatures! }))).toBe('consume_signature_invalid')
  })

  test('of what was taken back', async () => {
    const { house, view } = await ready()
    const request = await forged(house, view)
    await changeStatus(house, house.world.approvers.get('jchen')!.entry, { valid_to: '2026-11-20T12:00:01Z' })
    expect(refused(await consume(house, request))).toBe('consume_signature_invalid')
  })

  test('of a consumption, not even that its consume_id was used', async () => {
    const { house, view, request } = await ready()
    const replay = await forged(house, view)
    const { consume_id } = request['body'] as JsonObject
    const reuse = await forged(house, view, { consume_id: consume_id! })
    granted(await consume(house, request))
    expect(refused(await consume(house, replay))).toBe('consume_signature_invalid')
    expect(refused(await consume(house, reuse))).toBe('consume_signature_invalid')
  })
})

describe('EP-DIR-5: what was taken back before the commit', () => {
  const who: [string, (house: House) => JsonObject, string][] = [
    ['an approver', (house) => house.world.approvers.get('jchen')!.entry, 'authority_entry_expired'],
    ['the initiator', (house) => [...house.world.entities.values()][0]!.entry, 'authority_entry_expired'],
    ['the policy', (house) => house.world.policies[0]!.entry, 'authority_entry_expired'],
    ['the executor', (house) => [...house.world.executors.values()][0]!.entry, 'authority_entry_expired'],
  ]
  test.each(who)('%s ended', async (_, entryOf, code) => {
    const { house, request } = await ready()
    await changeStatus(house, entryOf(house), { valid_to: '2026-11-20T12:00:01Z' })
    expect(refused(await consume(house, request))).toBe(code)
  })

  test('EP-DIR-6: a compromised approver', async () => {
    const { house, request } = await ready()
    const { entry } = house.world.approvers.get('jchen')!
    await changeStatus(house, entry, { compromised_at: '2026-11-20T12:00:01Z' })
    expect(refused(await consume(house, request))).toBe('authority_entry_compromised')
  })

  test('a revocation that another server published counts at once', async () => {
    const { house, request } = await ready()
    const other = house.another()
    const { entry } = house.world.approvers.get('jchen')!
    await changeStatus(house, entry, { valid_to: '2026-11-20T12:00:01Z' })
    expect(refused(await consume(house, request, other))).toBe('authority_entry_expired')
  })

  test('a head past its valid_until', async () => {
    const { house, request } = await ready({ directoryUntil: '2026-11-20T12:05:00Z' })
    house.time.pass(301_000)
    expect(refused(await consume(house, request))).toBe('directory_head_expired')
  })
})
