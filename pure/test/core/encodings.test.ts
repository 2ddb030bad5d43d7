import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from '../../src/core/base64.js'
import { concatBytes, equalBytes, utf8Decode, utf8Encode } from '../../src/core/bytes.js'
import { decodeHex, encodeHex } from '../../src/core/hex.js'
import { codeOf, refusalOf } from './refusal-of.js'
import { runs } from './runs.js'

const octets = fc.uint8Array({ maxLength: 100 })

describe('EP-ENC-4: base64url', () => {
  test('equals the platform, both ways', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        const text = Buffer.from(bytes).toString('base64url')
        expect(encodeBase64Url(bytes)).toBe(text)
        expect(decodeBase64Url(text)).toEqual(bytes)
        const padded = Buffer.from(bytes).toString('base64')
        expect(encodeBase64(bytes)).toBe(padded)
        expect(decodeBase64(padded)).toEqual(bytes)
      }),
      runs(),
    )
  })

  test.each([
    ['base64url_malformed', 'A'],
    ['base64url_malformed', 'AAAAA'],
    ['base64url_malformed', 'AA=='],
    ['base64url_malformed', 'AA+A'],
    ['base64url_malformed', 'AA/A'],
    ['base64url_malformed', 'AA A'],
    ['base64url_malformed', 'AAA\n'],
    ['base64url_malformed', 'AA\u0141A'],
    ['base64url_malformed', 'AAA\u{1f600}'],
    ['base64url_noncanonical', 'AB'],
    ['base64url_noncanonical', 'AAAAAAB'],
    ['base64url_noncanonical', '__'],
  ])('%s: %s', (code, text) => {
    expect(refusalOf(() => decodeBase64Url(text, '/nonce'))).toMatchObject({ code, at: '/nonce' })
  })

  test('a non-canonical last character is refused: of 4096 two-character texts 256 decode, one for each octet', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const texts = [...alphabet].flatMap((a) => [...alphabet].map((b) => a + b))
    const accepted = texts.filter((text) => codeOf(() => decodeBase64Url(text)) === 'accepted')
    expect(new Set(accepted.map((text) => decodeBase64Url(text)[0])).size).toBe(256)
    expect(accepted).toHaveLength(256)
  })

  test('whatever decodes encodes to the same text', () => {
    const text = fc.string({ unit: fc.constantFrom(...'AQgwB_-/+= z9'), maxLength: 9 })
    fc.assert(
      fc.property(text, (candidate) => {
        if (codeOf(() => decodeBase64Url(candidate)) === 'accepted')
          expect(encodeBase64Url(decodeBase64Url(candidate))).toBe(candidate)
        if (codeOf(() => decodeBase64(candidate)) === 'accepted')
          expect(encodeBase64(decodeBase64(candidate))).toBe(candidate)
      }),
      runs(1000),
    )
  })
})

test.each([
  ['base64_malformed', 'AA'],
  ['base64_malformed', 'AA='],
  ['base64_malformed', '===='],
  ['base64_malformed', 'A==='],
  ['base64_malformed', 'AA=A'],
  ['base64_malformed', 'AA__'],
  ['base64_malformed', 'AAAA\n'],
  ['base64_noncanonical', 'AB=='],
  ['base64_noncanonical', 'AAB='],
])('%s: %s', (code, text) => {
  expect(codeOf(() => decodeBase64(text))).toBe(code)
})

describe('hexadecimal', () => {
  test('equals the platform, both ways', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        expect(encodeHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
        expect(decodeHex(encodeHex(bytes))).toEqual(bytes)
      }),
      runs(),
    )
  })

  test.each(['a', 'AA', '0g', ' 0', '0x', '\u0131\u0131', 'a0 '])('%s is refused', (text) => {
    expect(codeOf(() => decodeHex(text))).toBe('hex_malformed')
  })
})

describe('octets and text', () => {
  test('UTF-8: ill-formed octets and lone surrogates are refused, a byte-order mark is kept', () => {
    expect(codeOf(() => utf8Decode(Uint8Array.of(0xc0, 0x80)))).toBe('utf8_invalid')
    expect(codeOf(() => utf8Encode('a\ud800'))).toBe('text_surrogate_invalid')
    expect(utf8Decode(utf8Encode('\ufeff\u{1f600}'))).toBe('\ufeff\u{1f600}')
  })

  test('equalBytes and concatBytes', () => {
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3))
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false)
    expect(equalBytes(new Uint8Array(), Uint8Array.of(0))).toBe(false)
  })
})
