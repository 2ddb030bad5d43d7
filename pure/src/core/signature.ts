import { leaf } from '#crypto'
import { ecdsaSignatureFromDer } from './ecdsa-der.js'
import { ed25519PointDefect } from './ed25519-point.js'
import { decodeHex } from './hex.js'
import type { PublicKey } from './public-key.js'

/** `malformed`: not a signature of this algorithm at all; `invalid`: well formed, but not by this key over this. */
export type SignatureVerdict = 'valid' | 'malformed' | 'invalid'

// The orders of the two groups, big-endian.
const ed25519Order = decodeHex('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed')
const p256Order = decodeHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')

/**
 * Verifies 64 octets over `message` (EP-ENC-8, EP-ENC-9). Ed25519 signs the message itself; ES256 signs its SHA-256 and
 * carries r || s. High s is accepted, so signature octets are never an identifier.
 */
export function verifySignature(key: PublicKey, message: Uint8Array, signature: Uint8Array): SignatureVerdict {
  if (signature.length !== 64) return 'malformed'
  return key.algorithm === 'Ed25519' ? verifyEd25519(key, message, signature) : verifyEs256(key, message, signature)
}

/** Verifies the DER form of an ES256 signature, as WebAuthn carries it. An Ed25519 signature has no DER form. */
export function verifySignatureDer(key: PublicKey, message: Uint8Array, der: Uint8Array): SignatureVerdict {
  const signature = key.algorithm === 'ES256' ? ecdsaSignatureFromDer(der) : undefined
  return signature === undefined ? 'malformed' : verifyEs256(key, message, signature, der)
}

function verifyEd25519(key: PublicKey, message: Uint8Array, signature: Uint8Array): SignatureVerdict {
  if (ed25519PointDefect(signature) !== undefined) return 'malformed'
  if (!isBelow(signature.slice(32).reverse(), ed25519Order)) return 'malformed'
  return leaf.verifyEd25519(key.handle, message, signature) ? 'valid' : 'invalid'
}

function verifyEs256(key: PublicKey, message: Uint8Array, signature: Uint8Array, der?: Uint8Array): SignatureVerdict {
  if (!isP256Scalar(signature.subarray(0, 32)) || !isP256Scalar(signature.subarray(32))) return 'malformed'
  return leaf.verifyP256(key.handle, message, signature, der) ? 'valid' : 'invalid'
}

function isP256Scalar(bytes: Uint8Array): boolean {
  return isBelow(bytes, p256Order) && bytes.some((octet) => octet !== 0)
}

/** Whether the big-endian number `a` is less than `b` of the same length. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number)
  return false
}
