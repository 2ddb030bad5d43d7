import { utf8Encode } from '@countersign/pure/core/bytes'
import { encodeBinary, sha256 } from '@countersign/pure/core/digest'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import { ed25519SpkiPrefix, p256SpkiPrefix } from '@countersign/pure/core/spki'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha512 } from '@noble/hashes/sha2.js'
import {
  type AssertionRequest,
  type Authenticator,
  type AuthenticatorAlgorithm,
  makeAuthenticator,
} from './authenticator.js'

/** The members that a signature adds to the object that carries it. */
export type SignatureMembers = {
  readonly signature: string
  readonly webauthn?: { readonly authenticator_data: string; readonly client_data_json: string }
}

/** Whoever signs digests in a world: approver, administrator, directory key, initiator, executor. */
export interface Signer {
  readonly keyId: string
  /** SPKI as a binary string. */
  readonly publicKey: string
  /** Signs the 32 octets of a digest. */
  sign(digest: Uint8Array): SignatureMembers
}

/** A key that signs octets directly: also notes of a log or a witness. */
export interface SoftwareKey extends Signer {
  /** 32 octets of an Ed25519 point, 64 of a P-256 one. */
  readonly raw: Uint8Array
  signOctets(message: Uint8Array): Uint8Array
}

/** A key from a seed: the same seed gives the same key and the same signatures. ES256 signatures are r || s. */
export function softwareKey(keyId: string, seed: string, algorithm: AuthenticatorAlgorithm = 'Ed25519'): SoftwareKey {
  const { prefix, raw, signOctets } = keyOf(seed, algorithm)
  const spki = new Uint8Array([...prefix, ...raw])
  const sign = (digest: Uint8Array) => ({ signature: encodeBinary(signOctets(digest)) })
  return { keyId, publicKey: encodeBinary(spki), raw, signOctets, sign }
}

/** A passkey of the software authenticator; `request` says what no honest device would. */
export interface PasskeySigner extends Signer {
  readonly authenticator: Authenticator
  with(request: Partial<AssertionRequest>): PasskeySigner
}

export function passkeySigner(
  keyId: string,
  options: {
    readonly seed: string
    readonly algorithm?: AuthenticatorAlgorithm
    readonly rpId: string
    readonly origin: string
    readonly request?: Partial<AssertionRequest>
  },
): PasskeySigner {
  const { seed, algorithm = 'ES256', rpId, origin, request } = options
  const authenticator = makeAuthenticator({ seed, algorithm, rpId })
  return {
    keyId,
    publicKey: encodeBinary(authenticator.publicKeySpki),
    authenticator,
    with: (more) => passkeySigner(keyId, { ...options, request: { ...request, ...more } }),
    sign: (challenge) => {
      const assertion = authenticator.assert({ challenge, origin, signCount: 1, ...request })
      return {
        signature: encodeBinary(assertion.signature),
        webauthn: {
          authenticator_data: encodeBinary(assertion.authenticatorData),
          client_data_json: encodeBinary(assertion.clientDataJson),
        },
      }
    },
  }
}

/** EP-ENC-9: the body and signatures over SHA-256(JCS(body)) by ascending key_id. */
export function seal(body: JsonObject, ...signers: readonly Signer[]): JsonObject {
  const digest = sha256(canonicalBytes(body))
  const signatures = signers.map((signer) => ({ key_id: signer.keyId, ...signer.sign(digest) }) as JsonObject)
  signatures.sort((left, right) => (String(left['key_id']) < String(right['key_id']) ? -1 : 1))
  return { body, signatures }
}

/** Octets that look random and come from a label alone: nonces, salts, ids. */
export function octetsOf(label: string, length: number): Uint8Array {
  return sha512(utf8Encode(`countersign simulator octets\n${label}`)).slice(0, length)
}

function secretOf(seed: string): Uint8Array {
  return sha512(utf8Encode(`countersign simulator key\n${seed}`))
}

// Deriving a key costs as much as a signature, and worlds ask for the same ones again and again.
const derived = new Map<string, ReturnType<typeof ed25519Key>>()

function keyOf(seed: string, algorithm: AuthenticatorAlgorithm) {
  const name = `${algorithm} ${seed}`
  const known = derived.get(name) ?? (algorithm === 'Ed25519' ? ed25519Key(seed) : p256Key(seed))
  if (derived.size < 4096) derived.set(name, known)
  return known
}

function ed25519Key(seed: string) {
  const secret = secretOf(seed).slice(0, 32)
  const raw = ed25519.getPublicKey(secret)
  return { prefix: ed25519SpkiPrefix, raw, signOctets: (message: Uint8Array) => ed25519.sign(message, secret) }
}

function p256Key(seed: string) {
  const secret = p256.utils.randomSecretKey(secretOf(seed).slice(0, 48))
  const raw = p256.getPublicKey(secret, false).slice(1)
  const signOctets = (message: Uint8Array) => p256.sign(message, secret, { lowS: false })
  return { prefix: p256SpkiPrefix, raw, signOctets }
}
