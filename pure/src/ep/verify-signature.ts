import { parseBinary } from '../core/digest.js'
import { type PublicKey, parsePublicKey } from '../core/public-key.js'
import { Refusal } from '../core/refusal.js'
import { verifySignature } from '../core/signature.js'
import { verifyAssertion } from '../core/webauthn-assertion.js'
import type { EnrollmentEntry } from './directory-leaf.js'
import type { TrustGroup } from './pinned-trust.js'
import type { KeyClass } from './policy.js'
import { assertionOf, type WebauthnMember } from './sealed.js'

/** The members that a signoff and a denial share: one approver's signature over 32 octets. */
export interface ApproverSignature {
  readonly signature: string
  readonly key_class: KeyClass
  readonly approver_key_id: string
  readonly webauthn?: WebauthnMember
  readonly psea?: { readonly token: string }
}

/** What a signature counts for, and what the authenticator said of itself. */
export interface JudgedSignature {
  /** The entry's class; C where the operator holds the key. */
  readonly keyClass: KeyClass
  readonly signCount?: number
}

/**
 * Verifies one approver's signature by the key that the organization enrolled: class, key id, algorithm, WebAuthn checks
 * (EP-KEY-A, B, C, X; EP-SIG-1). The presenter decides nothing: class, key, RP id and origins come from entry and trust file.
 */
export function verifyApproverSignature(
  signed: ApproverSignature,
  digest: Uint8Array,
  entry: EnrollmentEntry,
  group: TrustGroup,
  at: string,
): JudgedSignature {
  if (signed.psea !== undefined) throw new Refusal('psea_unsupported', `${at}/psea`)
  if (signed.approver_key_id !== entry.key_id) throw new Refusal('signoff_key_id_mismatch', `${at}/approver_key_id`)
  if (signed.key_class !== entry.key_class) throw new Refusal('signoff_key_class_mismatch', `${at}/key_class`)
  const key = parsePublicKey(parseBinary(entry.public_key), at)
  const operatorHeld = entry.key_class === 'C' || group.operatorKeys.has(entry.public_key)
  if (operatorHeld && !group.file.accept.class_c) throw new Refusal('assurance_insufficient', `${at}/key_class`)
  const counts = operatorHeld ? 'C' : entry.key_class
  if (entry.key_class === 'A') {
    const { signCount } = verifyPasskey(signed, digest, key, entry, group, at)
    return { keyClass: counts, signCount }
  }
  if (signed.webauthn !== undefined) throw new Refusal('signoff_webauthn_unknown', `${at}/webauthn`)
  if (key.algorithm !== 'Ed25519') throw new Refusal('signoff_key_algorithm_mismatch', `${at}/signature`)
  const verdict = verifySignature(key, digest, parseBinary(signed.signature))
  if (verdict !== 'valid') throw new Refusal(`signoff_signature_${verdict}`, `${at}/signature`)
  return { keyClass: counts }
}

function verifyPasskey(
  signed: ApproverSignature,
  digest: Uint8Array,
  key: PublicKey,
  entry: EnrollmentEntry,
  group: TrustGroup,
  at: string,
): { signCount: number } {
  if (signed.webauthn === undefined) throw new Refusal('signoff_webauthn_missing', at)
  if (entry.rp_id === undefined) throw new Refusal('signoff_rp_id_missing', at)
  const verified = verifyAssertion(
    assertionOf(signed.signature, signed.webauthn),
    {
      challenge: digest,
      key,
      origins: group.file.webauthn.origins,
      rpId: entry.rp_id,
      pinnedRpIds: group.file.webauthn.rp_ids,
    },
    at,
  )
  const synced = verified.backupEligible || entry.backup_eligible === true
  if (synced && !group.file.accept.synced_passkeys)
    throw new Refusal('passkey_backup_eligible_unsupported', `${at}/webauthn`)
  return { signCount: verified.signCount }
}
