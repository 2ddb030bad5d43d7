import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type JsonOptions, parseJson } from '../../src/core/json.js'
import { codeOf, refusalOf } from './refusal-of.js'
import { runs } from './runs.js'

const utf8 = (text: string) => new TextEncoder().encode(text)
const parse = (text: string, options?: JsonOptions) => parseJson(utf8(text), options).value
const bytesOf = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...utf8(part)] : part)))

describe('EP-ENC-1: what is refused, each cause with its own code', () => {
  test.each([
    ['json_member_duplicate', '{"a":1,"a":1}', '/a'],
    ['json_member_duplicate', '{"x":{"a":1,"\\u0061":2}}', '/x/a'],
    ['json_member_duplicate', '{"__proto__":1,"__proto__":2}', '/__proto__'],
    ['json_member_duplicate', '{"":null,"":null}', '/'],
    ['json_member_duplicate', '{"\\ud83d\\ude00":0,"\u{1f600}":0}', '/\u{1f600}'],
    ['json_surrogate_invalid', '["\\ud800"]', '/0'],
    ['json_surrogate_invalid', '["\\ud800x"]', '/0'],
    ['json_surrogate_invalid', '["\\ud800\\u0041"]', '/0'],
    ['json_surrogate_invalid', '["\\ud800\\ud800"]', '/0'],
    ['json_surrogate_invalid', '["\\udc00\\ud800"]', '/0'],
    ['json_surrogate_invalid', '["\\udc00\\udc00"]', '/0'],
    ['json_surrogate_invalid', '{"\\uDFFF":1}', '/'],
    ['json_integer_too_large', '9007199254740992', ''],
    ['json_integer_too_large', '{"a":[-9007199254740993]}', '/a/0'],
    ['json_integer_too_large', `1${'0'.repeat(400)}`, ''],
    ['json_number_inexact', '9007199254740993.0', ''],
    ['json_number_inexact', '0.1000000000000000055511151231257827', ''],
    ['json_number_inexact', '1e-400', ''],
    ['json_number_inexact', '-1e-99999999999999999999', ''],
    ['json_number_inexact', '3.14159265358979323846', ''],
    ['json_number_too_large', '1e400', ''],
    ['json_number_too_large', '-1e99999999999999999999', ''],
    ['json_nonfinite_unsupported', '{"a":NaN}', '/a'],
    ['json_nonfinite_unsupported', '[1,Infinity]', '/1'],
    ['json_nonfinite_unsupported', '-Infinity', ''],
    ['json_number_malformed', '01', ''],
    ['json_number_malformed', '-', ''],
    ['json_number_malformed', '-01', ''],
    ['json_number_malformed', '00.5', ''],
    ['json_number_malformed', '1.', ''],
    ['json_number_malformed', '1.e5', ''],
    ['json_number_malformed', '1e', ''],
    ['json_number_malformed', '1e+', ''],
    ['json_number_malformed', '+1', ''],
    ['json_number_malformed', '.5', ''],
    ['json_control_character_invalid', '["a\nb"]', '/0'],
    ['json_control_character_invalid', '["\u0000"]', '/0'],
    ['json_control_character_invalid', '["\\n\u001f"]', '/0'],
    ['json_escape_invalid', '["\\x41"]', '/0'],
    ['json_escape_invalid', '["\\u00g0"]', '/0'],
    ['json_escape_invalid', '["\\u00"]', '/0'],
    ['json_escape_invalid', '["\\U0041"]', '/0'],
    ['json_escape_invalid', '["\\ud800\\n"]', '/0'],
    ['json_escape_invalid', '"\\', ''],
    ['json_trailing_malformed', '{} {}', ''],
    ['json_trailing_malformed', '1 2', ''],
    ['json_trailing_malformed', '[]\u0000', ''],
    ['json_trailing_malformed', '0x10', ''],
    ['json_trailing_malformed', 'nullx', ''],
    ['json_syntax_invalid', '', ''],
    ['json_syntax_invalid', ' ', ''],
    ['json_syntax_invalid', '[1,]', '/1'],
    ['json_syntax_invalid', '[1 2]', '/0'],
    ['json_syntax_invalid', '[', '/0'],
    ['json_syntax_invalid', '{"a":1,}', '/a'],
    ['json_syntax_invalid', '{a:1}', '/'],
    ['json_syntax_invalid', "{'a':1}", '/'],
    ['json_syntax_invalid', '{"a" 1}', '/a'],
    ['json_syntax_invalid', '{"a":1', '/a'],
    ['json_syntax_invalid', '{"a":}', '/a'],
    ['json_syntax_invalid', '"open', ''],
    ['json_syntax_invalid', 'True', ''],
    ['json_syntax_invalid', '/* */1', ''],
    ['json_syntax_invalid', '\u00a01', ''],
  ])('%s: %s', (code, text, at) => {
    const refusal = refusalOf(() => parse(text))
    expect(refusal).toMatchObject({ code, at })
  })

  test.each([
    ['json_byte_order_mark_unsupported', bytesOf([0xef, 0xbb, 0xbf], '{}')],
    ['json_utf8_invalid', bytesOf('["', [0xff], '"]')],
    ['json_utf8_invalid', bytesOf('["', [0xc0, 0xaf], '"]')],
    ['json_utf8_invalid', bytesOf('["', [0xed, 0xa0, 0x80], '"]')],
    ['json_utf8_invalid', bytesOf('["', [0xf4, 0x90, 0x80, 0x80], '"]')],
    ['json_utf8_invalid', bytesOf('["', [0xe2, 0x82], '"]')],
    ['json_utf8_invalid', bytesOf([0xfe, 0xff, 0, 0x31])],
    ['json_syntax_invalid', bytesOf([0x31, 0].reverse())],
  ])('%s: octets %#', (code, bytes) => {
    expect(codeOf(() => parseJson(bytes))).toBe(code)
  })

  test('a byte-order mark inside a string is a character', () => {
    expect(parse('["\ufeff"]')).toEqual(['\ufeff'])
  })

  test('size: the limit is accepted, one octet more is not', () => {
    const atLimit = `"${'a'.repeat(256 * 1024 - 2)}"`
    expect(codeOf(() => parse(atLimit))).toBe('accepted')
    expect(codeOf(() => parse(`${atLimit} `))).toBe('json_size_too_large')
    expect(codeOf(() => parse('[1]', { maxBytes: 2 }))).toBe('json_size_too_large')
    expect(codeOf(() => parse(`${atLimit} `, { maxBytes: 300_000 }))).toBe('accepted')
  })

  test('depth: the limit is accepted, one more is not, and siblings do not add up', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    const objects = (depth: number) => `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`
    expect(codeOf(() => parse(nested(64)))).toBe('accepted')
    expect(codeOf(() => parse(nested(65)))).toBe('json_depth_too_large')
    expect(codeOf(() => parse(objects(64)))).toBe('accepted')
    expect(codeOf(() => parse(objects(65)))).toBe('json_depth_too_large')
    expect(codeOf(() => parse(`[${nested(63)},${nested(63)}]`))).toBe('accepted')
    expect(codeOf(() => parse('[[[]]]', { maxDepth: 2 }))).toBe('json_depth_too_large')
    expect(codeOf(() => parse('['.repeat(200_000)))).toBe('json_depth_too_large')
  })
})

describe('EP-ENC-1: what is accepted', () => {
  test('numbers whose exact value survives', () => {
    expect(parse('[0,1,-1,9007199254740991,-9007199254740991,1.0,1e21,1.50,100e-2,0e999999999999,0.000001]')).toEqual([
      0, 1, -1, 9007199254740991, -9007199254740991, 1, 1e21, 1.5, 1, 0, 0.000001,
    ])
    expect(parse('[0.1,5e-324,1.7976931348623157e308,9007199254740992.0]')).toEqual([
      0.1, 5e-324, 1.7976931348623157e308, 9007199254740992,
    ])
  })

  test.each(['-0', '-0.0', '-0e5'])('%s is read as zero, as JCS writes it', (token) => {
    expect(Object.is(parse(token), 0)).toBe(true)
    expect(Object.is(parse(token, { numbers: 'ecmascript' }), 0)).toBe(true)
  })

  test('__proto__ is a member like any other', () => {
    const value = parse('{"__proto__":{"polluted":1},"constructor":2,"toString":3}') as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(value['polluted']).toBeUndefined()
  })

  test('escapes, white space and literals', () => {
    expect(
      parse('\t{ "a\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00" :\r\n[ true , false , null , { } , [ ] ] } '),
    ).toEqual({
      'a"\\/\b\f\n\r\t\u00e9\u{1f600}': [true, false, null, {}, []],
    })
  })
})

test('EP-ENC-2: ecmascript numbers take any finite double and still refuse the rest', () => {
  const lax = (text: string) => parse(text, { numbers: 'ecmascript' })
  expect(lax('[1152921504606846976,0.30000000000000004441,1e21,1e-400,333333333333333333333]')).toEqual([
    2 ** 60,
    0.30000000000000004,
    1e21,
    0,
    333333333333333300000,
  ])
  expect(codeOf(() => lax('1e400'))).toBe('json_number_too_large')
  expect(codeOf(() => lax(`1${'0'.repeat(400)}`))).toBe('json_number_too_large')
  expect(codeOf(() => lax('{"a":1,"a":1}'))).toBe('json_member_duplicate')
  expect(codeOf(() => lax('01'))).toBe('json_number_malformed')
})

test('numberTokens holds every number as written, under its JSON Pointer', () => {
  const { numberTokens } = parseJson(utf8('{"a~/b":[1.50,{"":-0}],"c":"7","0":1e1,"d":[[],2]}'))
  expect([...numberTokens]).toEqual([
    ['/a~0~1b/0', '1.50'],
    ['/a~0~1b/1/', '-0'],
    ['/0', '1e1'],
    ['/d/1', '2'],
  ])
  expect([...parseJson(utf8('12.0')).numberTokens]).toEqual([['', '12.0']])
})

describe('hostile sizes cost little', () => {
  test.each([
    ['json_pointers_too_large', `{"${'k'.repeat(100_000)}":[${'1,'.repeat(70_000)}1]}`],
    ['json_number_inexact', `1.${'0'.repeat(250_000)}1`],
    ['accepted', `1.${'0'.repeat(250_000)}`],
    ['accepted', `[${'1,'.repeat(131_000)}1]`],
    ['accepted', `${'['.repeat(60)}${'1,'.repeat(60_000)}1${']'.repeat(60)}`],
    ['accepted', `"${'\\u0041'.repeat(43_000)}"`],
    ['json_escape_invalid', `"${'\\\\'.repeat(130_000)}\\`],
  ])('%s, case %#', (code, text) => {
    const started = process.cpuUsage().user
    expect(codeOf(() => parse(text))).toBe(code)
    expect(process.cpuUsage().user - started).toBeLessThan(1_500_000)
  })
})

// An independent reading of a decimal token: numerator over a power of ten.
function rational(token: string): { numerator: bigint; scale: number } {
  const [mantissa = '', exponent = '0'] = token.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return { numerator: BigInt(whole + fraction), scale: Number(exponent) - fraction.length }
}

function sameValue(a: string, b: string): boolean {
  const [x, y] = [rational(a), rational(b)]
  const least = Math.min(x.scale, y.scale)
  return x.numerator * 10n ** BigInt(x.scale - least) === y.numerator * 10n ** BigInt(y.scale - least)
}

const digits = fc.stringMatching(/^[0-9]{1,19}$/)
const numberToken = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.stringMatching(/^(0|[1-9][0-9]{0,18})$/),
    fc.option(digits),
    fc.option(fc.integer({ min: -330, max: 330 })),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      sign + whole + (fraction === null ? '' : `.${fraction}`) + (exponent === null ? '' : `e${exponent}`),
  )

describe('properties', () => {
  test('EP-ENC-1: a number is accepted exactly if its decimal value survives the round trip', () => {
    fc.assert(
      fc.property(fc.oneof(numberToken, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)), (token) => {
        const value = Number(token)
        const integer = /^-?\d+$/.test(token)
        const code = codeOf(() => parse(token))
        if (integer && !Number.isSafeInteger(value)) return code === 'json_integer_too_large'
        if (!Number.isFinite(value)) return code === 'json_number_too_large'
        return code === (sameValue(token, String(value)) ? 'accepted' : 'json_number_inexact')
      }),
      runs(1000),
    )
  })

  test('what JSON.stringify writes is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space)
        expect(parse(text, { numbers: 'ecmascript' })).toEqual(JSON.parse(text, (_, v) => (v === 0 ? 0 : v)))
      }),
      runs(),
    )
  })

  test('a damaged document is read as JSON.parse reads it, or refused with a listed code', () => {
    const damaged = fc
      .tuple(
        fc.jsonValue({ maxDepth: 3 }),
        fc.nat(),
        fc.nat(3),
        fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0e-.19 atrl\u0000\u00e9'), maxLength: 4 }),
      )
      .map(([value, at, remove, insert]) => {
        const text = JSON.stringify(value)
        const from = at % (text.length + 1)
        return text.slice(0, from) + insert + text.slice(from + remove)
      })
    fc.assert(
      fc.property(damaged, (text) => {
        let expected: unknown
        let valid = true
        try {
          expected = JSON.parse(text, (_, v) => (v === 0 ? 0 : v))
        } catch {
          valid = false
        }
        const code = codeOf(() => parse(text, { numbers: 'ecmascript' }))
        if (!valid) expect(code).not.toBe('accepted')
        else if (code === 'accepted') expect(parse(text, { numbers: 'ecmascript' })).toEqual(expected)
        else expect(['json_member_duplicate', 'json_surrogate_invalid', 'json_number_too_large']).toContain(code)
      }),
      runs(1000),
    )
  })

  test('arbitrary octets never throw anything but a Refusal', () => {
    const texture = fc.string({ unit: fc.constantFrom(...'{}[]":,\\u01e-+.NItfnul d8\u00e9'), maxLength: 40 }).map(utf8)
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), texture), (bytes) => {
        codeOf(() => parseJson(bytes))
      }),
      runs(1000),
    )
  })
})
