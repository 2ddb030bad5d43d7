import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runCli } from './fake-terminal.js'

const folder = mkdtempSync(join(tmpdir(), 'countersign-vectors-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, cases: object[]): void {
  mkdirSync(join(folder, name), { recursive: true })
  const file = { format: 'countersign-vectors/1', description: name, cases }
  writeFileSync(join(folder, name, 'cases.json'), JSON.stringify(file))
}

const refused = (code: string) => ({
  id: `month-${code}`,
  requirements: ['EP-ENC-5'],
  description: 'there is no thirteenth month',
  kind: 'instant',
  input: '2026-13-01T00:00:00Z',
  expect: { outcome: 'refused', code },
})

test('every disagreement and every code without a vector is named, and either ends with 1', async () => {
  write('agree/deep', [refused('instant_date_invalid')])
  const agreed = await runCli(['vectors', join(folder, 'agree')])
  expect(agreed.code).toBe(1)
  expect(agreed.out).toMatch(/\naccepted 0\/0, refused 1\/1, codes 1\/\d+\n$/)
  expect(agreed.out).toContain('· no vector for json_member_duplicate\n')
  expect(agreed.out).not.toContain('✗')

  write('disagree', [refused('instant_malformed')])
  const disagreed = await runCli(['vectors', join(folder, 'disagree')])
  expect(disagreed).toMatchObject({ code: 1, out: expect.stringContaining('refused 0/1') })
  expect(disagreed.out).toContain('✗ month-instant_malformed: expected {"outcome":"refused"')
})

test('a folder that is not there or holds nothing ends with 2', async () => {
  expect(await runCli(['vectors', join(folder, 'absent')])).toMatchObject({ code: 2, out: '' })
  mkdirSync(join(folder, 'empty'))
  expect(await runCli(['vectors', join(folder, 'empty')])).toMatchObject({
    code: 2,
    err: expect.stringContaining('holds no .json files'),
  })
})
