import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import type { CryptoLeaf, KeyHandle } from './crypto-leaf.js'
import { ed25519SpkiPrefix, p256SpkiPrefix } from './spki.js'

/** The leaf for Node: OpenSSL, with key objects made once and kept by the caller. */
export const leaf: CryptoLeaf = {
  sha256: (data) => octets(hash('sha256', data, 'buffer')),
  // OpenSSL takes any 32 octets here; the caller has checked that they are a point.
  importEd25519: (raw) => handleOf(importSpki(ed25519SpkiPrefix, raw)),
  importP256: (xy) => {
    try {
      return handleOf(importSpki(p256SpkiPrefix, xy))
    } catch {
      return undefined // OpenSSL decodes the point, and refuses one that is not on the curve
    }
  },
  verifyEd25519: (key, message, signature) => verify(null, message, keyOf(key), signature),
  verifyP256: (key, message, signature) =>
    verify('sha256', message, { key: keyOf(key), dsaEncoding: 'ieee-p1363' }, signature),
}

function importSpki(prefix: Uint8Array, point: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([prefix, point]), format: 'der', type: 'spki' })
}

function handleOf(key: KeyObject): KeyHandle {
  return { __leaf: key }
}

function keyOf(handle: KeyHandle): KeyObject {
  return handle.__leaf as KeyObject
}

/** A Buffer is a Uint8Array whose `slice` shares memory; both leaves answer with the plain kind. */
function octets(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
