import { encodeBase64Url } from '@countersign/pure/core/base64'
import { concatBytes, utf8Encode } from '@countersign/pure/core/bytes'
import { sha256 } from '@countersign/pure/core/digest'
import { ed25519SpkiPrefix, p256SpkiPrefix } from '@countersign/pure/core/spki'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha512 } from '@noble/hashes/sha2.js'

/**
 * A WebAuthn authenticator and the browser before it, in software, on one seed: the same seed gives the same key and the
 * same octets (ES256 by RFC 6979, Ed25519 by RFC 8032). It signs whatever it is told to, so that assertions which no
 * honest device makes can be made too.
 */

/** The bits of the flags octet in authenticator data (WebAuthn, section 6.1). */
export const authenticatorFlags = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  attestedData: 0x40,
  extensionData: 0x80,
} as const

export type AuthenticatorAlgorithm = 'ES256' | 'Ed25519'

/** What to sign; everything but the first two says what an honest device and browser say unless it is given. */
export interface AssertionRequest {
  readonly challenge: Uint8Array
  readonly origin: string
  readonly type?: string
  /** User present and verified, unless given. */
  readonly flags?: number
  readonly signCount?: number
  /** Another RP id than the authenticator's own. */
  readonly rpId?: string
  readonly crossOrigin?: unknown
  readonly topOrigin?: unknown
  /** Members put behind the known ones, replacing those of the same name. */
  readonly extraClientData?: Readonly<Record<string, unknown>>
  /** The octets of clientDataJSON themselves, instead of all of the above that goes into them. */
  readonly rawClientData?: Uint8Array
  /** Octets behind the sign count; the flag that announces them is the caller's affair. */
  readonly extensions?: Uint8Array
}

export interface Assertion {
  readonly authenticatorData: Uint8Array
  readonly clientDataJson: Uint8Array
  readonly signature: Uint8Array
}

export interface Authenticator {
  readonly algorithm: AuthenticatorAlgorithm
  readonly rpId: string
  /** SPKI DER: 91 octets (ES256) or 44 (Ed25519). */
  readonly publicKeySpki: Uint8Array
  assert(request: AssertionRequest): Assertion
  /** Signs any octets as an assertion signature: DER for ES256, 64 octets for Ed25519. */
  sign(message: Uint8Array): Uint8Array
}

export function makeAuthenticator(options: {
  readonly seed: string
  readonly algorithm: AuthenticatorAlgorithm
  readonly rpId: string
}): Authenticator {
  const { seed, algorithm, rpId } = options
  const key = makeKey(algorithm, sha512(utf8Encode(`countersign simulator authenticator\n${algorithm}\n${seed}`)))
  return {
    algorithm,
    rpId,
    publicKeySpki: key.spki,
    sign: key.sign,
    assert: (request) => {
      const authenticatorData = authenticatorDataOf(request, rpId)
      const clientDataJson = request.rawClientData ?? clientDataOf(request)
      const signature = key.sign(concatBytes(authenticatorData, sha256(clientDataJson)))
      return { authenticatorData, clientDataJson, signature }
    },
  }
}

function authenticatorDataOf(request: AssertionRequest, ownRpId: string): Uint8Array {
  const { userPresent, userVerified } = authenticatorFlags
  const tail = new Uint8Array(5)
  tail[0] = request.flags ?? userPresent | userVerified
  new DataView(tail.buffer).setUint32(1, request.signCount ?? 0)
  return concatBytes(sha256(utf8Encode(request.rpId ?? ownRpId)), tail, request.extensions ?? new Uint8Array(0))
}

/** The serialization that browsers use: these members first, in this order (WebAuthn, section 5.8.1.1). */
function clientDataOf(request: AssertionRequest): Uint8Array {
  const members = {
    type: request.type ?? 'webauthn.get',
    challenge: encodeBase64Url(request.challenge),
    origin: request.origin,
    crossOrigin: request.crossOrigin ?? false,
    ...(request.topOrigin === undefined ? {} : { topOrigin: request.topOrigin }),
    ...request.extraClientData,
  }
  return utf8Encode(JSON.stringify(members))
}

interface SigningKey {
  readonly spki: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

function makeKey(algorithm: AuthenticatorAlgorithm, seed64: Uint8Array): SigningKey {
  if (algorithm === 'Ed25519') {
    const secret = seed64.slice(0, 32)
    return {
      spki: concatBytes(ed25519SpkiPrefix, ed25519.getPublicKey(secret)),
      sign: (message) => ed25519.sign(message, secret),
    }
  }
  const secret = p256.utils.randomSecretKey(seed64.slice(0, 48))
  return {
    spki: concatBytes(p256SpkiPrefix, p256.getPublicKey(secret, false).slice(1)),
    sign: (message) => p256.sign(message, secret, { lowS: false, format: 'der' }),
  }
}
