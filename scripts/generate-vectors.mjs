// `npm run vectors:generate`: builds the generator and writes conformance/vectors/{ep,core} anew. The same sources give the same octets.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { root, say } from './lib/prepare.mjs'

const tsc = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-b', `${root}conformance`], {
  stdio: 'inherit',
})
if (tsc.status !== 0) process.exit(1)
const { generateVectors } = await import(`${root}conformance/dist/generate.js`)

const files = generateVectors()
for (const folder of new Set(files.map(({ name }) => name.split('/')[0])))
  rmSync(`${root}conformance/vectors/${folder}`, { recursive: true, force: true })
for (const { name, bytes } of files) {
  const path = `${root}conformance/vectors/${name}`
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}
say(`wrote ${files.length} files under conformance/vectors`)
