// The server is frozen (SIGSTOP) between the commit of a consumption and its anchor, while an executor, a process too, waits for the
// answer. No hook is needed: who watches the database sees the commit at once, and the anchor is some disk writes away; a moment that
// was missed is tried again with another authorization. Then the database is taken back, or not. Three freezes, about ten starts of a
// process and waits for the lease of the frozen sequencer (3 s): about 25 s.
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientOptions } from '@countersign/adapters/http/client'
import { type Connection, connect } from '@countersign/adapters/storage/sqlite/driver'
import { readAnchorRecords } from '@countersign/engine/log/anchor-record'
import { parseCheckpointText } from '@countersign/pure/core/checkpoint'
import { parseNote } from '@countersign/pure/core/note'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { actionOf, approve, consumed, consumeRequestOf, publish } from '../server/house.js'
import { type Drill, openDrill, type Place, type Served } from './drill.js'
import { newPaymentsKey, openPayments, type Payments } from './executors.js'
import { pause, type Running } from './processes.js'

let drill: Drill
let keyFile: Uint8Array
let server: Served
/** From when the anchor knew less than it does now. */
let older: Place

beforeAll(async () => {
  const { file, signer } = await newPaymentsKey()
  keyFile = file
  drill = await openDrill(signer)
  server = await drill.start()
  await publish(drill)
  older = await copied('older')
  await consumed(drill)
}, 60_000)
afterAll(() => drill.close())

/** Behind which step the sequencer stands still: the entry is in the outbox; the entry has its index, under a signed checkpoint. */
type Point = 'committed' | 'checkpoint persisted'

interface Frozen {
  readonly authorization: Awaited<ReturnType<typeof approve>>['authorization']
  readonly bundle: Awaited<ReturnType<typeof approve>>['bundle']
  readonly payments: Payments
  /** It waits for the answer. */
  readonly executor: Running
  /** As everything stood before the consumption. */
  readonly before: Place
  /** The receipt that is in the database, and that nobody was told of. */
  readonly receiptId: string
}

let copies = 0

/** @param beforehand - what is to be kept from before the consumption */
async function frozenAt(point: Point, beforehand: () => Promise<Place>): Promise<Frozen> {
  for (let tries = 0; tries < 10; tries++) {
    const wire = { system: 'treasury.example', resource: `wire/${point}/${tries}` }
    const { authorization, bundle } = await approve(drill, actionOf(drill.world, { target: wire }))
    const before = await beforehand()
    const payments = openPayments(drill, keyFile, join(drill.folder, `payments-${authorization.id}`))
    const release = { id: authorization.id, actionHash: authorization.action_hash }
    const database = await connect(join(drill.place.data, 'countersign.db'))
    const anchored = anchoredSize(drill.place)
    const reached = await arrival(database, point)
    const executor = payments.start(server.url, release)
    await until(reached)
    server.signal('SIGSTOP')
    // A write that the kernel had begun ends in this time; whatever the process holds, nobody else waits for.
    await pause(30)
    const newest = "SELECT entry_id, idx FROM log_entries WHERE entry_id LIKE 'receipt:%' ORDER BY seq DESC LIMIT 1"
    const { entry_id, idx } = database.get<{ entry_id: string; idx: number | null }>(newest)!
    const stands = idx === null ? 'committed' : 'checkpoint persisted'
    const caught = stands === point && anchoredSize(drill.place) === anchored && !isLocked(database)
    database.close()
    const receiptId = entry_id.slice('receipt:'.length)
    if (caught) return { authorization, bundle, payments, executor, before, receiptId }
    server.signal('SIGCONT')
    expect(await executor.ended, executor.stderr()).toMatchObject({ code: 0 })
  }
  throw new Error('the moment was missed ten times')
}

/** Whether a point is reached that was not when it was asked. */
async function arrival(database: Connection, point: Point): Promise<() => boolean> {
  const sql =
    point === 'committed'
      ? "SELECT count(*) AS n FROM log_entries WHERE entry_id LIKE 'receipt:%'"
      : 'SELECT tree_size AS n FROM log_states'
  const count = () => database.get<{ n: number }>(sql)!.n
  const start = count()
  return () => count() > start
}

/** Looks without a pause, so that nothing passes unseen; lets the executor's start be heard now and then. */
async function until(reached: () => boolean): Promise<void> {
  const end = Date.now() + 20_000
  while (Date.now() < end) {
    for (let looks = 0; looks < 200; looks++) if (reached()) return
    await pause(0)
  }
  throw new Error('it was not reached')
}

/** A transaction that was frozen half way keeps every other writer out. */
function isLocked(database: Connection): boolean {
  database.exec('PRAGMA busy_timeout = 0')
  try {
    database.exec('BEGIN IMMEDIATE')
    database.exec('ROLLBACK')
    return false
  } catch {
    return true
  }
}

/** The files as a crash would find them now. */
async function copied(name: string): Promise<Place> {
  server.signal('SIGSTOP')
  await pause(30)
  const copy = drill.copy(name)
  server.signal('SIGCONT')
  return copy
}

function anchoredSize({ anchor }: Place): number {
  const newest = readAnchorRecords(readFileSync(anchor)).records.at(-1)!
  return parseCheckpointText(parseNote(newest.note).text).treeSize
}

/** The database of another time in the place of this one's. */
function restore(place: Place, from: Place): Place {
  for (const file of ['countersign.db', 'countersign.db-wal', 'countersign.db-shm']) {
    rmSync(join(place.data, file), { force: true })
    if (existsSync(join(from.data, file))) copyFileSync(join(from.data, file), join(place.data, file))
  }
  return place
}

/** An executor that goes on where this one was killed. */
function successor({ payments }: Frozen, name: string): Payments {
  const folder = `${payments.folder}-${name}`
  cpSync(payments.folder, folder, { recursive: true })
  return openPayments(drill, keyFile, folder)
}

async function recovered(payments: Payments, url: string) {
  const executor = payments.start(url)
  expect(await executor.ended, executor.stderr()).toMatchObject({ code: 0 })
  return JSON.parse(executor.stdout()).recovered as unknown[]
}

async function ask(frozen: Frozen, url: string) {
  const auditor = await drill.client('auditor', undefined, { url })
  const { value } = await auditor.call('getAuthorization', { params: { id: frozen.authorization.id } })
  return value
}

const executedOnce = [{ result: { status: 'executed', reported: true } }]

test.each<[Point]>([['committed'], ['checkpoint persisted']])(
  'EP-SM-3, EP-SM-4: frozen when it was %s, database restored or not: without an answer nothing runs, with it once',
  async (point) => {
    const frozen = await frozenAt(point, () => copied(`before-${copies++}`))
    const { executor, payments, before, receiptId } = frozen
    await pause(500)
    expect([payments.journal(), payments.ledger(), executor.stdout()]).toEqual([['intended'], [], '{"recovered":[]}\n'])
    await server.kill()
    const lost = drill.copy(`lost-${point}`)
    const rolledBack = drill.copy(`rolled-back-${point}`)

    // An older database than the anchor knows: it is not served, and the executor waits in vain.
    const refused = drill.spawn(restore(rolledBack, older))
    expect(await drill.listening(refused)).toBeNull()
    expect([await refused.ended, refused.stderr()]).toEqual([
      { code: 1, signal: null },
      expect.stringContaining('log_rollback_detected'),
    ])
    expect([payments.ledger(), executor.stdout()]).toEqual([[], '{"recovered":[]}\n'])
    await executor.kill()

    const [afterLoss, afterRestart] = [successor(frozen, 'loss'), successor(frozen, 'restart')]
    await Promise.all([
      // From just before: the anchor knows no more than it. The consumption is lost, and nobody was told of it.
      (async () => {
        const { url, kill } = await drill.start(restore(lost, before))
        expect((await ask(frozen, url)).state).toBe('APPROVED')
        expect(await recovered(afterLoss, url)).toMatchObject(executedOnce)
        const after = await ask(frozen, url)
        expect(after.state).toBe('COMMITTED')
        expect(after.receipt_id).not.toBe(receiptId)
        await kill('SIGTERM')
        expect((await drill.fsck(lost)).findings).toEqual([])
      })(),
      // Not restored: it is finished, with the very receipt.
      (async () => {
        server = await drill.start()
        expect(await recovered(afterRestart, server.url)).toMatchObject(executedOnce)
        expect(await ask(frozen, server.url)).toMatchObject({ state: 'COMMITTED', receipt_id: receiptId })
      })(),
    ])
    for (const one of [afterLoss, afterRestart]) expect(one.ledger()).toEqual([frozen.authorization.action_hash])
    expect((await drill.fsck()).findings).toEqual([])
  },
  90_000,
)

test('EP-SM-3: while the sequencer is frozen another server tells nothing of the consumption, then anchors it and tells all', async () => {
  const both = [server, await drill.start()]
  const leader = await drill.leader()
  server = both.find(({ pid }) => pid === leader)!
  const second = both.find(({ pid }) => pid !== leader)!
  const frozen = await frozenAt('checkpoint persisted', async () => drill.place)
  const { authorization, bundle, executor, payments, receiptId } = frozen
  const params = { id: authorization.id }
  const other = consumeRequestOf(drill.world, bundle, authorization)
  const asked = async (options: Partial<ClientOptions>) => {
    const at = { url: second.url, ...options }
    const auditor = await drill.client('auditor', undefined, at)
    const another = await drill.client('executor', 'ep:executor:payments', at)
    return Promise.allSettled([
      auditor.call('getAuthorization', { params }).then(({ value }) => value.receipt_id),
      auditor.call('getReceipt', { params: { id: receiptId } }).then(({ value }) => value.receipt_id),
      another.call('getBundle', { params }),
      another.call('consume', { params, body: other }),
    ])
  }
  // The lease of the frozen one has a second or more to run.
  for (const answer of await asked({ deadlineMilliseconds: 1, timeoutMilliseconds: 400 }))
    expect(answer).toMatchObject({ status: 'rejected', reason: { name: 'HttpUnanswered' } })
  expect(await asked({})).toMatchObject([
    { value: receiptId },
    { value: receiptId },
    { reason: { code: 'authorization_committed' } },
    { reason: { code: 'authorization_replayed' } },
  ])
  await consumed(drill)
  expect([executor.stdout(), payments.ledger()]).toEqual(['{"recovered":[]}\n', []])

  // It wakes up behind its own publication, which the other one has finished, and behind more.
  server.signal('SIGCONT')
  expect(await executor.ended, executor.stderr()).toMatchObject({ code: 0 })
  expect(JSON.parse(executor.stdout().split('\n')[1]!)).toMatchObject({ released: { status: 'executed' } })
  expect(payments.ledger()).toEqual([authorization.action_hash])
  await consumed(drill)
  for (const one of [server, second]) expect(await one.kill('SIGTERM'), one.stderr()).toMatchObject({ code: 0 })
  expect((await drill.fsck()).findings).toEqual([])
}, 60_000)
