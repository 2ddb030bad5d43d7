import { describe, expect, test } from 'vitest'
import { runCli } from './fake-terminal.js'

const canonicalize = (stdin: string | Uint8Array, ...words: string[]) => runCli(['canonicalize', ...words], { stdin })

describe('canonicalize', () => {
  test('EP-ENC-2: members in order, ECMAScript numbers, one line end', async () => {
    const ran = await canonicalize('{"b":1,"a":{"d":2,"c":1e21}}', '-')
    expect(ran).toMatchObject({ code: 0, out: '{"a":{"c":1e+21,"d":2},"b":1}\n', err: '' })
  })

  test('--no-newline prints exactly what is hashed', async () => {
    expect((await canonicalize(' [ 1.0 ] ', '--no-newline')).out).toBe('[1]')
  })

  test('EP-ENC-2: only --strict refuses a number that does not survive the round trip', async () => {
    expect(await canonicalize('[333333333.33333329]')).toMatchObject({ code: 0, out: '[333333333.3333333]\n' })
    const strict = await canonicalize('[333333333.33333329]', '--strict')
    expect(strict).toMatchObject({ code: 1, out: '', err: expect.stringContaining('json_number_inexact at /0: ') })
  })

  test('only --strict has the bounds of artifacts', async () => {
    const large = `"${'x'.repeat(300 * 1024)}"`
    expect((await canonicalize(large)).code).toBe(0)
    expect(await canonicalize(large, '--strict')).toMatchObject({ code: 1, err: expect.stringContaining('json_size') })
    const deep = '['.repeat(80) + ']'.repeat(80)
    expect((await canonicalize(deep)).code).toBe(0)
    expect(await canonicalize(deep, '--strict')).toMatchObject({ code: 1, err: expect.stringContaining('json_depth') })
  })

  test.each([
    ['json_member_duplicate', '{"a":1,"\\u0061":2}'],
    ['json_surrogate_invalid', '"\\ud800"'],
    ['json_utf8_invalid', new Uint8Array([0x22, 0xff, 0x22])],
    ['json_depth_too_large', '['.repeat(600) + ']'.repeat(600)],
  ])('%s, whatever the mode', async (code, stdin) => {
    expect(await canonicalize(stdin)).toMatchObject({ code: 1, out: '', err: expect.stringContaining(code) })
  })
})
