import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalBytes, canonicalString } from '../../src/core/jcs.js'
import { type JsonValue, parseJson } from '../../src/core/json.js'
import { codeOf } from './refusal-of.js'
import { runs } from './runs.js'

const utf8 = (text: string) => new TextEncoder().encode(text)

// RFC 8785, appendix B: IEEE 754 bits and their text.
const numberVectors: readonly (readonly [string, string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
]

function double(bits: string): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(`0x${bits}`))
  return view.getFloat64(0)
}

describe('EP-ENC-2: RFC 8785', () => {
  test.each(numberVectors)('appendix B: %s is %s', (bits, text) => {
    expect(canonicalString(double(bits))).toBe(text)
  })

  test('appendix B: NaN and Infinity are refused', () => {
    for (const bits of ['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])
      expect(codeOf(() => canonicalString([double(bits)]))).toBe('json_nonfinite_unsupported')
  })

  test('section 3.2.3: members are sorted by UTF-16 code units', () => {
    const unsorted = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    const sorted = Object.values(JSON.parse(canonicalString(unsorted)) as Record<string, string>)
    expect(canonicalString(unsorted).startsWith('{"\\r":"Carriage Return","1":"One","\u0080":"Control"')).toBe(true)
    expect(
      canonicalString(unsorted).endsWith(
        '"\u{1f600}":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
      ),
    ).toBe(true)
    expect(sorted).toHaveLength(7)
  })

  test('section 3.2.2: the sample of the RFC', () => {
    const text = `{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
      "string":"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}`
    expect(canonicalString(parseJson(utf8(text), { numbers: 'ecmascript' }).value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  test('strings: only what JSON must escape is escaped', () => {
    const escaped = '"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f \\"/\\\\\u007f\u0080\u2028\ud83d\ude00"'
    expect(canonicalString('\u0000\b\t\n\u000b\f\r\u001f "/\\\u007f\u0080\u2028\u{1f600}')).toBe(escaped)
  })

  test('__proto__ and names that look like indices keep their place', () => {
    const { value } = parseJson(utf8('{"b":1,"__proto__":{"z":2,"a":3},"10":4,"9":5}'))
    expect(canonicalString(value)).toBe('{"10":4,"9":5,"__proto__":{"a":3,"z":2},"b":1}')
  })

  test('octets are the UTF-8 of the text', () => {
    expect(canonicalBytes({ '\u20ac': ['\u{1f600}'] })).toEqual(utf8('{"\u20ac":["\u{1f600}"]}'))
  })
})

describe('what is not JSON is refused, never dropped', () => {
  const circular: JsonValue[] = []
  circular.push(circular)
  test.each([
    ['json_value_unsupported', undefined],
    ['json_value_unsupported', { a: undefined }],
    ['json_value_unsupported', [() => 1]],
    ['json_value_unsupported', Symbol('s')],
    ['json_value_unsupported', 10n],
    ['json_value_unsupported', Object.assign([1], { length: 3 })],
    ['json_value_unsupported', new Date(0)],
    ['json_value_unsupported', new Uint8Array(2)],
    ['json_value_unsupported', new Map()],
    ['json_value_unsupported', Object(1)],
    ['json_value_unsupported', Object.create({ inherited: 1 })],
    ['json_nonfinite_unsupported', { a: Number.NaN }],
    ['json_surrogate_invalid', '\ud800'],
    ['json_surrogate_invalid', ['\udc00\ud800']],
    ['json_surrogate_invalid', { '\udfff': 1 }],
    ['json_depth_too_large', circular],
  ])('%s, case %#', (code, value) => {
    expect(codeOf(() => canonicalString(value as JsonValue))).toBe(code)
    expect(codeOf(() => canonicalBytes(value as JsonValue))).toBe(code)
  })

  test('an object without a prototype is JSON, and toJSON is a member like any other', () => {
    expect(canonicalString(Object.assign(Object.create(null), { b: 1, a: 2 }))).toBe('{"a":2,"b":1}')
    expect(codeOf(() => canonicalString({ toJSON: () => 1 } as unknown as JsonValue))).toBe('json_value_unsupported')
  })
})

describe('properties', () => {
  const json = fc.jsonValue({
    maxDepth: 5,
    stringUnit: fc.oneof(
      fc.constant('a'),
      fc.constantFrom('"', '\\', '\n'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ) as never,
  })

  test('equals the npm canonicalize package', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalString(value as JsonValue)).toBe(canonicalize(value))
      }),
      runs(),
    )
  })

  test('is a fixed point: parsing and writing the canonical form gives it again', () => {
    fc.assert(
      fc.property(json, (value) => {
        const once = canonicalBytes(value as JsonValue)
        expect(canonicalBytes(parseJson(once, { numbers: 'ecmascript' }).value)).toEqual(once)
      }),
      runs(),
    )
  })

  test('never throws anything but a Refusal', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSparseArray: true,
          withNullPrototype: true,
          withTypedArray: true,
          stringUnit: 'binary',
        }),
        (value) => {
          codeOf(() => canonicalString(value as JsonValue))
        },
      ),
      runs(),
    )
  })
})
