// `npm test`: installs, builds, checks, runs every test; the last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { prepare, root, say } from './lib/prepare.mjs'

const reports = `${root}.cache/test`
const vitest = `${root}node_modules/vitest/vitest.mjs`
const totals = { passed: 0, failed: 0, skipped: 0 }
const slow = []

prepare()
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

say('checking form, lint and the types of the tests ...')
count('biome', succeeds('@biomejs/biome/bin/biome', 'check', root))
count('types of the tests', succeeds('typescript/bin/tsc', '-p', `${root}tsconfig.tests.json`))

say('running the tests ...')
suite('tests', [process.execPath], [])
say('running signatures, keys and every vector once more over the crypto leaf that browsers use ...')
suite('noble leaf', [process.execPath], ['pure/test/core', 'conformance/test'], { CRYPTO_LEAF: 'noble' })
storageOnNewerNode()

const slowest = slow.sort((a, b) => b.ms - a.ms).slice(0, 5)
say(`slowest: ${slowest.map(({ title, ms }) => `${(ms / 1000).toFixed(1)} s ${title}`).join('; ')}`)
process.stdout.write(
  `\n${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}\n`,
)
process.exit(totals.failed > 0 ? 1 : 0)

/** The storage contract over the other SQLite driver: node:sqlite, in a Node that comes from the npm package `node`. */
function storageOnNewerNode() {
  const [major] = process.versions.node.split('.').map(Number)
  if (major >= 22) return
  const node = ['npx', '-y', '-p', 'node@24', 'node']
  const probe = spawnSync(node[0], [...node.slice(1), '--version'], { encoding: 'utf8', timeout: 180_000 })
  if (probe.status !== 0) {
    say('skipped: the storage contract over node:sqlite (the npm package node@24 could not be fetched)')
    totals.skipped += 1
    return
  }
  say(`running the storage contract over node:sqlite (Node ${probe.stdout.trim()}) ...`)
  suite('node:sqlite', node, ['adapters/test/storage/sqlite'], { STORAGE_DRIVER: 'node:sqlite' })
}

function suite(name, node, filters, env = {}) {
  const output = `${reports}/${name.replace(/\W/g, '-')}.json`
  const args = [vitest, 'run', ...filters, '--reporter=default', '--reporter=json', `--outputFile.json=${output}`]
  const { status } = spawnSync(node[0], [...node.slice(1), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  let report
  try {
    report = JSON.parse(readFileSync(output, 'utf8'))
  } catch {
    return count(`${name}: no report`, false)
  }
  totals.passed += report.numPassedTests
  totals.failed += report.numFailedTests
  totals.skipped += report.numPendingTests
  for (const file of report.testResults)
    for (const one of file.assertionResults) slow.push({ title: `${name}: ${one.fullName}`, ms: one.duration ?? 0 })
  // A file that could not be loaded, or an error outside any test, fails the run though no test did.
  if (status !== 0 && report.numFailedTests === 0) count(`${name}: a test file or the runner failed`, false)
}

function succeeds(program, ...args) {
  return (
    spawnSync(process.execPath, [`${root}node_modules/${program}`, ...args], { cwd: root, stdio: 'inherit' }).status ===
    0
  )
}

function count(what, passed) {
  if (passed) totals.passed += 1
  else {
    totals.failed += 1
    process.stdout.write(`FAILED: ${what}\n`)
  }
}
