import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leaf as noble } from '../../src/core/crypto-noble.js'
import { leaf as node } from '../../src/core/crypto-node.js'
import {
  digestJson,
  encodeBinary,
  hashJson,
  hashString,
  parseBinary,
  parseHash,
  sha256,
} from '../../src/core/digest.js'
import { codeOf, refusalOf } from './refusal-of.js'
import { runs } from './runs.js'

const emptyHash = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

describe('EP-ENC-3: hash strings', () => {
  test('SHA-256 over the canonical octets', () => {
    expect(hashString(sha256(new Uint8Array()))).toBe(emptyHash)
    const expected = createHash('sha256').update('{"a":[],"b":1}').digest()
    expect(hashJson({ b: 1.0, a: [] })).toBe(`sha256:${expected.toString('hex')}`)
    expect(digestJson({ b: 1, a: [] })).toEqual(new Uint8Array(expected))
    expect(parseHash(hashJson({ b: 1, a: [] }))).toEqual(new Uint8Array(expected))
  })

  test.each([
    emptyHash.toUpperCase(),
    emptyHash.replace('e3b0', 'E3B0'),
    emptyHash.slice(0, -1),
    `${emptyHash}0`,
    `${emptyHash.slice(0, -1)}g`,
    emptyHash.replace('sha256:', 'sha512:'),
    emptyHash.slice(7),
    ` ${emptyHash.slice(0, -1)}`,
    '',
  ])('malformed: %s', (text) => {
    expect(refusalOf(() => parseHash(text, '/action_hash'))).toMatchObject({
      code: 'hash_malformed',
      at: '/action_hash',
    })
  })
})

describe('EP-ENC-4: binary strings', () => {
  test('b64u: and unpadded base64url', () => {
    expect(encodeBinary(Uint8Array.of(251, 255))).toBe('b64u:-_8')
    expect(parseBinary('b64u:-_8')).toEqual(Uint8Array.of(251, 255))
    expect(parseBinary('b64u:')).toEqual(new Uint8Array())
  })

  test.each([
    ['binary_malformed', '-_8'],
    ['binary_malformed', 'B64U:-_8'],
    ['binary_malformed', 'b64u:-_8='],
    ['binary_malformed', 'b64u:+/8'],
    ['binary_malformed', 'b64u:A'],
    ['binary_noncanonical', 'b64u:-_9'],
  ])('%s: %s', (code, text) => {
    expect(refusalOf(() => parseBinary(text, '/nonce'))).toMatchObject({ code, at: '/nonce' })
  })
})

test('both leaves hash alike, into octets of their own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const digest = node.sha256(bytes)
      expect(Object.getPrototypeOf(digest)).toBe(Uint8Array.prototype)
      expect(noble.sha256(bytes)).toEqual(digest)
    }),
    runs(),
  )
})

test('arbitrary text never throws anything but a Refusal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', 'b64u:', 'sha256:'), (text, prefix) => {
      codeOf(() => parseBinary(prefix + text))
      codeOf(() => parseHash(prefix + text))
    }),
    runs(),
  )
})
