import { parseCanonicalJson } from '@countersign/pure/core/canonical-json'
import { canonicalString } from '@countersign/pure/core/jcs'
import { parseJson } from '@countersign/pure/core/json'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeOf } from './refusal-of.js'
import { runs } from './runs.js'

const octets = (text: string) => new TextEncoder().encode(text)

/** Both ways to read must give the same value or the same code. */
function bothWays(bytes: Uint8Array): void {
  const strict = codeOf(() => parseJson(bytes))
  expect(codeOf(() => parseCanonicalJson(bytes))).toBe(strict)
  if (strict === 'accepted') expect(parseCanonicalJson(bytes).value).toEqual(parseJson(bytes).value)
}

describe('reading canonical documents fast', () => {
  test('EP-ENC-2: the texts of a canonical document are those of its objects', () => {
    const { value, texts } = parseCanonicalJson(octets('{"a":{"b":[{"c":1}]},"d":"x"}'))
    expect([...texts.values()]).toEqual(['{"c":1}', '{"b":[{"c":1}]}', '{"a":{"b":[{"c":1}]},"d":"x"}'])
    for (const [object, text] of texts) expect(canonicalString(object as never)).toBe(text)
    expect(value).toEqual({ a: { b: [{ c: 1 }] }, d: 'x' })
  })

  test.each([
    '{"b":1,"a":2}',
    '{ "a":1}',
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":9007199254740992}',
    '{"a":1e21}',
    '{"a":1e+21}',
    '{"a":-0}',
    '{"a":0.1}',
    '{"a":1.0}',
    '{"a":0.10000000000000001}',
    '{"__proto__":1}',
    '{"__proto__":{"a":1}}',
    '{"a":"\\ud800"}',
    '{"a":"\\u00e9"}',
    '[1,2',
    '',
    '"x" ',
    `${'['.repeat(64)}${']'.repeat(64)}`,
    `${'['.repeat(65)}${']'.repeat(65)}`,
    `${'['.repeat(5000)}`,
  ])('EP-ENC-1: %s is judged as the strict reader judges it', (text) => {
    bothWays(octets(text))
  })

  test('EP-ENC-1: any document, canonical or tampered with, is judged as the strict reader judges it', () => {
    const tampered = fc
      .tuple(fc.jsonValue({ maxDepth: 4 }), fc.nat(), fc.integer({ min: 0, max: 255 }), fc.boolean())
      .map(([value, place, octet, tamper]) => {
        const bytes = octets(JSON.stringify(value))
        if (tamper && bytes.length > 0) bytes[place % bytes.length] = octet
        return bytes
      })
    fc.assert(fc.property(tampered, bothWays), runs(500))
    const canonical = fc
      .jsonValue({ maxDepth: 4 })
      .map((value) =>
        octets(canonicalString(parseJson(octets(JSON.stringify(value)), { numbers: 'ecmascript' }).value)),
      )
    fc.assert(fc.property(canonical, bothWays), runs(300))
  })
})
