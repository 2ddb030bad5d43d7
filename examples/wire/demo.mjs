// The main job, end to end, with separate processes for server, agent, approvers and executor, and the organization's key held apart.
// Every line that says "refused" is the answer of the real program, checked; the demo ends with 1 if anything answers otherwise.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
// The organization's desk and the operator's run in this process; server, agent, approvers and executor in processes of their own.
import { run } from '../../apps/countersign/dist/cli/program.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const program = resolve(here, '../../apps/countersign/bin/countersign.js')
const folder = resolve(process.argv[2] ?? '.demo')
const at = (...parts) => join(folder, ...parts)

rmSync(folder, { recursive: true, force: true })
for (const name of ['organization', 'server', 'people', 'executor', 'actions'])
  mkdirSync(at(name), { recursive: true, mode: 0o700 })

title('An organization, its key held apart from any server')
writeFileSync(at('passphrase'), 'correct horse battery staple\n', { mode: 0o600 })
const org = ['--folder', at('organization', 'acme')]
const passphrase = ['--passphrase-file', at('passphrase')]
await desk('org', 'init', '--organization', 'ep:org:acme', '--log-origin', 'log.acme.example/1', ...org, ...passphrase)
const policy = JSON.parse(readFileSync(join(here, 'policy.json'), 'utf8'))
await desk('org', 'policy', 'add', join(here, 'policy.json'), ...org)
say(`policy ${policy.policy_id}: wires of 100,000 and more need two of treasury`)
await Promise.all(
  ['agent', 'executor'].map((name) =>
    desk(
      'keygen',
      '--out',
      at(name === 'agent' ? 'people' : 'executor', `${name}.key`),
      '--key-id',
      `ep:key:${name}#1`,
      '--no-passphrase',
    ),
  ),
)
await desk(
  'org',
  'entity',
  'add',
  'ep:entity:agent-7',
  '--kind',
  'agent',
  '--responsible',
  'ep:principal:dana',
  '--key',
  at('people', 'agent.key'),
  ...org,
)
await desk(
  'org',
  'executor',
  'add',
  'ep:executor:payments',
  '--system',
  'treasury.example',
  '--key',
  at('executor', 'executor.key'),
  ...org,
)
for (const name of ['alice', 'bob', 'dana']) await invite(name)
await Promise.all(['alice', 'bob', 'dana'].map(makeKey))
for (const name of ['alice', 'bob', 'dana']) await desk('org', 'enroll', enrollmentOf(name), '--yes', ...org)
say('alice, bob and dana enrolled keys they made themselves; dana answers for the agent')
await desk('org', 'sign', '--yes', ...org, ...passphrase)
await desk('org', 'public', '--out', at('server', 'acme.json'), ...org)

title('A server, which has none of their keys')
const server = await startServer()
await Promise.all([
  apiKey('admin', 'administrator'),
  apiKey('agent', 'initiator', 'ep:entity:agent-7'),
  apiKey('executor', 'executor', 'ep:executor:payments'),
  ...['alice', 'bob', 'dana'].map((name) => apiKey(name, 'approver', `ep:approver:${name}`)),
])
await desk('org', 'publish', ...org, '--server', server.url, '--api-key-file', at('people', 'admin.apikey'))
await desk('org', 'trust', '--log-vkey', at('server', 'data', 'log.vkey'), '--out', at('trust.json'), ...org)
say(`${server.url}; the organization wrote trust.json with the log's key`)
writeFileSync(at('executor', 'settings.json'), JSON.stringify(executorSettings('journal'), null, 2))
writeFileSync(at('executor', 'other.json'), JSON.stringify(executorSettings('other-journal'), null, 2))

title('An agent asks for a wire of 2,400,000.00 USD')
const first = await request('8841', '2400000.00')
say(`authorization ${first.id}, state ${first.state}, needs ${first.required_approvals}`)
await refused(
  'dana, who answers for the agent and so was never asked',
  'authorization_unknown',
  approve('dana', first.id),
)
await refusedRun('the executor, with no approval', 'authorization_approval_insufficient', release(first.id, '8841'))
say(`alice: ${lastLine(await passes(approve('alice', first.id)))}`)
await refusedRun('the executor, with one approval', 'authorization_approval_insufficient', release(first.id, '8841'))
say(`bob: ${lastLine(await passes(approve('bob', first.id)))}`)
writeAction('8841-changed', '8841', '9400000.00')
await refusedRun('the same approval for 9,400,000.00', 'executor_action_mismatch', release(first.id, '8841-changed'))
const ran = await passes(release(first.id, '8841'))
say(`the executor: ${ran.json.status}; wires in the ledger: ${ran.json.ledger}`)
expect(ran.json.status === 'executed' && ran.json.ledger === 1, 'the wire was executed once')
await refusedRun('the executor, a second time', 'authorization_committed', release(first.id, '8841'))
await refusedRun(
  'another executor process that forgot everything',
  'authorization_committed',
  release(first.id, '8841', 'other.json'),
)

title('The executor is killed between consume and effect')
const second = await request('8842', '310000.00')
await Promise.all([passes(approve('alice', second.id)), passes(approve('bob', second.id))])
const killed = await release(second.id, '8842', 'settings.json', '--die-before-effect')
expect(killed.signal === 'SIGKILL', 'the executor was killed')
const recovered = await passes(node(join(here, 'executor.mjs'), at('executor', 'settings.json'), 'recover'))
const [settled] = recovered.json.recovered
say(
  `restarted: it had started, the ledger does not have it, so it is reported as ${settled.result.status} and never run again`,
)
expect(
  settled.result.status === 'failed' && settled.result.reported && recovered.json.ledger === 1,
  'reconciled, no second effect',
)

title('A denial, and a revoked key')
const third = await request('8843', '990000.00')
say(
  `bob: ${lastLine(await passes(cli('deny', third.id, ...person('bob'), '--reason', 'unknown beneficiary', '--yes')))}`,
)
await desk('org', 'approver', 'revoke', 'ep:approver:alice', ...org)
const fourth = await request('8844', '120000.00')
await desk('org', 'sign', '--yes', ...org, ...passphrase)
await desk('org', 'publish', ...org, '--server', server.url, '--api-key-file', at('people', 'admin.apikey'))
await refused('alice, revoked after she was asked', 'authority_entry_expired', approve('alice', fourth.id))

title('The evidence, checked with the server stopped')
await ok('receipt', 'get', first.id, ...agent(), '--out', at('receipt.json'))
await ok('receipt', 'get', third.id, ...agent(), '--out', at('denial.json'))
await stopServer(server)
for (const name of ['receipt', 'denial'])
  process.stdout.write(`${(await ok('verify', at(`${name}.json`), '--trust', at('trust.json'))).stdout}\n`)

title('Done. Look for yourself')
process.stdout.write(`npx countersign verify ${at('receipt.json')} --trust ${at('trust.json')} --json
npx countersign verify ${at('denial.json')} --trust ${at('trust.json')} --json
npx countersign log fsck ${at('server', 'data')}
`)

// ---- how each process is run ---------------------------------------------------------------------------------------------------

function invite(name) {
  const about = ['--principal', `ep:principal:${name}`, '--role', 'treasury']
  return desk('org', 'invite', `ep:approver:${name}`, ...about, '--out', invitationOf(name), ...org)
}

/** On the approver's own machine: the private key never leaves it. */
function makeKey(name) {
  return ok(
    'enroll',
    invitationOf(name),
    '--key',
    at('people', `${name}.key`),
    '--out',
    enrollmentOf(name),
    '--no-passphrase',
  )
}

function invitationOf(name) {
  return at('people', `${name}.invitation.json`)
}

function enrollmentOf(name) {
  return at('people', `${name}.enrollment.json`)
}

async function apiKey(name, role, subject) {
  const bound = subject === undefined ? [] : ['--subject', subject]
  await desk(
    'apikey',
    'create',
    '--data',
    at('server', 'data'),
    '--role',
    role,
    ...bound,
    '--out',
    at('people', `${name}.apikey`),
  )
}

function person(name) {
  return [
    '--server',
    server.url,
    '--api-key-file',
    at('people', `${name}.apikey`),
    '--key',
    at('people', `${name}.key`),
    '--trust',
    at('trust.json'),
  ]
}

function agent() {
  return ['--server', server.url, '--api-key-file', at('people', 'agent.apikey')]
}

function approve(name, id) {
  return cli('approve', id, ...person(name), '--yes')
}

function writeAction(file, wire, amount) {
  const action = {
    ep_version: '1.0',
    action_type: 'wire.release',
    target: { system: 'treasury.example', resource: `wire/${wire}` },
    parameters: { amount, currency: 'USD', beneficiary: 'DE89370400440532013000' },
    initiator: 'ep:entity:agent-7',
    policy_id: policy.policy_id,
    requested_at: new Date().toISOString().replace(/\.[0-9]+Z$/, 'Z'),
  }
  writeFileSync(at('actions', `${file}.json`), JSON.stringify(action, null, 2))
}

async function request(wire, amount) {
  writeAction(wire, wire, amount)
  const asked = await ok(
    'request',
    at('actions', `${wire}.json`),
    ...agent(),
    '--key',
    at('people', 'agent.key'),
    '--directory',
    'ep:directory:acme',
    '--json',
  )
  return JSON.parse(asked.stdout)
}

function release(id, wire, settings = 'settings.json', ...flags) {
  return node(
    join(here, 'executor.mjs'),
    at('executor', settings),
    'release',
    id,
    at('actions', `${wire}.json`),
    ...flags,
  )
}

function executorSettings(journal) {
  return {
    server: server.url,
    apiKeyFile: at('people', 'executor.apikey'),
    organization: 'ep:org:acme',
    executorId: 'ep:executor:payments',
    systems: ['treasury.example'],
    keyFile: at('executor', 'executor.key'),
    trustFile: at('trust.json'),
    journalFolder: at('executor', journal),
    ledger: at('executor', 'ledger.jsonl'),
  }
}

function startServer() {
  const child = spawn(
    process.execPath,
    [
      program,
      'serve',
      '--data',
      at('server', 'data'),
      '--organization',
      at('server', 'acme.json'),
      '--port',
      '0',
      '--log-level',
      'error',
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  return new Promise((started, failed) => {
    child.once('exit', (code) => failed(new Error(`the server ended with ${code}`)))
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const [url] = /http:\/\/\S+/.exec(text) ?? []
      if (url !== undefined) started({ child, url })
    })
  })
}

function stopServer({ child }) {
  return new Promise((stopped) => {
    child.removeAllListeners('exit').once('exit', stopped)
    child.kill('SIGTERM')
  })
}

function cli(...args) {
  return node(program, ...args)
}

function node(...args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const read = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (read[name] += text))
    child.once('close', (code, signal) =>
      done({ ...read, code, signal, command: args.slice(1).join(' '), json: jsonOf(read.stdout) }),
    )
  })
}

function jsonOf(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A command of the program that must succeed, in a process of its own. */
function ok(...args) {
  return passes(cli(...args))
}

/** A command at the organization's or the operator's desk that must succeed. */
async function desk(...args) {
  const said = { stdout: '', stderr: '' }
  const code = await run(args, {
    out: (text) => (said.stdout += text),
    err: (text) => (said.stderr += text),
    stdin: () => process.stdin,
    now: () => Date.now(),
    interactive: false,
    colors: false,
    confirm: async () => false,
    secret: async () => null,
  })
  expect(code === 0, `${args.join(' ')}\n${said.stdout}${said.stderr}`)
}

async function passes(running) {
  const result = await running
  expect(result.code === 0, `${result.command}\n${result.stdout}${result.stderr}`)
  return result
}

/** A command of the program that must be refused with this code. */
async function refused(what, code, running) {
  const { code: status, stdout, stderr } = await running
  expect(status === 1 && stderr.includes(code), `${what} was to be refused with ${code}:\n${stdout}${stderr}`)
  say(`refused (${code}): ${what}`)
}

/** A run of the executor that must be refused with this code, by itself or by the server. */
async function refusedRun(what, code, running) {
  const { json, stdout, stderr } = await running
  expect(
    json?.status === 'refused' && [json.failure.code, json.said].includes(code),
    `${what} was to be refused with ${code}:\n${stdout}${stderr}`,
  )
  say(`refused (${code}): ${what}`)
}

function expect(held, what) {
  if (held) return
  process.stderr.write(`\nThe demo did not go as it says: ${what}\n`)
  server?.child.kill('SIGKILL')
  process.exit(1)
}

function lastLine(result) {
  return result.stdout.trim().split('\n').at(-1)
}

function title(text) {
  process.stdout.write(`\n${text}\n`)
}

function say(text) {
  process.stdout.write(`  ${text}\n`)
}
