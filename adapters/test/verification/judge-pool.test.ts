import { Worker } from 'node:worker_threads'
import { type JudgePool, openJudgePool, ThreadPool } from '@countersign/adapters/verification/judge-pool'
import { judgeHere } from '@countersign/engine/authorization/judge-receipt'
import { JudgeFault, type ReceiptDraft, type ReceiptJudge } from '@countersign/engine/ports/receipt-judge'
import { hashJson } from '@countersign/pure/core/digest'
import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import { pinTrust } from '@countersign/pure/ep/pinned-trust'
import { type AttemptOptions, makeReceipt } from '@countersign/simulator/attempt'
import { makeWorld, octetsOfJson } from '@countersign/simulator/world'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  approved,
  consume,
  consumeRequest,
  granted,
  openHouse,
  refused,
} from '../../../engine/test/authorization/house.js'

const world = makeWorld({ approvers: [{ name: 'jchen' }, { name: 'mrossi' }], executors: [{ name: 'payments' }] })
const { organization } = world
const trust = octetsOfJson(world.trustFile())
const group = pinTrust(trust).groups.get(organization)!
const here = judgeHere(group)
const safeFault = { name: 'JudgeFault', retry: 'safe' }

let pool: JudgePool
beforeAll(async () => {
  pool = await openJudgePool({ trust, organization, threads: 2 })
})
afterAll(() => pool.close())

/** A receipt as the engine drafts it before its entry is logged. */
function draftOf(options: AttemptOptions = {}): ReceiptDraft {
  const { log_proof: _proof, approver_key_proofs, ...body } = makeReceipt(world, options).receipt as JsonObject
  const { head } = body['authority'] as { head: { body: JsonObject } }
  const row = { body, hash: hashJson(body), head_hash: hashJson(head.body) }
  return { row: canonicalString(row), openings: canonicalString(approver_key_proofs!) }
}

const other = { approvers: ['mrossi'] }
const stranger = world.entities.values().next().value!.signer!

// Each row alters one part of a receipt that passes; the last column is what both judges say.
const drafts: [string, AttemptOptions, string | undefined][] = [
  ['as it should be', {}, undefined],
  ['another approver', other, undefined],
  ['two signoffs', { approvers: ['jchen', 'mrossi'] }, undefined],
  ['a signoff by a stranger', { approverSigner: () => stranger }, 'signoff_signature_invalid'],
  [
    'a signature that is none',
    { alter: { signoffs: [{ op: 'replace', path: '/0/signature', value: `b64u:${'A'.repeat(86)}` }] } },
    'signoff_signature_malformed',
  ],
  ['a request sealed by a stranger', { executorSigner: stranger }, 'consume_key_id_mismatch'],
  [
    'an initiation sealed by another',
    { initiatorSigner: world.approvers.get('jchen')!.signer },
    'initiation_key_id_mismatch',
  ],
  [
    'another bundle',
    { alter: { consume: [{ op: 'replace', path: '/bundle_hash', value: hashJson(1) }] } },
    'consume_bundle_hash_mismatch',
  ],
  [
    'another action hash',
    { alter: { bundle: [{ op: 'replace', path: '/action_hash', value: hashJson(1) }] } },
    'action_hash_mismatch',
  ],
  [
    'another context',
    { alter: { contexts: [{ op: 'replace', path: '/0/action_hash', value: hashJson(1) }] } },
    'context_action_hash_mismatch',
  ],
  ['an opening too few', { alter: { openings: [{ op: 'remove', path: '/0' }] } }, 'opening_missing'],
  [
    'a state that is not COMMITTED',
    { alter: { consumption: [{ op: 'replace', path: '/state', value: 'APPROVED' }] } },
    'consumption_state_mismatch',
  ],
]

describe('EP-BUN-2: the pool says what the judge in this thread says', () => {
  test.each(drafts)('%s', async (label, options, code) => {
    const draft = draftOf({ label, ...options })
    const verdict = await pool.judge(draft)
    expect(verdict).toEqual(await here.judge(draft))
    expect(verdict.ok ? undefined : verdict.failure.code).toBe(code)
  })

  test('many at once, good and bad ones mixed, each get their own verdict', async () => {
    const many = Array.from({ length: 200 }, (_, n) => draftOf({ ...drafts[n % drafts.length]![1], label: `${n}` }))
    const verdicts = await Promise.all(many.map((draft) => pool.judge(draft)))
    expect(verdicts).toEqual(await Promise.all(many.map((draft) => here.judge(draft))))
  })
})

describe('what is no draft of the engine is a bug, and never passes', () => {
  const good = draftOf({ label: 'to be spoilt' })
  const spoilt: [string, ReceiptDraft][] = [
    ['a row under another hash', { ...good, row: good.row.replace(/("hash":"sha256:).{4}/, '$10000') }],
    ['a row whose body is not what its hash covers', { ...good, row: good.row.replace('"USD"', '"EUR"') }],
    ['a row that names another head', { ...good, row: good.row.replace(/("head_hash":"sha256:)..../, '$10000') }],
    ['a row not in canonical form', { ...good, row: ` ${good.row}` }],
    ['openings not in canonical form', { ...good, openings: `${good.openings} ` }],
    ['no JSON', { ...good, row: '{' }],
    ['openings without the executor', { ...good, openings: '[]' }],
  ]
  test.each(spoilt)('%s', async (_, draft) => {
    expect(draft).not.toEqual(good)
    await expect(here.judge(draft)).rejects.toThrow()
    await expect(pool.judge(draft)).rejects.toThrow()
    expect(await pool.judge(good)).toEqual({ ok: true, value: undefined })
  })
})

describe('faults', () => {
  /** Starts, takes drafts and never gives a verdict. */
  const silent = () =>
    new Worker("require('node:worker_threads').parentPort.on('message', () => {}).postMessage({ ready: true })", {
      eval: true,
    })

  test('a thread that is killed gives no verdict: every waiting call is a fault, and another thread takes over', async () => {
    const workers: Worker[] = []
    const start = () => {
      const worker =
        workers.length === 0
          ? silent()
          : new Worker(new URL('../../src/verification/thread.js', import.meta.url), {
              workerData: { trust, organization },
            })
      workers.push(worker)
      return worker
    }
    const killed = new ThreadPool(start, 1)
    await killed.ready()
    const draft = draftOf({ label: 'killed' })
    const answers = Promise.allSettled(Array.from({ length: 40 }, () => killed.judge(draft)))
    await new Promise(setImmediate)
    await workers[0]!.terminate()
    for (const answer of await answers) expect(answer).toMatchObject({ status: 'rejected', reason: safeFault })
    await expect.poll(() => killed.judge(draft)).toEqual({ ok: true, value: undefined })
    expect(workers).toHaveLength(2)
    await killed.close()
  })

  test('a thread that dies in the middle of its work: what it did not judge is a fault, never a pass', async () => {
    const worker = new Worker(new URL('../../src/verification/thread.js', import.meta.url), {
      workerData: { trust, organization },
    })
    const dying = new ThreadPool(() => worker, 1)
    await dying.ready()
    const bad = draftOf({ label: 'dying', executorSigner: stranger })
    const answers = Promise.allSettled(Array.from({ length: 600 }, () => dying.judge(bad)))
    worker.once('message', () => void worker.terminate())
    const settled = await answers
    const verdicts = settled.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    const faults = settled.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    expect(verdicts.filter(({ ok }) => ok)).toEqual([])
    expect(faults.length).toBeGreaterThan(0)
    for (const fault of faults) expect(fault).toMatchObject(safeFault)
  })

  test('threads that always die are replaced a bounded number of times; then every call is a fault', async () => {
    let started = 0
    const start = () => {
      started += 1
      return new Worker('process.exit(1)', { eval: true })
    }
    const hopeless = new ThreadPool(start, 2)
    await expect(hopeless.ready()).rejects.toMatchObject(safeFault)
    await expect.poll(() => started, { timeout: 10_000 }).toBe(18)
    await expect
      .poll(() => hopeless.judge(draftOf()).catch(({ message }) => message))
      .toContain('every judging thread has died')
    await hopeless.close()
  })

  test.each([
    ['a trust file that is refused', { trust: new Uint8Array([123]), organization }],
    ['an organization that it does not know', { trust, organization: 'ep:org:other' }],
  ])('EP-VER-2: %s opens no pool', async (_, options) => {
    await expect(openJudgePool({ ...options, threads: 1 })).rejects.toMatchObject(safeFault)
  })

  test('close lets every earlier call get its verdict, refuses later ones, and may be called again', async () => {
    const closing = await openJudgePool({ trust, organization, threads: 2 })
    const draft = draftOf({ label: 'closing' })
    const answers = Array.from({ length: 50 }, () => closing.judge(draft))
    const closed = closing.close()
    await expect(closing.judge(draft)).rejects.toMatchObject(safeFault)
    expect(new Set((await Promise.all(answers)).map(({ ok }) => ok))).toEqual(new Set([true]))
    await closed
    await closing.close()
  })
})

describe('authorizations over the pool', () => {
  test('EP-INV-1: of 64 concurrent consumers one wins, and its receipt verifies', async () => {
    const judged = await openJudgePool({ trust: octetsOfJson(makeWorld().trustFile()), organization, threads: 2 })
    const house = await openHouse({ service: { judge: judged } })
    const view = await approved(house, ['jchen'])
    const requests = await Promise.all(Array.from({ length: 64 }, (_, n) => consumeRequest(house, view, `race ${n}`)))
    const answers = await Promise.all(requests.map((request) => consume(house, request)))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(new Set(answers.filter(({ ok }) => !ok).map(refused))).toEqual(new Set(['authorization_replayed']))
    await house.stop()
    await judged.close()
  })

  test('EP-INV-5: a consumption whose judge dies changes nothing, and the same request succeeds later', async () => {
    let judge = { judge: () => Promise.reject(new JudgeFault('dead')) } as ReceiptJudge
    const house = await openHouse({ service: { judge: { judge: (draft) => judge.judge(draft) } } })
    const view = await approved(house, ['jchen'])
    const request = await consumeRequest(house, view)
    await expect(consume(house, request)).rejects.toMatchObject(safeFault)
    expect(granted(await house.service.get({ id: view.id }, house.moment())).state).toBe('APPROVED')
    judge = judgeHere(house.trust.groups.get(house.world.organization)!)
    expect(granted(await consume(house, request)).consumption.nonce).toBe(view.nonce)
    await house.stop()
  })
})
