import { parseBinary, sha256 } from '../core/digest.js'
import { canonicalBytes } from '../core/jcs.js'
import type { JsonValue } from '../core/json.js'
import type { PublicKey } from '../core/public-key.js'
import { into, Refusal } from '../core/refusal.js'
import { array, binary, type Infer, object, optional, type Shape } from '../core/shape.js'
import { verifySignature } from '../core/signature.js'
import { verifyAssertion } from '../core/webauthn-assertion.js'
import { keyId } from './identifier.js'

export const webauthnMember = object({
  authenticator_data: binary(37, 1024),
  client_data_json: binary(1, 4096),
})
export type WebauthnMember = Infer<typeof webauthnMember>

const sealedSignature = object({ key_id: keyId, signature: binary(8, 80), webauthn: optional(webauthnMember) })
export type SealedSignature = Infer<typeof sealedSignature>

export interface Sealed<B> {
  readonly body: B
  readonly signatures: readonly SealedSignature[]
}

/** EP-ENC-9: a body and signatures over it by ascending unique key_id. */
export function sealed<B>(body: Shape<B>): Shape<Sealed<B>> {
  const outer = object({ body, signatures: array(sealedSignature, { min: 1, max: 16 }) })
  return {
    read(value, path) {
      const read = outer.read(value, path) as Sealed<B>
      for (let index = 1; index < read.signatures.length; index += 1) {
        if (read.signatures[index - 1]!.key_id < read.signatures[index]!.key_id) continue
        const at = [...path, 'signatures', index, 'key_id'].reduce<string>(into, '')
        throw new Refusal('sealed_signature_order_invalid', at)
      }
      return read
    },
  }
}

/** The 32 octets that every seal signs: SHA-256(JCS(body)). */
export function sealMessage(body: unknown): Uint8Array {
  return sha256(canonicalBytes(body as JsonValue))
}

/** Origins and RP id that the relying party pinned for a WebAuthn credential; absent for keys that sign directly. */
export interface WebauthnPins {
  readonly rpId: string
  readonly pinnedRpIds: readonly string[]
  readonly origins: readonly string[]
}

/**
 * Verifies one signature of a seal by `key`. Codes: `<noun>_signature_malformed`, `<noun>_signature_invalid`,
 * `<noun>_webauthn_missing` (the key is pinned as a passkey), `<noun>_webauthn_unknown` (it is not), or a `webauthn_*` code.
 */
export function verifySeal(
  noun: string,
  message: Uint8Array,
  signature: SealedSignature,
  key: PublicKey,
  at: string,
  pins?: WebauthnPins,
): void {
  if (pins !== undefined) {
    if (signature.webauthn === undefined) throw new Refusal(`${noun}_webauthn_missing`, at)
    verifyAssertion(
      assertionOf(signature.signature, signature.webauthn),
      { challenge: message, key, origins: pins.origins, rpId: pins.rpId, pinnedRpIds: pins.pinnedRpIds },
      at,
    )
    return
  }
  if (signature.webauthn !== undefined) throw new Refusal(`${noun}_webauthn_unknown`, `${at}/webauthn`)
  const verdict = verifySignature(key, message, parseBinary(signature.signature))
  if (verdict !== 'valid') throw new Refusal(`${noun}_signature_${verdict}`, `${at}/signature`)
}

export function assertionOf(signature: string, webauthn: WebauthnMember) {
  return {
    authenticatorData: parseBinary(webauthn.authenticator_data),
    clientDataJson: parseBinary(webauthn.client_data_json),
    signature: parseBinary(signature),
  }
}
