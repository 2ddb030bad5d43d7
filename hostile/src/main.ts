import { fileURLToPath } from 'node:url'
import { checked, type Reported, tried } from './attack.js'
import { inProcess, overSockets } from './attacks.js'
import { notClaimed } from './not-claimed.js'

// A hostile operator with every server key, and no key of an approver, of the organization or of an executor, tries what it can
// (requirements EP, introduction and section 11). Ends with 1 if an attack succeeds, is held by another code than it is meant to
// be, or if honest people do not get what they should.

const program = [process.execPath, fileURLToPath(new URL('../../apps/countersign/bin/countersign.js', import.meta.url))]
const sockets = overSockets(program)

const reported: Reported[] = []
for (const control of [...inProcess.controls, ...sockets.controls]) report(await checked(control))
for (const attack of inProcess.attacks) report(await tried(attack))
for (const attack of sockets.attacks) report(await tried(attack))

console.log('\nNot claimed, because no code of ours could hold it alone:')
for (const line of notClaimed) console.log(`  - ${line}`)

const attacks = reported.filter(({ result }) => result !== 'passed' && result !== 'FAILED')
const successes = attacks.filter(({ result }) => result === 'SUCCEEDED').length
const astray = reported.filter(({ result }) => result === 'held, but by another code' || result === 'FAILED').length
if (astray > 0) console.log(`\n${astray} did not end as they should: see "by another code" and "FAILED" above`)
console.log(`\n${attacks.length} attempts, successes ${successes}`)
process.exit(successes > 0 || astray > 0 ? 1 : 0)

function report(one: Reported): void {
  reported.push(one)
  const { result, target, name, did, code, expected } = one
  const instead = result === 'held, but by another code' || result === 'FAILED' ? ` (expected: ${expected})` : ''
  const what = did === '' ? 'nobody lied' : `the operator ${did}`
  console.log(`${result.padEnd(9)}  ${target.padEnd(14)}  ${name}\n           ${what} -> ${code}${instead}`)
}
