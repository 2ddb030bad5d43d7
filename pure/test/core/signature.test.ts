import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Stack, stackOver } from './both-leaves.js'
import {
  bigEndian,
  challenge,
  ed25519Pair,
  ed25519Prefix,
  edwards,
  edwardsOrder,
  edwardsPrime,
  hex,
  join,
  littleEndian,
  orderEight,
  p256Order,
  p256Pair,
  p256Prefix,
  smallOrderEncodings,
  utf8,
  weierstrass,
} from './crypto-vectors.js'
import { runs } from './runs.js'

const stacks: Stack[] = []
beforeAll(async () => {
  stacks.push(await stackOver('node'), await stackOver('noble'))
})

/** What both stacks say; fails if they differ. */
function agreed(judge: (stack: Stack) => string): string {
  const [onNode, onNoble] = stacks.map(judge)
  expect(onNoble).toBe(onNode)
  return onNode as string
}
const verdict = (spki: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  agreed((stack) => stack.verifySignature(stack.parsePublicKey(spki), message, signature))
const verdictDer = (spki: Uint8Array, message: Uint8Array, der: Uint8Array) =>
  agreed((stack) => stack.verifySignatureDer(stack.parsePublicKey(spki), message, der))

const message = utf8('release 250000.00 EUR')
const ed = ed25519Pair(new Uint8Array(32).fill(7))
const ec = p256Pair(0xc0ffee1234n)

describe('EP-ENC-9: Ed25519 signs the message itself', () => {
  // RFC 8032, section 7.1
  test.each([
    [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ])('RFC 8032: %s', (raw, text, signature) => {
    const spki = join(ed25519Prefix, hex(raw))
    expect(verdict(spki, hex(text), hex(signature))).toBe('valid')
    expect(verdict(spki, join(hex(text), hex('00')), hex(signature))).toBe('invalid')
  })

  test('another key, another message, the digest instead of the message', () => {
    const signature = ed.sign(message)
    expect(verdict(ed.spki, message, signature)).toBe('valid')
    expect(verdict(ed25519Pair(new Uint8Array(32).fill(8)).spki, message, signature)).toBe('invalid')
    expect(verdict(ed.spki, utf8('release 250000.01 EUR'), signature)).toBe('invalid')
  })

  test('an Ed25519 signature has no DER form', () => {
    expect(verdictDer(ed.spki, message, ed.sign(message))).toBe('malformed')
  })
})

describe('EP-ENC-8: Ed25519 signatures that libraries disagree on', () => {
  const secret = 0x1234567890abcdefn
  const r = 0xfedcba987n
  const key = edwards.BASE.multiply(secret).toBytes()
  const spki = join(ed25519Prefix, key)
  /** S for a commitment and a key as encoded: the signer's own equation. */
  const forge = (encodedR: Uint8Array, encodedKey: Uint8Array, text: Uint8Array, nonce: bigint) =>
    join(encodedR, littleEndian((nonce + challenge(encodedR, encodedKey, text) * secret) % edwardsOrder))

  test('the forger signs properly when nothing is wrong', () => {
    expect(verdict(spki, message, forge(edwards.BASE.multiply(r).toBytes(), key, message, r))).toBe('valid')
  })

  test('S + L, S + 2L and all ones are malformed', () => {
    const signature = ed.sign(message)
    const s = BigInt(`0x${Buffer.from(signature.slice(32).reverse()).toString('hex')}`)
    for (const raised of [s + edwardsOrder, s + 2n * edwardsOrder, edwardsOrder, edwardsOrder + 1n, 2n ** 256n - 1n])
      expect(verdict(ed.spki, message, join(signature.slice(0, 32), littleEndian(raised)))).toBe('malformed')
    expect(verdict(ed.spki, message, join(signature.slice(0, 32), littleEndian(edwardsOrder - 1n)))).toBe('invalid')
  })

  test('R of small order is malformed, though an equation without its order would hold', () => {
    for (const small of smallOrderEncodings)
      expect(verdict(spki, message, forge(small, key, message, 0n))).toBe('malformed')
  })

  test('R that is not reduced is malformed', () => {
    for (let y = edwardsPrime; y < 2n ** 255n; y++) {
      expect(verdict(spki, message, join(littleEndian(y), littleEndian(1n)))).toBe('malformed')
      expect(verdict(spki, message, join(littleEndian(y | (1n << 255n)), littleEndian(1n)))).toBe('malformed')
    }
  })

  test('the universal key never becomes a key, and its signature is malformed under any other', () => {
    const universal = hex(`01${'00'.repeat(31)}`)
    expect(agreed((stack) => stack.keyCode(join(ed25519Prefix, universal)))).toBe('public_key_order_insufficient')
    expect(verdict(ed.spki, message, join(universal, new Uint8Array(32)))).toBe('malformed')
  })

  test('R of mixed order: valid only to a verifier that multiplies by the cofactor, so invalid', () => {
    for (let i = 1n; i < 8n; i++) {
      const mixed = edwards.BASE.multiply(r).add(orderEight.multiplyUnsafe(i)).toBytes()
      expect(verdict(spki, message, forge(mixed, key, message, r))).toBe('invalid')
    }
  })

  test('a key of mixed order: valid exactly where the torsion happens to cancel', () => {
    const mixedKey = edwards.BASE.multiply(secret).add(orderEight).toBytes()
    const commitment = edwards.BASE.multiply(r).toBytes()
    const seen = new Set<string>()
    for (let i = 0; i < 40; i++) {
      const text = utf8(`message ${i}`)
      const cancels = challenge(commitment, mixedKey, text) % 8n === 0n
      const said = verdict(join(ed25519Prefix, mixedKey), text, forge(commitment, mixedKey, text, r))
      expect(said).toBe(cancels ? 'valid' : 'invalid')
      seen.add(said)
    }
    expect(seen.size).toBe(2)
  })

  test('an R that is no point is invalid', () => {
    expect(verdict(spki, message, join(littleEndian(2n), littleEndian(5n)))).toBe('invalid')
  })
})

describe('EP-ENC-9: ES256 signs SHA-256 of the message, r || s', () => {
  // RFC 6979, appendix A.2.5; its s is in the upper half.
  const rfc6979 = join(
    p256Prefix,
    hex('60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6'),
    hex('7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299'),
  )
  const r = hex('efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716')
  const s = hex('f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8')
  const low = bigEndian(p256Order - BigInt(`0x${Buffer.from(s).toString('hex')}`))

  test('RFC 6979: high s is accepted, and so is its low twin', () => {
    expect(verdict(rfc6979, utf8('sample'), join(r, s))).toBe('valid')
    expect(verdict(rfc6979, utf8('sample'), join(r, low))).toBe('valid')
    expect(verdict(rfc6979, utf8('samplf'), join(r, s))).toBe('invalid')
    expect(verdict(rfc6979, utf8('sample'), join(s, r))).toBe('invalid')
  })

  test.each([
    ['r = 0', bigEndian(0n), s],
    ['s = 0', r, bigEndian(0n)],
    ['r = s = 0', bigEndian(0n), bigEndian(0n)],
    ['r = n', bigEndian(p256Order), s],
    ['s = n', r, bigEndian(p256Order)],
    ['all ones', new Uint8Array(32).fill(255), new Uint8Array(32).fill(255)],
  ])('%s is malformed', (_, first, second) => {
    expect(verdict(rfc6979, utf8('sample'), join(first, second))).toBe('malformed')
  })

  test('r, s = 1 and n - 1 are numbers like any other', () => {
    for (const a of [1n, p256Order - 1n])
      for (const b of [1n, p256Order - 1n])
        expect(verdict(rfc6979, message, join(bigEndian(a), bigEndian(b)))).toBe('invalid')
  })

  test('a sum at infinity is invalid', async () => {
    const { createHash } = await import('node:crypto')
    const e = BigInt(`0x${createHash('sha256').update(message).digest('hex')}`)
    const secret = 0xabcdefn
    const vanishing = (p256Order - ((e * weierstrass.Fn.inv(secret)) % p256Order)) % p256Order
    expect(verdict(p256Pair(secret).spki, message, join(bigEndian(vanishing), bigEndian(77n)))).toBe('invalid')
  })

  test('r is compared modulo n: a commitment whose x lies above n verifies', async () => {
    const { createHash } = await import('node:crypto')
    const e = BigInt(`0x${createHash('sha256').update(message).digest('hex')}`) % p256Order
    let x = p256Order + 1n
    let commitment = weierstrass.BASE
    for (; ; x++) {
      try {
        commitment = weierstrass.fromBytes(join(Uint8Array.of(2), bigEndian(x)))
        break
      } catch {
        // not on the curve: the next x
      }
    }
    const [small, second] = [x - p256Order, 0x5eedn]
    // Q = (s R - e G) / r, for which the equation holds.
    const inverse = weierstrass.Fn.inv(small)
    const point = commitment.multiply(second).subtract(weierstrass.BASE.multiply(e)).multiply(inverse)
    const spki = join(p256Prefix, point.toBytes(false).slice(1))
    expect(verdict(spki, message, join(bigEndian(small), bigEndian(second)))).toBe('valid')
  })
})

test.each([0, 1, 63, 65, 128])('a signature of %i octets is malformed', (length) => {
  for (const pair of [ed, ec]) expect(verdict(pair.spki, message, new Uint8Array(length).fill(1))).toBe('malformed')
})

test('a key of one algorithm takes no signature of the other', () => {
  expect(verdict(ed.spki, message, ec.sign(message))).not.toBe('valid')
  expect(verdict(ec.spki, message, ed.sign(message))).not.toBe('valid')
})

describe('EP-ENC-8: DER is strict', () => {
  const integer = (octets: Uint8Array) => join(Uint8Array.of(2, octets.length), octets)
  const sequence = (...parts: Uint8Array[]) => {
    const body = join(...parts)
    return join(Uint8Array.of(0x30, body.length), body)
  }
  /** The integer of 32 unsigned octets in its one minimal form. */
  const minimal = (unsigned: Uint8Array) => {
    const first = unsigned.findIndex((octet) => octet !== 0)
    const octets = unsigned.slice(first === -1 ? 31 : first)
    return (octets[0] as number) >= 0x80 ? join(Uint8Array.of(0), octets) : octets
  }
  const raw = ec.sign(message)
  const [r, s] = [minimal(raw.slice(0, 32)), minimal(raw.slice(32))]
  const zero = Uint8Array.of(0)

  test('what the platform writes is taken, with high s and with low s', () => {
    expect(verdictDer(ec.spki, message, ec.signDer(message))).toBe('valid')
    const twin = minimal(bigEndian(p256Order - BigInt(`0x${Buffer.from(raw.slice(32)).toString('hex')}`)))
    expect(verdictDer(ec.spki, message, sequence(integer(r), integer(s)))).toBe('valid')
    expect(verdictDer(ec.spki, message, sequence(integer(r), integer(twin)))).toBe('valid')
    expect(verdictDer(ec.spki, utf8('other'), sequence(integer(r), integer(s)))).toBe('invalid')
  })

  const body = join(integer(r), integer(s))
  test.each([
    ['empty', new Uint8Array()],
    ['one octet', Uint8Array.of(0x30)],
    ['an empty sequence', Uint8Array.of(0x30, 0)],
    ['raw r || s', raw],
    ['trailing octet', join(sequence(body), zero)],
    ['trailing octet inside', sequence(body, zero)],
    ['trailing integer', sequence(body, integer(Uint8Array.of(1)))],
    ['cut short', sequence(body).slice(0, -1)],
    ['length too small', sequence(body).with(1, body.length - 1)],
    ['length too great', sequence(body).with(1, body.length + 1)],
    ['long form of a length', join(Uint8Array.of(0x30, 0x81, body.length), body)],
    ['indefinite length', join(Uint8Array.of(0x30, 0x80), body, zero, zero)],
    ['long form in an integer', sequence(join(Uint8Array.of(2, 0x81, r.length), r), integer(s))],
    ['r not minimal', sequence(integer(join(zero, r)), integer(s))],
    ['s not minimal', sequence(integer(r), integer(join(zero, s)))],
    ['r negative', sequence(integer(Uint8Array.of(0x80)), integer(s))],
    ['s negative', sequence(integer(r), integer(new Uint8Array(32).fill(0xff)))],
    ['r empty', sequence(integer(new Uint8Array()), integer(s))],
    ['s missing', sequence(integer(r))],
    ['r zero', sequence(integer(zero), integer(s))],
    ['s zero', sequence(integer(r), integer(zero))],
    ['r of 33 significant octets', sequence(integer(join(Uint8Array.of(1), new Uint8Array(32))), integer(s))],
    ['r = n', sequence(integer(minimal(bigEndian(p256Order))), integer(s))],
    ['another outer tag', sequence(body).with(0, 0x31)],
    ['another inner tag', sequence(body).with(2, 3)],
    ['r runs past the end', sequence(body).with(3, 0x7f)],
  ])('%s is malformed', (_, der) => {
    expect(verdictDer(ec.spki, message, der)).toBe('malformed')
  })

  test('an accepted DER is the only encoding of its two numbers', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(71),
        fc.nat(255),
        (a, b, at, octet) => {
          const der = sequence(integer(minimal(a)), integer(minimal(b)))
          const damaged = der.with(at % der.length, octet)
          expect(verdictDer(ec.spki, message, damaged)).not.toBe('valid')
        },
      ),
      runs(100),
    )
  })
})

describe('properties', () => {
  test('one flipped bit, anywhere: no leaf says valid, and both say the same', () => {
    const flip = (bytes: Uint8Array, bit: number) => {
      const at = (bit >> 3) % bytes.length
      return bytes.with(at, (bytes[at] as number) ^ (1 << (bit & 7)))
    }
    fc.assert(
      fc.property(
        fc.constantFrom(ed, ec),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.constantFrom('message', 'signature', 'key'),
        fc.nat(),
        (pair, text, where, bit) => {
          const signature = pair.sign(text)
          const outcome = agreed((stack) => {
            const spki = where === 'key' ? flip(pair.spki, bit) : pair.spki
            const code = stack.keyCode(spki)
            if (code !== 'accepted') return code
            const key = stack.parsePublicKey(spki)
            return stack.verifySignature(
              key,
              where === 'message' ? flip(text, bit) : text,
              where === 'signature' ? flip(signature, bit) : signature,
            )
          })
          expect(outcome).not.toBe('valid')
        },
      ),
      runs(),
    )
  })

  test('honest signatures are valid on both', () => {
    fc.assert(
      fc.property(fc.constantFrom(ed, ec), fc.uint8Array({ maxLength: 300 }), (pair, text) => {
        expect(verdict(pair.spki, text, pair.sign(text))).toBe('valid')
      }),
      runs(100),
    )
  })

  test('arbitrary octets get a verdict and never an exception', () => {
    const octets = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 64, maxLength: 64 }))
    fc.assert(
      fc.property(fc.constantFrom(ed, ec), octets, octets, (pair, text, signature) => {
        expect(['malformed', 'invalid']).toContain(verdict(pair.spki, text, signature))
        expect(['malformed', 'invalid']).toContain(verdictDer(pair.spki, text, signature))
      }),
      runs(),
    )
  })
})
