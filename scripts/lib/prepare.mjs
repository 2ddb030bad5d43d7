// Installs and builds what a bare clone needs, saying what it does. Only Node's own modules are used here.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const require = createRequire(`${root}package.json`)

/** `npm ci` if the lock file is newer than what is installed, then `tsc -b`. Ends the process with a reason if one fails. */
export function prepare() {
  requireNode()
  if (!isInstalled()) {
    say('installing from the npm registry (the first time this takes a minute or two: SQLite may be compiled) ...')
    // npm ci fails as a whole only if a required package fails; better-sqlite3 is optional.
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed: is the npm registry reachable?')
  }
  say('building ...')
  run(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-b', root], 'the build failed')
}

/**
 * The command that runs Node with a SQLite driver: this one if it has `node:sqlite` (22.13 or later) or better-sqlite3 was
 * built, else a newer Node from the npm package `node`.
 */
export function nodeWithSqlite() {
  if (hasSqlite()) return [process.execPath]
  say('this Node has no node:sqlite and better-sqlite3 could not be built: using the npm package node@24 ...')
  return ['npx', '-y', '-p', 'node@24', 'node']
}

function hasSqlite() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 13)) return true
  try {
    const Database = require('better-sqlite3')
    new Database(':memory:').close()
    return true
  } catch {
    return false
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  process.stderr.write(`Countersign needs Node 20.19 or later; this is ${process.versions.node}.\n`)
  process.exit(2)
}

function isInstalled() {
  const installed = `${root}node_modules/.package-lock.json`
  if (!existsSync(installed)) return false
  if (statSync(installed).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs) return true
  // A fresh checkout may only have touched the lock file: compare what it asks for.
  const asked = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages
  return Object.entries(asked).every(
    ([path, wanted]) =>
      path === '' ||
      wanted.optional ||
      wanted.link ||
      !path.startsWith('node_modules/') ||
      present[path]?.version === wanted.version,
  )
}

export function say(text) {
  process.stdout.write(`· ${text}\n`)
}

/** Runs a command to its end, showing what it prints; ends the process when it fails. */
export function run(command, args, failure, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (status === 0) return
  process.stderr.write(`${failure}${error === undefined ? '' : `: ${error.message}`}\n`)
  process.exit(status === null || status === 0 ? 1 : status)
}
