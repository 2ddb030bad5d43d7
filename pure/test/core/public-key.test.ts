import { KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Stack, stackOver } from './both-leaves.js'
import {
  bigEndian,
  compressedPrefix,
  ed25519Pair,
  ed25519Prefix,
  edwards,
  edwardsPrime,
  hex,
  join,
  littleEndian,
  orderEight,
  p256Pair,
  p256Prefix,
  p256Prime,
  smallOrderEncodings,
  weierstrass,
} from './crypto-vectors.js'
import { runs } from './runs.js'

const stacks: Stack[] = []
beforeAll(async () => {
  stacks.push(await stackOver('node'), await stackOver('noble'))
})

/** What both stacks say; fails if they differ. */
function codeOf(spki: Uint8Array): string {
  const [onNode, onNoble] = stacks.map((stack) => stack.keyCode(spki))
  expect(onNoble).toBe(onNode)
  return onNode as string
}

const ed = ed25519Pair(new Uint8Array(32).fill(7)).spki
const ec = p256Pair(0xc0ffeen).spki
const generator = weierstrass.BASE.toBytes(false).slice(1)
const withOctet = (bytes: Uint8Array, at: number, octet: number) => bytes.with(at, octet)

test('the two stacks really run over two leaves', () => {
  const handles = stacks.map((stack) => stack.parsePublicKey(ed).handle.__leaf instanceof KeyObject)
  expect(handles).toEqual([true, false])
})

describe('EP-ENC-8: SPKI of exactly 44 or 91 octets', () => {
  test.each([
    ['Ed25519', ed],
    ['ES256', ec],
  ] as const)('%s is taken, with its own octets', (algorithm, spki) => {
    for (const stack of stacks) {
      const first = stack.parsePublicKey(spki)
      first.spki.fill(0) // what a caller does to its copy stays with that caller
      expect(stack.parsePublicKey(spki)).toMatchObject({ algorithm, spki })
    }
  })

  const even = weierstrass.BASE.toBytes(true)
  test.each([
    ['public_key_malformed', 'empty', new Uint8Array()],
    ['public_key_malformed', 'raw Ed25519 octets', ed.slice(12)],
    ['public_key_malformed', 'cut short', ed.slice(0, -1)],
    ['public_key_malformed', 'P-256 cut short', ec.slice(0, -1)],
    ['public_key_malformed', 'another outer length', withOctet(ed, 1, 0x2b)],
    ['public_key_malformed', 'X25519', withOctet(ed, 8, 0x6e)],
    ['public_key_malformed', 'unused bits', withOctet(ed, 11, 1)],
    ['public_key_malformed', 'secp256k1', join(hex('3056301006072a8648ce3d020106052b8104000a03420004'), generator)],
    ['public_key_malformed', 'hybrid form 06', withOctet(ec, 26, 6)],
    ['public_key_malformed', 'hybrid form 07', withOctet(ec, 26, 7)],
    ['public_key_malformed', 'long form of a length', join(hex('308159'), ec.slice(2))],
    ['public_key_malformed', 'point at infinity', hex('3019301306072a8648ce3d020106082a8648ce3d03010703020000')],
    ['public_key_trailing_malformed', 'a trailing octet', join(ed, Uint8Array.of(0))],
    ['public_key_trailing_malformed', 'a trailing octet, P-256', join(ec, Uint8Array.of(0))],
    ['public_key_compressed_unsupported', 'compressed', join(compressedPrefix, even)],
    ['public_key_malformed', 'compressed, trailing', join(compressedPrefix, even, Uint8Array.of(0))],
  ])('%s: %s', (code, _, spki) => {
    expect(codeOf(spki)).toBe(code)
  })

  test('octets of any length are answered', () => {
    expect(codeOf(new Uint8Array(300_000))).toBe('public_key_malformed')
    expect(codeOf(join(ec, new Uint8Array(300_000)))).toBe('public_key_trailing_malformed')
  })

  test('raw Ed25519 octets become the same key; another length is refused', () => {
    for (const stack of stacks) {
      expect(stack.ed25519FromRaw(ed.slice(12)).spki).toEqual(ed)
      expect(stack.spkiFromEd25519(ed.slice(12))).toEqual(ed)
      for (const length of [0, 31, 33])
        expect(() => stack.ed25519FromRaw(new Uint8Array(length), '/k')).toThrow('public_key_malformed at /k')
    }
  })
})

describe('EP-ENC-8: Ed25519 points', () => {
  test('the table of small order is complete: fourteen encodings, eight of them canonical', () => {
    const distinct = new Set(smallOrderEncodings.map((encoding) => Buffer.from(encoding).toString('hex')))
    expect(distinct.size).toBe(14)
    for (const encoding of smallOrderEncodings)
      expect(codeOf(join(ed25519Prefix, encoding))).toMatch(/order_insufficient$|noncanonical$/)
  })

  test.each(Array.from({ length: 8 }, (_, i) => [i, orderEight.multiplyUnsafe(BigInt(i)).toBytes()] as const))(
    'small order: %i times a point of order eight',
    (_, raw) => {
      expect(codeOf(join(ed25519Prefix, raw))).toBe('public_key_order_insufficient')
    },
  )

  test('every y from p on is refused, with either sign', () => {
    for (let y = edwardsPrime; y < 2n ** 255n; y++)
      for (const sign of [0n, 1n << 255n])
        expect(codeOf(join(ed25519Prefix, littleEndian(y | sign)))).toBe('public_key_point_noncanonical')
  })

  test('a y without an x is refused, and only that', () => {
    let refused = 0
    for (let y = 2n; y < 100n; y++) {
      let isPoint = true
      try {
        edwards.fromBytes(littleEndian(y))
      } catch {
        isPoint = false
        refused++
      }
      expect(codeOf(join(ed25519Prefix, littleEndian(y)))).toBe(isPoint ? 'accepted' : 'public_key_point_invalid')
    }
    expect(refused).toBeGreaterThan(20)
  })

  test('a point of mixed order is taken: its signatures are judged without the cofactor', () => {
    expect(codeOf(join(ed25519Prefix, edwards.BASE.add(orderEight).toBytes()))).toBe('accepted')
  })
})

describe('EP-ENC-8: P-256 points', () => {
  test('off the curve, at zero, and with a wrong y', () => {
    expect(codeOf(join(p256Prefix, new Uint8Array(64)))).toBe('public_key_point_invalid')
    expect(codeOf(join(p256Prefix, new Uint8Array(64).fill(0xff)))).toBe('public_key_point_invalid')
    expect(codeOf(withOctet(ec, 90, (ec[90] as number) ^ 1))).toBe('public_key_point_invalid')
  })

  test('a coordinate that is not reduced is refused though the point is on the curve', () => {
    for (let x = 0n, found = 0; found < 3; x++) {
      let y: bigint
      try {
        y = weierstrass.fromBytes(join(Uint8Array.of(2), bigEndian(x))).toAffine().y
      } catch {
        continue
      }
      found++
      expect(codeOf(join(p256Prefix, bigEndian(x), bigEndian(y)))).toBe('accepted')
      expect(codeOf(join(p256Prefix, bigEndian(x + p256Prime), bigEndian(y)))).toBe('public_key_point_invalid')
    }
  })
})

test('the cache is bounded, keeps no refused key, and changes no answer', () => {
  const [stack] = stacks as [Stack]
  const kept = stack.parsePublicKey(ec).handle
  for (let i = 0; i < 5000; i++) stack.keyCode(join(p256Prefix, bigEndian(BigInt(i)), bigEndian(5n)))
  expect(stack.parsePublicKey(ec).handle).toBe(kept)
  let point = weierstrass.BASE.multiply(99n)
  for (let i = 0; i < 4096; i++, point = point.add(weierstrass.BASE))
    expect(stack.keyCode(join(p256Prefix, point.toBytes(false).slice(1)))).toBe('accepted')
  expect(stack.parsePublicKey(ec).handle).not.toBe(kept)
  expect(stack.parsePublicKey(ec)).toMatchObject({ algorithm: 'ES256', spki: ec })
})

test('arbitrary octets behind a prefix: both leaves agree and throw nothing but a Refusal', () => {
  const prefix = fc.constantFrom(new Uint8Array(), ed25519Prefix, p256Prefix, compressedPrefix, ed, ec)
  const tail = fc.oneof(
    fc.uint8Array({ maxLength: 3 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
  )
  fc.assert(
    fc.property(prefix, tail, (head, rest) => {
      codeOf(join(head, rest))
    }),
    runs(),
  )
})
