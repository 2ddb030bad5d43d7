import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { equalBytes } from '../core/bytes.js'
import { hashString, parseHash } from '../core/digest.js'
import { canonicalBytes } from '../core/jcs.js'
import type { JsonValue } from '../core/json.js'
import { require } from '../core/refusal.js'

const saltOctets = 32

/**
 * A hash string that stands in an action for a sensitive value: HMAC-SHA-256(salt, JCS(value)). The 32-octet salt travels outside the
 * action, to executor and approver; without it the value cannot be guessed (EP-ACT-3).
 *
 * @throws Refusal `salt_length_mismatch`
 */
export function saltedHash(salt: Uint8Array, value: JsonValue): string {
  require(salt.length === saltOctets, 'salt_length_mismatch')
  return hashString(hmac(sha256, salt, canonicalBytes(value)))
}

/** Whether `salted`, as it stands in an action, is this value under this salt. @throws Refusal `hash_malformed`, `salt_length_mismatch` */
export function isSaltedValue(salted: string, salt: Uint8Array, value: JsonValue): boolean {
  return equalBytes(parseHash(salted), parseHash(saltedHash(salt, value)))
}
