// `npm run bench -- [--assert] [--json]`: see bench/src/main.ts.
import { spawnSync } from 'node:child_process'
import { nodeWithSqlite, prepare, root } from './lib/prepare.mjs'

prepare()
const [node, ...before] = nodeWithSqlite()
const { status } = spawnSync(node, [...before, `${root}bench/dist/main.js`, ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
