import { execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
// The real program as its own process, from the sources: bin/countersign.js only imports the same module after a build.
const program = ['--import', at('../../../../scripts/run-sources.mjs'), at('../../src/cli/main.ts')]

function start(words: string[], stdin = ''): Promise<{ code: unknown; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...program, ...words], (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out, err }),
    )
    child.stdin!.end(stdin)
  })
}

test('the program reads a pipe, writes a pipe and ends with a status', async () => {
  const [canonical, refused, wrong, help] = await Promise.all([
    start(['canonicalize', '-'], '{"b":1,"a":{"d":2,"c":1e21}}'),
    start(['verify', '-', '--trust', at('../fixtures/trust.json'), '--json'], '{}'),
    start(['verify', 'absent', '--trust', 'absent']),
    start(['--help']),
  ])
  expect(canonical).toEqual({ code: 0, out: '{"a":{"c":1e+21,"d":2},"b":1}\n', err: '' })
  expect(refused).toMatchObject({ code: 1, err: '' })
  expect(JSON.parse(refused.out)).toMatchObject({ outcome: 'refused' })
  expect(wrong).toEqual({ code: 2, out: '', err: 'countersign: absent cannot be read: there is no such file\n' })
  expect(help).toMatchObject({ code: 0, err: '', out: expect.stringContaining('verify') })
})

test('a reader that goes away is no error', async () => {
  const child = spawn(process.execPath, [...program, 'canonicalize', '-'], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let err = ''
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  child.stdin.end(`"${'x'.repeat(1_000_000)}"`)
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect({ code, err }).toEqual({ code: 0, err: '' })
})
