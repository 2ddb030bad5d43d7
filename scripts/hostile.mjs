// `npm run hostile`: see hostile/src/main.ts.
import { spawnSync } from 'node:child_process'
import { prepare, root } from './lib/prepare.mjs'

prepare()
const { status } = spawnSync(process.execPath, [`${root}hostile/dist/main.js`], { stdio: 'inherit' })
process.exit(status ?? 1)
