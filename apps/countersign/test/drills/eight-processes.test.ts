// Eight servers as processes on one data folder: one database, one anchor, one folder of tiles. They start at once, then 64 executors
// consume at once over all of them, and at last the one that sequences is killed. About 15 s, most of it the eight starts and a lease.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { HttpProblem } from '@countersign/adapters/http/client'
import { readAnchorRecords } from '@countersign/engine/log/anchor-record'
import type { ConsumeRequest } from '@countersign/pure/ep/consumption'
import { pinTrust } from '@countersign/pure/ep/pinned-trust'
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { actionOf, approve, consumed, consumeRequestOf, publish } from '../server/house.js'
import { type Drill, openDrill, type Served } from './drill.js'

let drill: Drill
let servers: Served[]
beforeAll(async () => {
  drill = await openDrill()
  // What every one of them will want to write.
  rmSync(join(drill.place.data, 'organization.json'))
  servers = await Promise.all(Array.from({ length: 8 }, () => drill.start()))
  await publish(drill)
}, 120_000)
afterAll(() => drill.close())

/** The hash of the receipt that this server answers, or the code with which it refuses. */
async function consumeAt({ url }: Served, id: string, body: ConsumeRequest): Promise<string> {
  const executor = await drill.client('executor', 'ep:executor:payments', { url })
  try {
    const { bytes } = await executor.call('consume', { params: { id }, body })
    const verdict = verifyReceipt(bytes, pinTrust(drill.trustFile))
    return verdict.outcome === 'satisfied' ? verdict.value.receiptHash : verdict.failure.code
  } catch (error) {
    if (error instanceof HttpProblem) return error.code
    throw error
  }
}

async function approvedWire(resource: string) {
  return approve(drill, actionOf(drill.world, { target: { system: 'treasury.example', resource } }))
}

test.each([1, 2, 3])('EP-INV-1: of 64 consumers over 8 processes one wins, round %i', async (round) => {
  const { authorization, bundle } = await approvedWire(`wire/${round}`)
  const requests = Array.from({ length: 64 }, () => consumeRequestOf(drill.world, bundle, authorization))
  const said = await Promise.all(requests.map((body, n) => consumeAt(servers[n % 8]!, authorization.id, body)))
  expect(said.filter((one) => one.startsWith('sha256:'))).toHaveLength(1)
  expect(said.filter((one) => one === 'authorization_replayed')).toHaveLength(63)
})

test('EP-BUN-2: one request sent to 8 processes at once gets one receipt from all of them', async () => {
  const { authorization, bundle } = await approvedWire('wire/same')
  const body = consumeRequestOf(drill.world, bundle, authorization)
  const said = await Promise.all(servers.map((server) => consumeAt(server, authorization.id, body)))
  expect(new Set(said)).toEqual(new Set([expect.stringMatching(/^sha256:/)]))
  expect(said).toHaveLength(8)
})

test('EP-SM-3: one process sequences; when it is killed another one takes over, and the log is one', async () => {
  const leader = await drill.leader()
  const killed = servers.find(({ pid }) => pid === leader)!
  await killed.kill()
  servers = servers.filter((server) => server !== killed)
  drill.use(servers[0]!)
  const { receipt } = await consumed(drill)
  const next = await drill.leader()
  expect(next).not.toBe(leader)
  expect(servers.map(({ pid }) => pid)).toContain(next)
  // Everyone answers from the one log.
  for (const { url } of servers) {
    const auditor = await drill.client('auditor', undefined, { url })
    const { value } = await auditor.call('getReceipt', { params: { id: receipt.receipt_id }, query: { wait: 5 } })
    expect(value.log_proof.leaf_index).toBe(receipt.log_proof.leaf_index)
  }
  for (const server of servers) expect(await server.kill('SIGTERM'), server.stderr()).toEqual({ code: 0, signal: null })
  const { findings, receipts } = await drill.fsck()
  expect({ findings, receipts }).toEqual({ findings: [], receipts: 5 })
  expect(readdirSync(drill.place.data).filter((name) => name.startsWith('organization'))).toEqual(['organization.json'])
  expect(readAnchorRecords(readFileSync(drill.place.anchor)).torn).toEqual([])
}, 60_000)

test('a process that fails behind its open database ends, instead of standing there without a socket', async () => {
  const place = { data: join(drill.folder, 'odd'), anchor: join(drill.folder, 'odd', 'anchor') }
  mkdirSync(join(place.data, 'organization.json'), { recursive: true })
  const { code } = await drill.spawn(place).ended
  expect(code).toBeGreaterThan(0)
}, 20_000)
