// The executor as a process, killed with SIGKILL in every state of its journal: by a proxy between it and its server, by a watcher of the
// journal, or by itself in the effect. 7 moments, two starts of a process each: about 15 s.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { actionOf, approve, publish } from '../server/house.js'
import { type Drill, openDrill, type Served } from './drill.js'
import { newPaymentsKey, openPayments, type Payments } from './executors.js'
import type { Running } from './processes.js'
import { type Moment, openProxy } from './proxy.js'

let drill: Drill
let server: Served
let keyFile: Uint8Array
beforeAll(async () => {
  const { file, signer } = await newPaymentsKey()
  keyFile = file
  drill = await openDrill(signer)
  server = await drill.start()
  await publish(drill)
}, 60_000)
afterAll(() => drill.close())

interface Row {
  readonly name: string
  readonly kill: (payments: Payments, release: Release) => Promise<Running>
  /** The last step in the journal, and the state at the server, when it was dead. */
  readonly left: readonly [step: string, state: 'APPROVED' | 'COMMITTED']
  /** What stood in the ledger then, and in the end. */
  readonly paid: readonly [number, number]
  readonly outcome: 'executed' | 'failed'
}

interface Release {
  readonly id: string
  readonly actionHash: string
}

const rows: readonly Row[] = [
  {
    name: 'before its request is sent',
    kill: atExchange('asked', '/consume'),
    left: ['intended', 'APPROVED'],
    paid: [0, 1],
    outcome: 'executed',
  },
  {
    name: 'before it gets the answer',
    kill: atExchange('answered', '/consume'),
    left: ['intended', 'COMMITTED'],
    paid: [0, 1],
    outcome: 'executed',
  },
  {
    name: 'behind the receipt, before the start',
    kill: onceCommitted,
    left: ['committed', 'COMMITTED'],
    paid: [0, 1],
    outcome: 'executed',
  },
  {
    name: 'behind the start, before the effect',
    kill: byItself('before_effect'),
    left: ['started', 'COMMITTED'],
    paid: [0, 0],
    outcome: 'failed',
  },
  {
    name: 'behind the effect, before it knows the outcome',
    kill: byItself('after_effect'),
    left: ['started', 'COMMITTED'],
    paid: [1, 1],
    outcome: 'executed',
  },
  {
    name: 'before its report is sent',
    kill: atExchange('asked', '/outcomes'),
    left: ['finished', 'COMMITTED'],
    paid: [1, 1],
    outcome: 'executed',
  },
  {
    name: 'before it hears that its report was taken',
    kill: atExchange('answered', '/outcomes'),
    left: ['finished', 'COMMITTED'],
    paid: [1, 1],
    outcome: 'executed',
  },
]

test.each(rows.map((row) => [row.name, row] as const))(
  'EP-BUN-3, EP-INV-1: killed %s: the effect runs at most once, and its outcome is reported',
  async (_, { kill, left, paid, outcome }) => {
    const { payments, release } = await killedAt(kill, left[0])
    expect([payments.journal().at(-1), await stateOf(release.id)]).toEqual(left)
    expect(payments.ledger()).toHaveLength(paid[0])

    const again = payments.start(server.url, release)
    expect(await again.ended, again.stderr()).toMatchObject({ code: 0 })
    const [first, second] = again.stdout().trim().split('\n')
    const { recovered } = JSON.parse(first!)
    expect(recovered).toMatchObject([{ authorizationId: release.id, result: { status: outcome, reported: true } }])
    // Whoever asks once more gets no second effect.
    expect(JSON.parse(second!)).toMatchObject({ released: { status: 'refused', said: 'authorization_committed' } })
    expect(payments.ledger()).toHaveLength(paid[1])
    expect(payments.journal().at(-1)).toBe('reported')

    const auditor = await drill.client('auditor')
    const { value } = await auditor.call('getAuthorization', { params: { id: release.id } })
    const { value: reported } = await auditor.call('getOutcome', { params: { id: value.receipt_id! } })
    expect(reported.report.body).toMatchObject({ outcome, receipt_hash: recovered[0].result.receiptHash })
  },
  60_000,
)

/** An executor that was killed with its journal at this step; a watcher may need some tries. */
async function killedAt(kill: Row['kill'], step: string) {
  for (let tries = 1; ; tries++) {
    const target = { system: 'treasury.example', resource: `wire/${randomUUID()}` }
    const { authorization } = await approve(drill, actionOf(drill.world, { target }))
    const release = { id: authorization.id, actionHash: authorization.action_hash }
    const payments = openPayments(drill, keyFile, join(drill.folder, release.id))
    const killed = await kill(payments, release)
    const { signal } = await killed.ended
    if (signal === 'SIGKILL' && payments.journal().at(-1) === step) return { payments, release }
    if (tries === (kill === onceCommitted ? 8 : 1)) throw new Error(`it died elsewhere: ${signal} ${killed.stderr()}`)
  }
}

async function stateOf(id: string): Promise<string> {
  const auditor = await drill.client('auditor')
  return (await auditor.call('getAuthorization', { params: { id } })).value.state
}

/** The exchange is cut at this moment, and the process is gone by then. */
function atExchange(moment: Moment, path: string) {
  return async (payments: Payments, release: Release): Promise<Running> => {
    let victim: Running | undefined
    const proxy = await openProxy(server.url, async (now, asked) => {
      if (now !== moment || !asked.endsWith(path)) return true
      await victim!.kill()
      return false
    })
    victim = payments.start(proxy.url, release)
    await victim.ended
    await proxy.close()
    return victim
  }
}

function byItself(die: 'before_effect' | 'after_effect') {
  return async (payments: Payments, release: Release) => payments.start(server.url, release, die)
}

/** Between these two records nothing can be seen from outside but the journal itself. It may be seen too late: then there is a next try. */
async function onceCommitted(payments: Payments, release: Release): Promise<Running> {
  const victim = payments.start(server.url, release)
  let ended = false
  victim.ended.then(() => {
    ended = true
  })
  while (!ended && !payments.journalText().includes('"kind":"committed"')) await setImmediate()
  await victim.kill()
  return victim
}
