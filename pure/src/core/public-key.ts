import { leaf } from '#crypto'
import { concatBytes } from './bytes.js'
import type { KeyHandle } from './crypto-leaf.js'
import { ed25519PointDefect, isOnEdwards25519 } from './ed25519-point.js'
import { Refusal } from './refusal.js'
import { ed25519SpkiPrefix, p256CompressedSpkiPrefix, p256SpkiPrefix } from './spki.js'

/** A key that passed every check of form; `spki` is its identity: two keys are one if these octets are equal. */
export interface PublicKey {
  readonly algorithm: 'Ed25519' | 'ES256'
  readonly spki: Uint8Array
  readonly handle: KeyHandle
}

type ImportedKey = Pick<PublicKey, 'algorithm' | 'handle'>

const ed25519SpkiLength = 44
const p256SpkiLength = 91
const p256CompressedSpkiLength = 59

// Importing a key costs more than using it. Only keys that were accepted are kept, and the oldest goes first, so that
// a stream of keys costs time and never memory. The cache changes no answer.
const maxImportedKeys = 4096
const importedKeys = new Map<string, ImportedKey>()

/**
 * Takes SPKI DER of exactly 44 octets (Ed25519) or 91 (P-256, uncompressed) with the fixed prefix (EP-ENC-8).
 *
 * @throws Refusal `public_key_...`
 */
export function parsePublicKey(spki: Uint8Array, at = ''): PublicKey {
  if (spki.length > p256SpkiLength) throw lengthRefusal(spki, at)
  const name = String.fromCharCode.apply(null, spki as unknown as number[])
  let imported = importedKeys.get(name)
  if (imported === undefined) {
    imported = importSpki(spki, at)
    if (importedKeys.size >= maxImportedKeys) importedKeys.delete(importedKeys.keys().next().value as string)
    importedKeys.set(name, imported)
  }
  // A copy, so that no caller can change the octets under another one's key.
  return { algorithm: imported.algorithm, spki: spki.slice(), handle: imported.handle }
}

/** The Ed25519 key of 32 raw octets. */
export function ed25519FromRaw(raw: Uint8Array, at = ''): PublicKey {
  if (raw.length !== 32) throw new Refusal('public_key_malformed', at)
  return parsePublicKey(spkiFromEd25519(raw), at)
}

/** SPKI DER around 32 raw octets, which are not checked. */
export function spkiFromEd25519(raw: Uint8Array): Uint8Array {
  return concatBytes(ed25519SpkiPrefix, raw)
}

function importSpki(spki: Uint8Array, at: string): ImportedKey {
  if (spki.length === ed25519SpkiLength && startsWith(spki, ed25519SpkiPrefix))
    return { algorithm: 'Ed25519', handle: importEd25519(spki.slice(ed25519SpkiPrefix.length), at) }
  if (spki.length === p256SpkiLength && startsWith(spki, p256SpkiPrefix))
    return { algorithm: 'ES256', handle: importP256(spki.slice(p256SpkiPrefix.length), at) }
  throw lengthRefusal(spki, at)
}

function importEd25519(raw: Uint8Array, at: string): KeyHandle {
  const defect = ed25519PointDefect(raw)
  if (defect === 'noncanonical') throw new Refusal('public_key_point_noncanonical', at)
  if (defect === 'small_order') throw new Refusal('public_key_order_insufficient', at)
  if (!isOnEdwards25519(raw)) throw new Refusal('public_key_point_invalid', at)
  return leaf.importEd25519(raw)
}

function importP256(xy: Uint8Array, at: string): KeyHandle {
  const handle = leaf.importP256(xy)
  if (handle === undefined) throw new Refusal('public_key_point_invalid', at)
  return handle
}

function lengthRefusal(spki: Uint8Array, at: string): Refusal {
  if (startsWith(spki, p256CompressedSpkiPrefix) && spki.length === p256CompressedSpkiLength)
    return new Refusal('public_key_compressed_unsupported', at)
  const trailing =
    (startsWith(spki, ed25519SpkiPrefix) && spki.length > ed25519SpkiLength) ||
    (startsWith(spki, p256SpkiPrefix) && spki.length > p256SpkiLength)
  return new Refusal(trailing ? 'public_key_trailing_malformed' : 'public_key_malformed', at)
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((octet, i) => bytes[i] === octet)
}
