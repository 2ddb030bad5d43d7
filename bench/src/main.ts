import { canonicalizeBench } from './canonicalize.js'
import { consumeBench } from './consume.js'
import { logBench } from './log.js'
import type { Ratio } from './measure.js'
import { verifyBench } from './verify.js'

const benches: Readonly<Record<string, () => Ratio[] | Promise<Ratio[]>>> = {
  verify: verifyBench,
  canonicalize: canonicalizeBench,
  consume: consumeBench,
  log: logBench,
}

const usage = `usage: npm run bench -- [${Object.keys(benches).join('|')} ...] [--assert] [--json]

Ratios beside a stated limit, measured in turn in the same run; medians of at least five windows.
  --assert   exit 1 if a ratio is under its bar
  --json     one JSON document with the Node version`

const args = process.argv.slice(2)
const names = args.filter((arg) => !arg.startsWith('--'))
if (args.includes('--help') || names.some((name) => benches[name] === undefined)) {
  console.log(usage)
  process.exit(args.includes('--help') ? 0 : 2)
}
const json = args.includes('--json')
const ratios: Ratio[] = []
for (const name of names.length > 0 ? names : Object.keys(benches)) {
  if (!json) console.log(`measuring ${name} ...`)
  for (const ratio of await benches[name]!()) {
    ratios.push(ratio)
    if (!json) console.log(line(ratio))
  }
}
const under = ratios.filter(({ ratio, bar }) => bar !== undefined && ratio < bar)
if (json)
  console.log(
    JSON.stringify({ node: process.version, platform: `${process.platform} ${process.arch}`, ratios }, null, 2),
  )
else console.log(`Node ${process.version}; ${under.length} under the bar`)
process.exit(args.includes('--assert') && under.length > 0 ? 1 : 0)

function line({ name, limit, ratio, bar, ours, theirs, notes }: Ratio): string {
  const judged = bar === undefined ? '' : ratio >= bar ? ` (bar ${bar}: ok)` : ` (bar ${bar}: UNDER)`
  const timed = ours && theirs && [`ours ${ours.microseconds} us, limit ${theirs.microseconds} us`]
  const figure = timed === undefined ? ratio.toFixed(2) : `${(ratio * 100).toFixed(1)} %`
  const said = [...(timed ?? []), ...Object.entries(notes ?? {}).map(([key, value]) => `${key}: ${value}`)]
  return [`${figure}${judged}  ${name}`, `    of ${limit}`, `    ${said.join('; ')}`].join('\n')
}
