// The payments system: it releases a wire only with proof, and at most once. Run as its own process:
//   node executor.mjs SETTINGS.json release AUTHORIZATION_ID WIRE.json [--die-before-effect]
//   node executor.mjs SETTINGS.json recover
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { openExecutor } from 'countersign'

const [settingsFile, command, authorizationId, wireFile, flag] = process.argv.slice(2)
const settings = JSON.parse(readFileSync(settingsFile, 'utf8'))
const executor = await openExecutor(settings)

// What an earlier process left is settled first: a wire that was started is looked up in the ledger, never paid again.
const recovered = await executor.recover({
  effect: pay,
  reconcile: async ({ actionHash }) =>
    ledger().some((paid) => paid.action_hash === actionHash) ? 'executed' : 'failed',
})
if (command === 'recover') answer({ recovered, ledger: ledger().length })
else
  answer({
    ...(await executor.execute(authorizationId, { action: JSON.parse(readFileSync(wireFile, 'utf8')) }, pay)),
    ledger: ledger().length,
  })
await executor.close()

/** The irreversible effect. What is paid is the action that was approved, whatever the caller's file says. */
async function pay({ action, actionHash }) {
  if (flag === '--die-before-effect') process.kill(process.pid, 'SIGKILL')
  const { amount, currency, beneficiary } = action.parameters
  const file = openSync(settings.ledger, 'a')
  writeSync(file, `${JSON.stringify({ action_hash: actionHash, amount, currency, beneficiary })}\n`)
  fsyncSync(file)
  closeSync(file)
  return 'executed'
}

function ledger() {
  try {
    return readFileSync(settings.ledger, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  } catch {
    return []
  }
}

function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
