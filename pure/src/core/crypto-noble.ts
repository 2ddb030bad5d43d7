import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes } from './bytes.js'
import type { CryptoLeaf, KeyHandle } from './crypto-leaf.js'
import { encodeHex } from './hex.js'

const encoder = new TextEncoder()
const EdwardsPoint = ed25519.Point
type Point = InstanceType<typeof EdwardsPoint>
interface Ed25519Key {
  readonly raw: Uint8Array
  readonly negated: Point
}

/** The leaf for every other platform: the noble libraries. */
export const leaf: CryptoLeaf = {
  sha256: (data) => sha256(data),
  sha256Text: (text) => sha256(encoder.encode(text)),
  sha256HexOfText: (text) => encodeHex(sha256(encoder.encode(text))),
  importEd25519: (raw) => handleOf({ raw: raw.slice(), negated: EdwardsPoint.fromBytes(raw).negate() }),
  importP256: (xy) => {
    const point = concatBytes(Uint8Array.of(4), xy)
    return p256.utils.isValidPublicKey(point, false) ? handleOf(point) : undefined
  },
  verifyEd25519: (key, message, signature) => verifyCofactorless(key.__leaf as Ed25519Key, message, signature),
  verifyP256: (key, message, signature) =>
    p256.verify(signature, message, key.__leaf as Uint8Array, { lowS: false, prehash: true }),
}

/**
 * R = [S]B - [k]A, compared octet for octet, as OpenSSL does. The library's own `verify` multiplies by the cofactor
 * first and so accepts signatures, made with points of mixed order, that OpenSSL refuses.
 */
function verifyCofactorless(key: Ed25519Key, message: Uint8Array, signature: Uint8Array): boolean {
  const r = signature.subarray(0, 32)
  const s = littleEndian(signature.subarray(32))
  const order = EdwardsPoint.Fn.ORDER
  if (s >= order) return false
  const k = littleEndian(sha512(concatBytes(r, key.raw, message))) % order
  const expected = EdwardsPoint.BASE.multiplyUnsafe(s).add(key.negated.multiplyUnsafe(k))
  return equalBytes(expected.toBytes(), r)
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

function handleOf(key: Ed25519Key | Uint8Array): KeyHandle {
  return { __leaf: key }
}
