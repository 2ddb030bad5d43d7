import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { httpClient } from '@countersign/adapters/http/client'
import { openKeyFile } from '@countersign/adapters/keys/key-file'
import { encodeBinary, hashJson } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import type { JsonObject } from '@countersign/pure/core/json'
import { type AuthorizationBundle, hashedBundle } from '@countersign/pure/ep/bundle'
import type { ConsumeBody } from '@countersign/pure/ep/consumption'
import { sealMessage } from '@countersign/pure/ep/sealed'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../src/server/running-server.js'
import { type Ran, runCli } from './fake-terminal.js'

// One organization, one server on a real socket and database, and everybody at their own command line.
const root = mkdtempSync(join(tmpdir(), 'countersign-journey-'))
const path = (name: string) => join(root, name)
const folder = path('organization')
const data = path('data')
let server: RunningServer

function cli(words: string, answers?: (boolean | string | null)[]): Promise<Ran> {
  return runCli(words.split(' '), { now: Date.now(), ...(answers === undefined ? {} : { answers }) })
}

async function ok(words: string, answers?: (boolean | string | null)[]): Promise<Ran> {
  const ran = await cli(words, answers)
  if (ran.code !== 0) throw new Error(`${words}\n${ran.err}`)
  return ran
}

const as = (name: string, url = server.url) => `--server ${url} --api-key-file ${path(`${name}.csk`)}`
const approving = (name: string, url?: string) => `--key ${path(`${name}.key`)} ${as(name, url)}`

beforeAll(async () => {
  await ok(`org init --organization acme --log-origin log.acme.example/1 --no-passphrase --folder ${folder}`)
  await ok(`org public --folder ${folder} --out ${path('pins.json')}`)
  await ok(`keygen --out ${path('payments.key')} --no-passphrase --key-id ep:key:payments#1`)
  await ok(`keygen --out ${path('agent.key')} --no-passphrase --key-id ep:key:agent#1`)
  const policy = await ok(`policy template wires --folder ${folder}`)
  writeFileSync(path('wires.json'), policy.out)
  writeFileSync(path('alice.pass'), 'secret of alice')
  await ok(`org policy add ${path('wires.json')} --folder ${folder}`)
  await ok(`org entity add agent --kind agent --responsible boss --key ${path('agent.key')} --folder ${folder}`)
  await ok(`org executor add payments --system treasury.example --key ${path('payments.key')} --folder ${folder}`)
  for (const [name, role] of [
    ['alice', 'treasury'],
    ['bob', 'controller'],
  ]) {
    await ok(`org invite ${name} --principal ${name} --role ${role} --out ${path(`${name}.invite`)} --folder ${folder}`)
    await ok(`enroll ${path(`${name}.invite`)} --key ${path(`${name}.key`)} --out ${path(`${name}.request`)}`, [
      `secret of ${name}`,
      `secret of ${name}`,
      `secret of ${name}`,
    ])
    await ok(`org enroll ${path(`${name}.request`)} --yes --folder ${folder}`)
  }
  await ok(`org sign --yes --folder ${folder}`)
  server = await startServer(
    {
      data,
      organizationFile: readFileSync(path('pins.json')),
      host: '127.0.0.1',
      port: 0,
      logKeyPassphrase: null,
      publicLog: false,
      version: '0.1.0',
    },
    pino({ level: 'silent' }),
  )
  const keys = [
    ['operator', 'administrator', ''],
    ['agent', 'initiator', '--subject ep:entity:agent'],
    ['alice', 'approver', '--subject ep:approver:alice'],
    ['bob', 'approver', '--subject ep:approver:bob'],
    ['payments', 'executor', '--subject ep:executor:payments'],
  ]
  for (const [name, role, subject] of keys)
    await ok(
      `apikey create --data ${data} --organization ${path('pins.json')} --role ${role} --out ${path(`${name}.csk`)} ${subject}`.trim(),
    )
  await ok(`org publish ${as('operator')} --folder ${folder}`)
  await ok(`org trust --log-vkey ${join(data, 'log.vkey')} --out ${path('trust.json')} --folder ${folder}`)
}, 60_000)

afterAll(async () => {
  await server.stop()
  rmSync(root, { recursive: true, force: true })
})

function writeAction(parameters: JsonObject, members: JsonObject = {}): string {
  const action = {
    ep_version: '1.0',
    action_type: 'wire.release',
    target: { system: 'treasury.example', resource: 'wire/8841' },
    parameters,
    initiator: 'ep:entity:agent',
    policy_id: 'ep:policy:wires@v1',
    ...members,
  }
  writeFileSync(path('action.json'), JSON.stringify(action))
  return path('action.json')
}

const sealing = () => `--key ${path('agent.key')} --directory ep:directory:acme`

const usual = { amount: '2400000.00', currency: 'USD', beneficiary: 'DE02 1203' }

async function request(parameters: JsonObject = usual, members: JsonObject = {}) {
  const { out } = await ok(`request ${writeAction(parameters, members)} --json ${as('agent')} ${sealing()}`)
  return (JSON.parse(out) as { id: string }).id
}

/** As an executor does it: the bundle, then the sealed consume request. */
async function consume(id: string) {
  const client = httpClient({ url: server.url, key: readFileSync(path('payments.csk'), 'utf8').trim() })
  const { value } = await client.call('getBundle', { params: { id } })
  const bundle: AuthorizationBundle = value
  const signer = await openKeyFile(readFileSync(path('payments.key')), null)
  const body: ConsumeBody = {
    type: 'ep.consume.v1',
    organization: 'ep:org:acme',
    executor_id: 'ep:executor:payments',
    nonce: bundle.contexts[0]!.nonce,
    action_hash: bundle.action_hash,
    policy_hash: hashJson(bundle.policy as unknown as JsonObject),
    bundle_hash: hashJson(hashedBundle(bundle)),
    consume_id: encodeBinary(crypto.getRandomValues(new Uint8Array(16))),
    enforcement_class: 'STRONG',
    at: formatInstant(Date.now()),
  }
  const signature = encodeBinary(await signer.sign(sealMessage(body)))
  const seal = { body, signatures: [{ key_id: signer.keyId, signature }] }
  return (await client.call('consume', { params: { id }, body: seal })).value.receipt_id
}

describe('from a request to evidence, everybody at their own command line', () => {
  test('two approvers see the action, sign it, and the receipt verifies offline against the organization’s trust file', async () => {
    const id = await request()
    const pending = await ok(`pending ${as('alice')}`)
    expect(pending.out).toContain(`${id}  wire.release on treasury.example, asked by ep:entity:agent, until `)
    const alice = await ok(`approve ${id} --trust ${path('trust.json')} ${approving('alice')}`, [
      true,
      'secret of alice',
    ])
    for (const part of [
      'wire.release',
      '"2400000.00"',
      '"DE02 1203"',
      'ep:entity:agent',
      'ep:policy:wires@v1',
      'until',
    ])
      expect(alice.out).toContain(part)
    expect(alice.out).toContain('needs (1 of treasury and 1 of controller)')
    expect(alice.out).toMatch(/policy from +the organization’s signed directory, checked/)
    expect(alice.out).toMatch(/identity of asker +signed/)
    expect(alice.out).toContain('Signed. The attempt is PARTIALLY_APPROVED.')
    expect((await ok(`pending ${as('alice')}`)).out).not.toContain(id)
    expect(alice.asked).toEqual(['Sign this action?', expect.stringContaining('The passphrase of ep:key:alice#')])
    writeFileSync(path('bob.pass'), 'secret of bob\n')
    const bob = await ok(`approve ${id} --yes --passphrase-file ${path('bob.pass')} ${approving('bob')}`)
    expect(bob.out).toContain('APPROVED')
    expect(bob.err).toContain('is the server’s word')

    const bundle = await httpClient({ url: server.url, key: readFileSync(path('payments.csk'), 'utf8').trim() }).call(
      'getBundle',
      { params: { id } },
    )
    writeFileSync(path('bundle.json'), bundle.bytes)
    const judged = await ok(`verify ${path('bundle.json')} --trust ${path('trust.json')}`)
    expect(judged.out).toContain('permits nothing by itself')

    const receiptId = await consume(id)
    await ok(`receipt get ${receiptId} --out ${path('receipt.json')} ${as('agent')}`)
    const verified = await ok(`verify ${path('receipt.json')} --trust ${path('trust.json')} --expect receipt`)
    expect(verified.out).toMatch(/^SATISFIED: this action was approved and committed once\n/)
    expect(verified.out).toMatch(/\n {2}approved by +ep:approver:alice with ep:key:alice#/)
    expect(verified.out).toContain('who asked is proven by a signature')
    const again = await ok(`receipt get ${id} ${as('agent')}`)
    expect(JSON.parse(again.out)).toMatchObject({ receipt_id: receiptId })
  })

  test('EP-DEN-1: one denial ends the attempt, and its record verifies as a denial', async () => {
    // With its instant in the file the same file asks for the same attempt.
    const id = await request(usual, { requested_at: formatInstant(Date.now()) })
    const denied = await ok(`deny ${id} --reason wrong-account ${approving('bob')}`, [true, 'secret of bob'])
    expect(denied.out).toMatch(/Denied\. The record is ep:denial:[0-9A-Z]{26}\.\n$/)
    await ok(`receipt get ${id} --out ${path('denial.json')} ${as('agent')}`)
    const verified = await ok(`verify ${path('denial.json')} --trust ${path('trust.json')}`)
    expect(verified.out).toMatch(/^SATISFIED: this action was DENIED; nothing here permits it\n/)
    expect(verified.out).toContain('"wrong-account"')
    const expected = await cli(`verify ${path('denial.json')} --trust ${path('trust.json')} --expect receipt`)
    expect(expected.code).toBe(1)
    const late = await cli(`approve ${id} --yes --passphrase-file ${path('bob.pass')} ${approving('bob')}`)
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining('authorization_denied') })
    const waited = await cli(`request ${path('action.json')} --wait ${as('agent')} ${sealing()}`)
    expect(waited).toMatchObject({ code: 1, out: expect.stringMatching(/state +DENIED/), err: '' })
  })

  test('what the policy refuses is told with its code', async () => {
    const ran = await cli(`request ${writeAction({ currency: 'USD' })} ${as('agent')} ${sealing()}`)
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining('condition_operand_missing') })
    const unsealed = await cli(`request ${writeAction({ amount: '5' })} ${as('agent')}`)
    expect(unsealed).toMatchObject({ code: 1, err: expect.stringContaining('initiation_missing') })
  })

  test('EP-VER-6: the log of the server checks out from its files, with the heads that its receipts used', async () => {
    mkdirSync(path('receipts'))
    copyFileSync(path('receipt.json'), path('receipts/1.json'))
    const fsck = await ok(
      `log fsck ${join(data, 'log')} --organization ${path('pins.json')} --log-vkey ${join(data, 'log.vkey')} --anchor ${join(data, 'anchor')} --receipts ${path('receipts')}`,
    )
    expect(fsck.out).toMatch(
      /^\d+ entries: 1 receipts, 1 denials, 1 heads, 0 outcomes; \d+ anchored checkpoints; 0 findings\n$/,
    )
  })

  test('publishing again changes nothing; a renewed head goes to the server', async () => {
    expect((await ok(`org publish ${as('operator')} --folder ${folder}`)).out).toBe('The server has the newest head.\n')
    await ok(`org sign --yes --folder ${folder}`)
    expect((await ok(`org publish ${as('operator')} --folder ${folder}`)).out).toMatch(/^published sha256:/)
  })

  test('a revoked API key is refused', async () => {
    const listed = await ok(`apikey list --data ${data} --organization ${path('pins.json')}`)
    const id = /^(\S+) {2}initiator ep:entity:agent/m.exec(listed.out)![1]!
    await ok(
      `apikey create --data ${data} --organization ${path('pins.json')} --role auditor --out ${path('auditor.csk')}`,
    )
    const auditor = /^(\S+) {2}auditor/m.exec(
      (await ok(`apikey list --data ${data} --organization ${path('pins.json')}`)).out,
    )![1]!
    expect(auditor).not.toBe(id)
    await ok(`apikey revoke ${auditor} --data ${data} --organization ${path('pins.json')}`)
    const ran = await cli(`receipt get ep:receipt:01J9Z3K5V8Q2W4X6Y7A8B9C0DE ${as('auditor')}`)
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('api_key_invalid') })
    const wrong = await cli(`apikey create --data ${data} --organization ${path('pins.json')} --role approver`)
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('api_key_subject_missing') })
  })
})

describe('EP-KEY-U, EP-SEC-1: an approver’s client signs nothing that it did not recompute', () => {
  type Contexts = {
    authorization: { action: { parameters: JsonObject; initiator: string }; action_hash: string }
    policy: { rules: JsonObject[]; max_window_seconds: number }
    contexts: { context: JsonObject; context_hash: string }[]
    openings: { leaf: { entry: JsonObject } }[]
  }
  let id: string
  let hostile: Server
  let served: string
  let signoffs: number
  let change: (contexts: Contexts) => void

  beforeAll(async () => {
    id = await request({ ...usual, memo: 'pay \u001b[2J\u202edlog' })
    served = JSON.stringify(
      (
        await httpClient({ url: server.url, key: readFileSync(path('alice.csk'), 'utf8').trim() }).call('getContexts', {
          params: { id },
        })
      ).value,
    )
    // Its operator holds every server key: it answers what it likes, and counts the signatures that it is given.
    hostile = createServer((incoming, answer) => {
      if (incoming.method === 'POST') signoffs += 1
      const contexts = JSON.parse(served) as Contexts
      change(contexts)
      answer.setHeader('content-type', 'application/json')
      answer.end(JSON.stringify(contexts))
    })
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => hostile.close())

  const approve = (more = '') => {
    const url = `http://127.0.0.1:${(hostile.address() as AddressInfo).port}`
    signoffs = 0
    return cli(`approve ${id} --yes --passphrase-file ${path('alice.pass')} ${approving('alice', url)} ${more}`.trim())
  }
  /** As a server would that makes everything fit its lie, apart from the organization's signature. */
  const consistent = (contexts: Contexts) => {
    const actionHash = hashJson(contexts.authorization.action as unknown as JsonObject)
    const policyHash = hashJson(contexts.policy as unknown as JsonObject)
    contexts.authorization.action_hash = actionHash
    for (const one of contexts.contexts) {
      one.context = { ...one.context, action_hash: actionHash, policy_hash: policyHash }
      one.context_hash = hashJson(one.context)
    }
  }

  const rows: [string, string, (contexts: Contexts) => void][] = [
    [
      'an action other than the one hashed',
      'action_hash_mismatch',
      (c) => (c.authorization.action.parameters['amount'] = '5'),
    ],
    [
      'an action whose hash is not in the contexts',
      'context_action_hash_mismatch',
      (c) => {
        c.authorization.action.parameters['amount'] = '5'
        c.authorization.action_hash = hashJson(c.authorization.action as unknown as JsonObject)
      },
    ],
    [
      'a policy other than the one in the contexts',
      'context_policy_hash_mismatch',
      (c) => (c.policy.max_window_seconds = 60),
    ],
    [
      'a context hash that is another object’s',
      'served_context_hash_mismatch',
      (c) => (c.contexts[0]!.context_hash = hashJson({})),
    ],
    ['a context with a member more', 'member_unknown', (c) => (c.contexts[0]!.context['decision'] = 'approved')],
    [
      'another type of context',
      'context_type_mismatch',
      (c) => (c.contexts[0]!.context['context_type'] = 'ep.drill.v1'),
    ],
    [
      'contexts of two attempts',
      'context_member_mismatch',
      (c) => (c.contexts[1]!.context['nonce'] = `b64u:${'A'.repeat(43)}`),
    ],
    [
      'an attempt of somebody else',
      'served_approver_unknown',
      (c) => (c.openings = c.openings.filter(({ leaf }) => leaf.entry['approver_id'] !== 'ep:approver:alice')),
    ],
    [
      'no context for this approver',
      'served_context_missing',
      (c) => (c.contexts = c.contexts.filter(({ context }) => context['approver'] !== 'ep:approver:alice')),
    ],
    [
      'a policy that asks for nothing',
      'policy_rule_ungated',
      (c) => {
        // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
        c.policy.rules = [{ then: 'ungated' }]
        consistent(c)
      },
    ],
    [
      'a past window',
      'served_authorization_expired',
      (c) => {
        for (const one of c.contexts) {
          one.context['issued_at'] = '2026-01-01T00:00:00Z'
          one.context['expires_at'] = '2026-01-01T00:15:00Z'
        }
        consistent(c)
      },
    ],
  ]
  test.each(rows)('%s', async (_name, code, lie) => {
    change = lie
    const ran = await approve()
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining(`${code} at `) })
    expect(signoffs).toBe(0)
  })

  test('self-consistent is not authorized: a policy that the organization never signed, against a trust file', async () => {
    change = (contexts) => {
      contexts.policy.rules = contexts.policy.rules.slice(0, 1)
      consistent(contexts)
    }
    const ran = await approve(`--trust ${path('trust.json')}`)
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining('policy_leaf_hash_mismatch') })
    expect(signoffs).toBe(0)
  })

  test('what would move the cursor or turn the line is shown as code points before anybody is asked', async () => {
    change = () => {}
    const ran = await cli(`approve ${id} ${approving('alice')}`, [false])
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('nothing was signed') })
    expect(ran.out).toContain('"pay \\u{1b}[2J\\u{202e}dlog"')
    expect([...ran.out].some((character) => /\p{C}/u.test(character) && character !== '\n')).toBe(false)
  })

  test('a wrong passphrase signs nothing', async () => {
    const ran = await cli(`approve ${id} ${approving('alice')}`, [true, 'a guess'])
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('key_file_passphrase_mismatch') })
    expect((await cli(`approve ${id} ${approving('alice')}`, [false])).code).toBe(1)
  })

  test('nobody to ask, no API key, no server: each in one line', async () => {
    expect(await cli(`approve ${id} ${approving('alice')}`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/give --yes/),
    })
    writeFileSync(path('eve.csk'), 'password')
    expect(await cli(`approve ${id} --key ${path('alice.key')} ${as('eve')}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('holds no API key'),
    })
    expect(await cli(`approve ${id} ${approving('alice', 'file:///etc')}`)).toMatchObject({ code: 2 })
  })
})
