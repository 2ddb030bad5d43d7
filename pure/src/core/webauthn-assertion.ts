import { base64UrlOctets } from './base64.js'
import { concatBytes, equalBytes, utf8Encode } from './bytes.js'
import { cborMajorType, cborMap, skipCborItem } from './cbor-item.js'
import { sha256 } from './digest.js'
import { type JsonObject, type JsonValue, parseJson } from './json.js'
import type { PublicKey } from './public-key.js'
import { Refusal, require } from './refusal.js'
import { isObject } from './shape.js'
import { verifySignature, verifySignatureDer } from './signature.js'

/** The octets that an authenticator and its browser made; all of them are controlled by the presenter. */
export interface WebauthnAssertion {
  readonly authenticatorData: Uint8Array
  /** `clientDataJSON` as it was hashed. */
  readonly clientDataJson: Uint8Array
  /** DER for ES256, 64 octets for Ed25519. */
  readonly signature: Uint8Array
}

/** What the verifier pinned. Nothing of it may come from the presenter of the assertion. */
export interface ExpectedAssertion {
  /** The octets that were to be signed: for us, a 32-octet digest. */
  readonly challenge: Uint8Array
  readonly key: PublicKey
  /** Exact origins, such as `https://approve.example`; none is a refusal, not a wildcard. */
  readonly origins: readonly string[]
  /** The RP id that the key was enrolled under. */
  readonly rpId: string
  readonly pinnedRpIds: readonly string[]
}

/** What the authenticator said of itself, under its signature. Whether a synced key counts is for the caller to rule. */
export interface VerifiedAssertion {
  readonly signCount: number
  /** The credential may be copied to other devices (BE). */
  readonly backupEligible: boolean
  /** It has been (BS). */
  readonly backedUp: boolean
}

const maxClientDataOctets = 4096
const rpIdHashOctets = 32
const fixedOctets = 37
const flag = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  attested: 0x40,
  extensions: 0x80,
}

/**
 * Checks that the authenticator holding `expected.key` signed `expected.challenge` for a pinned origin and RP id, with its
 * user present and verified (EP-KEY-A; WebAuthn Level 3, section 7.2). It does not show what the user saw, and a sign count
 * says something only beside earlier ones.
 *
 * @param at - pointer of the object with the members `signature` and `webauthn: {authenticator_data, client_data_json}`
 * @throws Refusal webauthn_...
 */
export function verifyAssertion(assertion: WebauthnAssertion, expected: ExpectedAssertion, at = ''): VerifiedAssertion {
  requireClientData(assertion.clientDataJson, expected, `${at}/webauthn/client_data_json`)
  const data = assertion.authenticatorData
  const verified = requireAuthenticatorData(data, expected, `${at}/webauthn/authenticator_data`)
  requireSignature(expected.key, concatBytes(data, sha256(assertion.clientDataJson)), assertion.signature, at)
  return verified
}

function requireClientData(octets: Uint8Array, expected: ExpectedAssertion, at: string): void {
  const clientData = parseClientData(octets, at)
  require(text(clientData, 'type', at) === 'webauthn.get', 'webauthn_type_mismatch', at)
  const challenge = base64UrlOctets(text(clientData, 'challenge', at), 0)
  if (typeof challenge === 'string') throw new Refusal('webauthn_challenge_malformed', at)
  require(equalBytes(challenge, expected.challenge), 'webauthn_challenge_mismatch', at)
  require(expected.origins.length > 0, 'webauthn_origin_missing', at)
  require(expected.origins.includes(text(clientData, 'origin', at)), 'webauthn_origin_mismatch', at)
  const crossOrigin = Object.hasOwn(clientData, 'crossOrigin') ? clientData['crossOrigin'] : false
  require(typeof crossOrigin === 'boolean', 'webauthn_client_data_malformed', at)
  require(!crossOrigin, 'webauthn_cross_origin_unsupported', at)
  require(!Object.hasOwn(clientData, 'topOrigin'), 'webauthn_top_origin_unsupported', at)
}

/** Members that later browsers add are tolerated, with any number in them; two of the same name are not. */
function parseClientData(octets: Uint8Array, at: string): JsonObject {
  require(octets.length <= maxClientDataOctets, 'webauthn_client_data_too_large', at)
  const value = parseBrowserJson(octets, at)
  require(isObject(value), 'webauthn_client_data_malformed', at)
  return value
}

function parseBrowserJson(octets: Uint8Array, at: string): JsonValue {
  try {
    return parseJson(octets, { numbers: 'ecmascript' }).value
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const duplicate = error.code === 'json_member_duplicate'
    const code = duplicate ? 'webauthn_client_data_member_duplicate' : 'webauthn_client_data_malformed'
    throw new Refusal(code, at, error.message)
  }
}

function text(object: JsonObject, name: string, at: string): string {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  if (typeof value !== 'string') throw new Refusal('webauthn_client_data_malformed', at, name)
  return value
}

/** 32 octets RP id hash, 1 of flags, 4 of sign count, and what the flags announce: nothing, or one CBOR map. */
function requireAuthenticatorData(data: Uint8Array, expected: ExpectedAssertion, at: string): VerifiedAssertion {
  require(data.length >= fixedOctets, 'webauthn_authenticator_data_malformed', at)
  require(expected.pinnedRpIds.includes(expected.rpId), 'webauthn_rp_id_unknown', at)
  const rpIdHash = sha256(utf8Encode(expected.rpId))
  require(equalBytes(data.subarray(0, rpIdHashOctets), rpIdHash), 'webauthn_rp_id_mismatch', at)
  const flags = data[rpIdHashOctets]!
  const has = (bit: number) => (flags & bit) !== 0
  require(has(flag.userPresent), 'webauthn_user_presence_missing', at)
  require(has(flag.userVerified), 'webauthn_user_verification_missing', at)
  // Section 6.1: a credential that is backed up was eligible; an assertion carries no attested credential data.
  require(has(flag.backupEligible) || !has(flag.backedUp), 'webauthn_backup_state_invalid', at)
  require(!has(flag.attested), 'webauthn_attested_data_unsupported', at)
  const end = has(flag.extensions) ? endOfExtensions(data, at) : fixedOctets
  require(end === data.length, 'webauthn_authenticator_data_trailing', at)
  const signCount = new DataView(data.buffer, data.byteOffset).getUint32(rpIdHashOctets + 1)
  return { signCount, backupEligible: has(flag.backupEligible), backedUp: has(flag.backedUp) }
}

function endOfExtensions(data: Uint8Array, at: string): number {
  require(cborMajorType(data, fixedOctets) === cborMap, 'webauthn_authenticator_data_malformed', at)
  return skipCborItem(data, fixedOctets, 'webauthn_authenticator_data_malformed', at)
}

function requireSignature(key: PublicKey, message: Uint8Array, signature: Uint8Array, at: string): void {
  const verify = key.algorithm === 'ES256' ? verifySignatureDer : verifySignature
  const answer = verify(key, message, signature)
  require(answer !== 'malformed', 'webauthn_signature_malformed', `${at}/signature`)
  require(answer === 'valid', 'webauthn_signature_invalid', `${at}/signature`)
}
