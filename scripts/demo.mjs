// `npm run demo [-- FOLDER]`: installs, builds, and runs examples/wire/demo.mjs on the embedded store.
import { spawnSync } from 'node:child_process'
import { nodeWithSqlite, prepare, root } from './lib/prepare.mjs'

prepare()
const [node, ...before] = nodeWithSqlite()
const { status } = spawnSync(node, [...before, `${root}examples/wire/demo.mjs`, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(status ?? 1)
