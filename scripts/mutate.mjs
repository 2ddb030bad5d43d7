// `npm run mutate`: changes the code that judges artifacts in one place at a time, and runs the conformance vectors against
// every change; fails under the score of stryker.config.json. `-- --mutate pure/src/ep/quorum.ts` looks at one file.
// See docs/mutation.md.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { prepare, root, say } from './lib/prepare.mjs'

const report = `${root}reports/mutation/mutation.json`

prepare()
rmSync(report, { force: true })
say('mutating (ten to fifteen minutes on two cores) ...')
const startedAt = Date.now()
const stryker = `${root}node_modules/@stryker-mutator/core/bin/stryker.js`
const { status } = spawnSync(process.execPath, [stryker, 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1)

const mutants = Object.entries(readReport().files).flatMap(([name, { source, mutants }]) =>
  mutants.map((mutant) => ({ name, source, ...mutant })),
)
for (const name of new Set(mutants.map((mutant) => mutant.name))) {
  const { score, killed, valid } = tally(mutants.filter((mutant) => mutant.name === name))
  process.stdout.write(
    `${score.padStart(6)} %  ${String(killed).padStart(4)} of ${String(valid).padStart(4)}  ${name}\n`,
  )
}
const explanations = readFileSync(`${root}docs/mutation.md`, 'utf8').split('\n')
const survivors = mutants.filter(isSurvivor)
const unexplained = survivors.filter((mutant) => !explain(lineOf(mutant)))
if (unexplained.length > 0) say('survivors that docs/mutation.md does not explain:')
for (const mutant of unexplained)
  process.stdout.write(`${mutant.name}:${mutant.location.start.line}\n${lineOf(mutant)}\n`)

const { score, killed, valid } = tally(mutants)
process.stdout.write(
  `\nmutation score ${score} % (${killed} of ${valid} detected, ${survivors.length} survived, ` +
    `${unexplained.length} of them unexplained) in ${minutes} minutes on Node ${process.versions.node}\n`,
)
process.exit(status ?? 1)

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    process.stderr.write('Stryker wrote no report: what it said above is why.\n')
    process.exit(status || 1)
  }
}

/** Whether docs/mutation.md explains a survivor; a line there explains one. */
function explain(line) {
  const index = explanations.indexOf(line)
  if (index >= 0) explanations.splice(index, 1)
  return index >= 0
}

function tally(some) {
  const killed = some.filter(({ status }) => status === 'Killed' || status === 'Timeout').length
  const valid = killed + some.filter(isSurvivor).length
  return { killed, valid, score: ((100 * killed) / valid).toFixed(2) }
}

function isSurvivor({ status }) {
  return status === 'Survived' || status === 'NoCoverage'
}

/** How docs/mutation.md names a survivor: without a line number, so that other changes of the file do not move it. */
function lineOf({ name, source, location: { start, end }, replacement }) {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  lines.push(lines.pop().slice(0, end.column - 1))
  lines[0] = lines[0].slice(start.column - 1)
  return `- ${basename(name)}: ${code(lines.join('\n'))} -> ${code(replacement)}`
}

function code(text) {
  return `\`\` ${text.replace(/\s+/g, ' ')} \`\``
}
