import { contract, type RouteName } from '@countersign/adapters/http/contract'
import type { Route } from '@countersign/adapters/http/route'
import { utf8Decode } from '@countersign/pure/core/bytes'
import { parseCheckpointText } from '@countersign/pure/core/checkpoint'
import { parseHash } from '@countersign/pure/core/digest'
import { verifyConsistency, verifyInclusion } from '@countersign/pure/core/merkle'
import { parseVerifierKey, verifyNote } from '@countersign/pure/core/note'
import { decodeEntryBundle } from '@countersign/pure/core/tile'
import { parseLogEntry } from '@countersign/pure/ep/log-entry'
import { pinTrust } from '@countersign/pure/ep/pinned-trust'
import { verifyBundle } from '@countersign/pure/ep/verify-bundle'
import { verifyDenial } from '@countersign/pure/ep/verify-denial'
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  actionOf,
  approve,
  consumed,
  consumeRequestOf,
  deny,
  type House,
  openHouse,
  outcomeOf,
  publicationOf,
  request,
  requestOf,
  signatureOf,
  signOff,
} from './house.js'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

const ajv = new Ajv({ strict: true, formats: { binary: true } })

/** Whether a value is what the contract says that a route answers. */
function answers(name: RouteName, status: number, value: unknown): string | true {
  const route: Route = contract[name]
  const check = ajv.compile(JSON.parse(JSON.stringify(route.answers[status]!.schema)) as object)
  return check(JSON.parse(JSON.stringify(value))) || ajv.errorsText(check.errors)
}

describe('an authorization over HTTP', () => {
  test('EP-BUN-2: request, two signoffs, bundle, consume; the answer is a receipt that verifies offline', async () => {
    const { receipt, bytes, bundle, authorization } = await consumed(house)
    const trust = pinTrust(house.server.trustFile)
    const verdict = verifyReceipt(bytes, trust)
    expect(verdict).toMatchObject({ outcome: 'satisfied' })
    expect(receipt.action).toEqual(bundle.action)
    expect(receipt.display.surface).toBe('client')
    expect(receipt.consumption.anchor).toBe('same_device')
    expect(receipt.consumption.nonce).toBe(authorization.nonce)
    expect(receipt.log_proof.head).toBeDefined()
  })

  test('the bundle verifies with the pins of the executor', async () => {
    const { executor, authorization } = await approve(house)
    const { bytes } = await executor.call('getBundle', { params: { id: authorization.id } })
    const verdict = verifyBundle(bytes, pinTrust(house.server.trustFile), { now: Date.now() })
    expect(verdict).toMatchObject({ outcome: 'satisfied' })
  })

  test('every answer of the flow is what the contract says', async () => {
    const { world } = house
    const initiator = await house.client('initiator', 'ep:entity:agent-7')
    const anna = await house.client('approver', 'ep:approver:anna')
    const executor = await house.client('executor', 'ep:executor:payments')
    const auditor = await house.client('auditor')
    const seen: [RouteName, number, unknown][] = []
    const keep = async <T>(name: RouteName, call: Promise<{ status: number; value: T }>): Promise<T> => {
      const { status, value } = await call
      seen.push([name, status, value])
      return value
    }
    const headers = { 'idempotency-key': 'contract-1' }
    const answer = await keep(
      'requestAuthorization',
      initiator.call('requestAuthorization', { headers, body: requestOf(world) }),
    )
    if (answer.decision !== 'require') throw new Error('ungated')
    const { id } = answer.authorization
    const params = { id }
    await keep('listAuthorizations', initiator.call('listAuthorizations', { query: { limit: 2 } }))
    await keep('listApprovals', anna.call('listApprovals'))
    await keep('getContexts', anna.call('getContexts', { params }))
    const { client, members } = await signatureOf(house, id, 'anna')
    await keep('signOff', client.call('signOff', { params, body: members }))
    await signOff(house, id, 'bela')
    await keep('getAuthorization', auditor.call('getAuthorization', { params }))
    const bundle = await keep('getBundle', executor.call('getBundle', { params }))
    const body = consumeRequestOf(world, bundle, answer.authorization)
    const receipt = await keep('consume', executor.call('consume', { params, body }))
    const receiptParams = { id: receipt.receipt_id }
    await keep('getReceipt', auditor.call('getReceipt', { params: receiptParams, query: { wait: 20 } }))
    await keep('reportOutcome', executor.call('reportOutcome', { body: outcomeOf(world, receipt, 'executed') }))
    await keep('getOutcome', auditor.call('getOutcome', { params: receiptParams }))
    await keep('getHead', auditor.call('getHead'))
    await keep('listHeads', auditor.call('listHeads'))
    const entries = await keep('listEntries', auditor.call('listEntries', { query: { limit: 3 } }))
    await keep('getProof', auditor.call('getProof', { params: { entry_hash: entries.items[0]!.entry_hash } }))
    await keep('getPolicyInForce', auditor.call('getPolicyInForce', { query: { action_type: 'wire.release' } }))
    await keep('getPolicy', auditor.call('getPolicy', { params: { policy_id: answer.authorization.policy_id } }))
    await keep('getInclusion', auditor.call('getInclusion', { query: { index: 0 } }))
    await keep('getConsistency', auditor.call('getConsistency', { query: { from: 1, to: 2 } }))
    await keep('getHealth', auditor.call('getHealth'))
    await keep('getReady', auditor.call('getReady'))
    await keep('getOpenApi', auditor.call('getOpenApi'))
    for (const [name, status, value] of seen) expect([name, answers(name, status, value)]).toEqual([name, true])
  })

  test('EP-POL-1: what the policy leaves ungated is answered so, and confers nothing', async () => {
    const initiator = await house.client('initiator', 'ep:entity:agent-7')
    const action = actionOf(house.world, { parameters: { amount: '5', currency: 'USD' } })
    const headers = { 'idempotency-key': 'ungated-1' }
    const body = requestOf(house.world, action)
    const { status, value } = await initiator.call('requestAuthorization', { headers, body })
    expect([status, value.decision]).toEqual([200, 'ungated'])
    expect(answers('requestAuthorization', 200, value)).toBe(true)
  })

  test('EP-ACT-1: who names another policy is told which one is in force', async () => {
    const initiator = await house.client('initiator', 'ep:entity:agent-7')
    const action = actionOf(house.world, { policy_id: 'ep:policy:wires@v2' })
    const headers = { 'idempotency-key': 'another-policy' }
    const refused = initiator.call('requestAuthorization', { headers, body: requestOf(house.world, action) })
    await expect(refused).rejects.toMatchObject({
      code: 'policy_in_force_mismatch',
      at: '/action/policy_id',
      problem: { info: { policy_id: 'ep:policy:wires@v1' } },
    })
  })

  test('EP-DEN-1: a denial ends the attempt, and its record verifies offline', async () => {
    const { id } = await request(house)
    await signOff(house, id, 'anna')
    const record = await deny(house, id, 'bela')
    expect(answers('deny', 201, record)).toBe(true)
    const auditor = await house.client('auditor')
    const { bytes, value } = await auditor.call('getDenial', { params: { id: record.denial_id } })
    expect(answers('getDenial', 200, value)).toBe(true)
    expect(verifyDenial(bytes, pinTrust(house.server.trustFile))).toMatchObject({ outcome: 'satisfied' })
    await expect(signOff(house, id, 'carl')).rejects.toMatchObject({ status: 410, code: 'authorization_denied' })
  })

  test('the same Idempotency-Key with the same body gives the same attempt, with another body a refusal', async () => {
    const initiator = await house.client('initiator', 'ep:entity:agent-7')
    const headers = { 'idempotency-key': 'once-and-again' }
    const body = requestOf(house.world)
    const first = await initiator.call('requestAuthorization', { headers, body })
    const again = await initiator.call('requestAuthorization', { headers, body })
    expect(again.value).toEqual(first.value)
    const other = requestOf(house.world, actionOf(house.world, { parameters: { amount: '100001', currency: 'EUR' } }))
    const refused = initiator.call('requestAuthorization', { headers, body: other })
    await expect(refused).rejects.toMatchObject({ status: 409 })
  })

  test('pages follow each other', async () => {
    for (let n = 0; n < 3; n++) await request(house)
    const anna = await house.client('approver', 'ep:approver:anna')
    const seen: string[] = []
    let after: string | undefined
    do {
      const query = { limit: 2, ...(after === undefined ? {} : { after }) }
      const { value } = await anna.call('listApprovals', { query })
      expect(value.items.length).toBeLessThanOrEqual(2)
      seen.push(...value.items.map(({ id }) => id))
      after = value.next
    } while (after !== undefined)
    expect(seen.length).toBeGreaterThanOrEqual(3)
    expect(new Set(seen).size).toBe(seen.length)
  })
})

describe('consuming', () => {
  test('EP-INV-1: of 64 executors that consume at once with requests of their own, one wins; the others are told of a replay', async () => {
    const { authorization, bundle, executor } = await approve(house)
    const params = { id: authorization.id }
    const attempts = Array.from({ length: 64 }, (_, n) =>
      executor
        .call('consume', { params, body: consumeRequestOf(house.world, bundle, authorization, `race-${n}`) })
        .then(
          ({ value }) => value.receipt_id,
          (error: { status: number; code: string }) => `${error.status} ${error.code}`,
        ),
    )
    const results = await Promise.all(attempts)
    expect(results.filter((result) => result.startsWith('ep:receipt:'))).toHaveLength(1)
    expect(results.filter((result) => result === '409 authorization_replayed')).toHaveLength(63)
  })

  test('EP-BUN-2: an executor that lost the answer and sends the same request again gets the same receipt', async () => {
    const { authorization, executor, body, receipt } = await consumed(house)
    const { value } = await executor.call('consume', { params: { id: authorization.id }, body })
    expect({ ...value, log_proof: undefined }).toEqual({ ...receipt, log_proof: undefined })
  })

  test('EP-BUN-2: an executor that hung up before the answer finds the one receipt with the same request', async () => {
    const { authorization, bundle, executor } = await approve(house)
    const params = { id: authorization.id }
    const body = consumeRequestOf(house.world, bundle, authorization)
    const key = await house.key('executor', 'ep:executor:payments')
    const hungUp = new AbortController()
    const lost = fetch(`${house.server.url}/v1/authorizations/${authorization.id}/consume`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: hungUp.signal,
    })
    setTimeout(() => hungUp.abort(), 3)
    await lost.catch(() => undefined)
    const { value } = await executor.call('consume', { params, body })
    expect(value.consumption.consume).toEqual(body)
    const other = consumeRequestOf(house.world, bundle, authorization)
    await expect(executor.call('consume', { params, body: other })).rejects.toMatchObject({
      code: 'authorization_replayed',
    })
  })

  test('EP-INV-1: another consume_id for a consumed attempt is a replay; the same with other octets is a reuse', async () => {
    const { authorization, bundle, executor } = await approve(house)
    const params = { id: authorization.id }
    const first = consumeRequestOf(house.world, bundle, authorization, 'mine', { at: '2026-01-01T00:00:00Z' })
    await executor.call('consume', { params, body: consumeRequestOf(house.world, bundle, authorization, 'mine') })
    const other = consumeRequestOf(house.world, bundle, authorization, 'another')
    await expect(executor.call('consume', { params, body: other })).rejects.toMatchObject({
      status: 409,
      code: 'authorization_replayed',
    })
    const reused = executor.call('consume', { params, body: first })
    await expect(reused).rejects.toMatchObject({ code: 'consume_id_reused' })
  })

  test('a consume request for another attempt than the path names is refused before it is judged', async () => {
    const one = await approve(house)
    const two = await approve(house)
    const body = consumeRequestOf(house.world, one.bundle, one.authorization)
    const crossed = one.executor.call('consume', { params: { id: two.authorization.id }, body })
    await expect(crossed).rejects.toMatchObject({
      status: 422,
      code: 'consume_authorization_mismatch',
      at: '/body/nonce',
    })
  })

  test('a restart keeps everything: attempts, keys, receipts and the log', async () => {
    const own = await openHouse()
    try {
      const { receipt, authorization } = await consumed(own)
      const open = await request(own)
      const auditorKey = await own.key('auditor')
      const size = own.server.log.newestAnchored()!.treeSize
      const { url } = await own.restart()
      const headers = { authorization: `Bearer ${auditorKey}` }
      const read = async (path: string) => (await fetch(`${url}${path}`, { headers })).json()
      expect(await read(`/v1/authorizations/${authorization.id}`)).toMatchObject({ state: 'COMMITTED' })
      expect(await read(`/v1/authorizations/${open.id}`)).toMatchObject({ state: 'REQUESTED' })
      expect(await read(`/v1/receipts/${receipt.receipt_id}`)).toMatchObject({ receipt_id: receipt.receipt_id })
      expect(own.server.log.newestAnchored()!.treeSize).toBe(size)
      await signOff(own, open.id, 'anna')
    } finally {
      await own.close()
    }
  })
})

describe('the log over HTTP', () => {
  test('EP-REC-4: checkpoint, entry bundle and proofs fit each other and the pinned log key', async () => {
    await consumed(house)
    const auditor = await house.client('auditor')
    const { log } = pinTrust(house.server.trustFile).groups.get(house.world.organization)!.file
    const note = utf8Decode((await auditor.call('getCheckpoint')).bytes)
    const checkpoint = parseCheckpointText(verifyNote(note, [parseVerifierKey(log.keys[0]!.vkey)]).text)
    const { treeSize, rootHash } = checkpoint
    const bundle = (await auditor.call('getTile', { params: { '*': `entries/000.p/${treeSize}` } })).bytes
    const entries = decodeEntryBundle(bundle)
    expect(entries).toHaveLength(treeSize)
    expect(parseLogEntry(entries[0]!).type).toBe('ep.log.directory_head.v1')
    for (const index of [0, treeSize - 1]) {
      const { value } = await auditor.call('getInclusion', { query: { index, size: treeSize } })
      const path = value.inclusion_path.map((hash) => parseHash(hash))
      verifyInclusion(parseHash(value.leaf_hash), index, treeSize, path, rootHash)
    }
    const from = treeSize - 1
    const old = await auditor.call('getInclusion', { query: { index: 0, size: from } })
    expect(old.value.tree_size).toBe(from)
    const { value } = await auditor.call('getConsistency', { query: { from: treeSize, to: treeSize } })
    verifyConsistency(
      treeSize,
      rootHash,
      treeSize,
      rootHash,
      value.consistency_path.map((hash) => parseHash(hash)),
    )
  })

  test.each([
    ['/log/tile/entries/000.p/255', 404, 'tile_unknown'],
    ['/log/tile/0/000', 404, 'tile_unknown'],
    ['/log/tile/0/0', 400, 'tile_path_malformed'],
    ['/log/tile/0/x001/%252e%252e/000', 400, 'request_path_malformed'],
    ['/log/tile/0/..%2f..%2flog.key', 400, 'tile_path_malformed'],
    ['/v1/log/inclusion?index=0&size=99999', 400, 'tree_size_too_large'],
    ['/v1/log/inclusion?index=1&size=1', 400, 'tree_size_order_invalid'],
    ['/v1/log/consistency?from=1&to=99999', 400, 'tree_size_too_large'],
    ['/v1/log/consistency?from=1&to=0', 400, 'tree_size_order_invalid'],
  ])('%s is answered with %i %s', async (path, status, code) => {
    const key = await house.key('auditor')
    const response = await fetch(`${house.server.url}${path}`, { headers: { authorization: `Bearer ${key}` } })
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code])
  })

  test('the chain of heads is served as the log has it', async () => {
    const { world } = house
    const auditor = await house.client('auditor')
    const before = (await auditor.call('listHeads')).value.items
    const now = Date.now()
    const seconds = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000', '')
    world.publishHead({ issuedAt: seconds(now), validUntil: seconds(now + 60 * 86_400_000) })
    const body = { ...publicationOf(world), leaves: [], policies: [] }
    const administrator = await house.client('administrator')
    const { value } = await administrator.call('publishHead', { body })
    const after = (await auditor.call('listHeads')).value.items
    expect(after.map(({ head_hash }) => head_hash)).toEqual([
      ...before.map(({ head_hash }) => head_hash),
      value.head_hash,
    ])
    expect(after.at(-1)!.head.body.prev_head_hash).toBe(before.at(-1)!.head_hash)
    const first = (await auditor.call('listHeads', { query: { limit: 1 } })).value
    expect(first.items).toHaveLength(1)
    const second = (await auditor.call('listHeads', { query: { limit: 1, after: first.next! } })).value
    expect(second.items[0]!.head_hash).toBe(after[1]!.head_hash)
  })
})
