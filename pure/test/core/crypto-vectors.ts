import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha512 } from '@noble/hashes/sha2.js'

/** Keys, points and signatures that tests build by hand; what no honest signer makes is made here with bare arithmetic. */

export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
export const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export const edwards = ed25519.Point
export const edwardsOrder: bigint = ed25519.Point.Fn.ORDER
export const edwardsPrime = 2n ** 255n - 19n
export const weierstrass = p256.Point
export const p256Order: bigint = p256.Point.Fn.ORDER
export const p256Prime: bigint = p256.Point.Fp.ORDER

export const ed25519Prefix = hex('302a300506032b6570032100')
export const p256Prefix = hex('3059301306072a8648ce3d020106082a8648ce3d03010703420004')
export const compressedPrefix = hex('3039301306072a8648ce3d020106082a8648ce3d030107032200')

export function littleEndian(value: bigint): Uint8Array {
  return bigEndian(value).reverse()
}

export function bigEndian(value: bigint, length = 32): Uint8Array {
  return hex(value.toString(16).padStart(2 * length, '0'))
}

/** The hash of R, A and the message, as a scalar. */
export function challenge(r: Uint8Array, a: Uint8Array, message: Uint8Array): bigint {
  const digest = Buffer.from(sha512(join(r, a, message))).reverse()
  return BigInt(`0x${digest.toString('hex')}`) % edwardsOrder
}

/** A point of order eight, found by clearing the large order out of some point on the curve. */
export const orderEight = (() => {
  for (let y = 2n; ; y++) {
    try {
      const point = edwards.fromBytes(littleEndian(y), true)
      const torsion = point.multiplyUnsafe(edwardsOrder - 1n).add(point)
      if (!torsion.multiplyUnsafe(4n).equals(edwards.ZERO)) return torsion
    } catch {
      // not a point: the next y
    }
  }
})()

/** Every encoding that decodes to a point of small order: eight canonical ones, and those with y + p or a useless sign bit. */
export const smallOrderEncodings: readonly Uint8Array[] = (() => {
  const canonical = Array.from({ length: 8 }, (_, i) => orderEight.multiplyUnsafe(BigInt(i)).toBytes())
  const sign = 1n << 255n
  const zeros = [1n, edwardsPrime - 1n].map((y) => y | sign) // x = 0 with the sign bit
  const wrapped = [edwardsPrime, edwardsPrime + 1n].flatMap((y) => [y, y | sign]) // y = 0 and y = 1, not reduced
  return [...canonical, ...[...zeros, ...wrapped].map(littleEndian)]
})()

const ed25519Pkcs8 = hex('302e020100300506032b657004220420')

/** An Ed25519 key pair of the platform from 32 secret octets. */
export function ed25519Pair(seed: Uint8Array) {
  const key = createPrivateKey({ key: Buffer.concat([ed25519Pkcs8, seed]), format: 'der', type: 'pkcs8' })
  const spki = Uint8Array.from(createPublicKey(key).export({ format: 'der', type: 'spki' }))
  return { spki, sign: (message: Uint8Array): Uint8Array => Uint8Array.from(sign(null, message, key)) }
}

/** A P-256 key pair of the platform from a secret scalar. */
export function p256Pair(secret: bigint) {
  const point = weierstrass.BASE.multiply(secret).toBytes(false)
  const [x, y, d] = [point.slice(1, 33), point.slice(33), bigEndian(secret)].map((octets) =>
    Buffer.from(octets).toString('base64url'),
  )
  const key = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x: x!, y: y!, d: d! }, format: 'jwk' })
  const signAs =
    (dsaEncoding: 'der' | 'ieee-p1363') =>
    (message: Uint8Array): Uint8Array =>
      Uint8Array.from(sign('sha256', message, { key, dsaEncoding }))
  return { spki: join(p256Prefix, point.slice(1)), sign: signAs('ieee-p1363'), signDer: signAs('der') }
}
