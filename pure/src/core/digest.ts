import { leaf } from '#crypto'
import { base64UrlOctets, encodeBase64Url } from './base64.js'
import { encodeHex, hexOctets } from './hex.js'
import { canonicalString } from './jcs.js'
import type { JsonValue } from './json.js'
import { Refusal } from './refusal.js'

const hashPrefix = 'sha256:'
const hashLength = hashPrefix.length + 64
const binaryPrefix = 'b64u:'

/** SHA-256: 32 octets. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return leaf.sha256(bytes)
}

/** SHA-256 over the canonical form: the 32 octets that are signed (EP-ENC-9). */
export function digestJson(value: JsonValue): Uint8Array {
  return digestCanonical(canonicalString(value))
}

/** SHA-256 of a text that `canonicalString` made (it lets no lone surrogate pass). */
export function digestCanonical(text: string): Uint8Array {
  return leaf.sha256Text(text)
}

/** H(x): the hash string of a JSON value (EP-ENC-3). */
export function hashJson(value: JsonValue): string {
  return hashCanonical(canonicalString(value))
}

/** H(x) of the canonical text of x. */
export function hashCanonical(text: string): string {
  return hashPrefix + leaf.sha256HexOfText(text)
}

/** `sha256:` and 64 lowercase hexadecimal digits. */
export function hashString(digest: Uint8Array): string {
  return hashPrefix + encodeHex(digest)
}

/** The 32 octets of a hash string. */
export function parseHash(text: string, at = ''): Uint8Array {
  const wellFormed = text.length === hashLength && text.startsWith(hashPrefix)
  const digest = wellFormed ? hexOctets(text, hashPrefix.length) : undefined
  if (digest === undefined) throw new Refusal('hash_malformed', at)
  return digest
}

/** `b64u:` and unpadded base64url (EP-ENC-4). */
export function encodeBinary(bytes: Uint8Array): string {
  return binaryPrefix + encodeBase64Url(bytes)
}

/** The octets of a binary string; may be empty. */
export function parseBinary(text: string, at = ''): Uint8Array {
  const bytes = text.startsWith(binaryPrefix) ? base64UrlOctets(text, binaryPrefix.length) : 'malformed'
  if (typeof bytes === 'string') throw new Refusal(`binary_${bytes}`, at)
  return bytes
}
