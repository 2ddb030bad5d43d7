// The payments system as a process of its own; its ledger is a file that is appended to and synced. It settles what an earlier process
// left, then releases one authorization if it is told to:
//   node payments.ts SETTINGS.json [AUTHORIZATION_ID ACTION_HASH]
// `die` in the settings is where it kills itself.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { ApprovedAction } from '@countersign/engine/executor/effect'
import { type ExecutorSettings, openExecutor } from '../../src/executor/open-executor.js'

export interface PaymentsSettings extends ExecutorSettings {
  readonly ledger: string
  readonly die?: 'before_effect' | 'after_effect'
}

const [settingsFile, authorizationId, actionHash] = process.argv.slice(2)
const settings = JSON.parse(readFileSync(settingsFile!, 'utf8')) as PaymentsSettings
const executor = await openExecutor(settings)
say({ recovered: await executor.recover({ effect: pay, reconcile }) })
if (authorizationId !== undefined)
  say({ released: await executor.execute(authorizationId, { actionHash: actionHash! }, pay) })
await executor.close()

async function pay(approved: ApprovedAction): Promise<'executed'> {
  if (settings.die === 'before_effect') process.kill(process.pid, 'SIGKILL')
  const ledger = openSync(settings.ledger, 'a')
  writeSync(ledger, `${approved.actionHash}\n`)
  fsyncSync(ledger)
  closeSync(ledger)
  if (settings.die === 'after_effect') process.kill(process.pid, 'SIGKILL')
  return 'executed'
}

async function reconcile(approved: ApprovedAction): Promise<'executed' | 'failed'> {
  const paid = existsSync(settings.ledger) ? readFileSync(settings.ledger, 'utf8').split('\n') : []
  return paid.includes(approved.actionHash) ? 'executed' : 'failed'
}

function say(value: object): void {
  writeSync(1, `${JSON.stringify(value)}\n`)
}
