import { createPublicKey, hash, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import { encodeBase64Url } from './base64.js'
import type { CryptoLeaf, KeyHandle } from './crypto-leaf.js'

/**
 * The leaf for Node: OpenSSL, with key objects made once and kept by the caller. Keys enter as JWK, which OpenSSL
 * takes several times faster than DER.
 */
export const leaf: CryptoLeaf = {
  sha256: (data) => octets(hash('sha256', data, 'binary')),
  sha256Text: (text) => octets(hash('sha256', text, 'binary')),
  sha256HexOfText: (text) => hash('sha256', text, 'hex'),
  // OpenSSL takes any 32 octets here; the caller has checked that they are a point.
  importEd25519: (raw) => importJwk({ kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(raw) }),
  importP256: (xy) => {
    const [x, y] = [encodeBase64Url(xy.subarray(0, 32)), encodeBase64Url(xy.subarray(32))]
    try {
      return importJwk({ kty: 'EC', crv: 'P-256', x, y })
    } catch {
      return undefined // not reduced, or not on the curve
    }
  },
  verifyEd25519: (key, message, signature) => verify(null, message, keyOf(key), signature),
  verifyP256: (key, message, signature, der) =>
    der === undefined
      ? verify('sha256', message, { key: keyOf(key), dsaEncoding: 'ieee-p1363' }, signature)
      : verify('sha256', message, keyOf(key), der),
}

function importJwk(key: JsonWebKey): KeyHandle {
  return { __leaf: createPublicKey({ key, format: 'jwk' }) }
}

function keyOf(handle: KeyHandle): KeyObject {
  return handle.__leaf as KeyObject
}

/** A digest that came as text of one character an octet: twice as fast as asking for a Buffer, whose memory stands outside the heap. */
function octets(latin1: string): Uint8Array {
  const digest = new Uint8Array(latin1.length)
  for (let i = 0; i < digest.length; i += 1) digest[i] = latin1.charCodeAt(i)
  return digest
}
