import { parseJson } from '../core/json.js'
import { Refusal } from '../core/refusal.js'
import {
  array,
  boolean,
  choice,
  hash,
  type Infer,
  instant,
  integer,
  literal,
  object,
  optional,
  readShape,
  text,
} from '../core/shape.js'
import { publicKey } from './directory-leaf.js'
import { directoryId, keyId, logKeyId, logOrigin, organizationId, origin, webauthnRpId } from './identifier.js'
import { enforcementClass, keyClass } from './policy.js'

const passkeyPins = { rp_id: optional(webauthnRpId), origins: optional(array(origin, { min: 1, max: 16 })) }

const directoryKey = object({
  key_id: keyId,
  public_key: publicKey,
  custody: optional(choice(['file', 'pkcs11', 'passkey', 'operator'])),
  surface: optional(choice(['independent', 'operator'])),
  ...passkeyPins,
  not_after: optional(instant),
})
export type DirectoryKey = Infer<typeof directoryKey>

const administratorKey = object({ key_id: keyId, public_key: publicKey, ...passkeyPins })

const organizationTrust = object({
  organization: organizationId,
  accept: object({ min_key_class: keyClass, class_c: boolean, synced_passkeys: boolean }),
  log: object({
    origin: logOrigin,
    keys: array(object({ log_key_id: logKeyId, vkey: text(512) }), { min: 1, max: 16 }),
  }),
  directory: object({
    directory_id: directoryId,
    operated_by: choice(['organization', 'operator']),
    threshold: integer(1, 16),
    keys: array(directoryKey, { min: 1, max: 16 }),
  }),
  administrators: object({ m: integer(0, 16), keys: array(administratorKey, { max: 16 }) }),
  executors: optional(
    array(object({ public_key: publicKey, enforcement_class: enforcementClass }), { min: 1, max: 256 }),
  ),
  operator_keys: array(publicKey, { max: 64 }),
  webauthn: object({ origins: array(origin, { max: 16 }), rp_ids: array(webauthnRpId, { max: 16 }) }),
  policy_pins: array(hash, { max: 256 }),
  witnesses: object({ k: integer(0, 16), keys: array(text(512), { max: 64 }) }),
  compromised: array(object({ public_key: publicKey, compromised_at: instant }), { max: 1024 }),
  max_head_age_seconds: optional(integer(1, 31_536_000)),
})
export type OrganizationTrust = Infer<typeof organizationTrust>

const trustFile = object({
  type: literal('ep.trust.v1', 'type_mismatch'),
  organizations: array(organizationTrust, { min: 1, max: 256 }),
})
export type TrustFile = Infer<typeof trustFile>

/**
 * Reads a trust file: what the relying party pinned, grouped per organization; keys never combine across groups (EP-VER-2).
 * @throws Refusal with a JSON Pointer into the trust file
 */
export function parseTrust(bytes: Uint8Array): TrustFile {
  const read = readShape(trustFile, parseJson(bytes, { maxBytes: 4 * 1024 * 1024 }).value)
  const seen = new Set<string>()
  for (const [index, group] of read.organizations.entries()) {
    const at = `/organizations/${index}`
    if (seen.has(group.organization)) throw new Refusal('trust_organization_duplicate', `${at}/organization`)
    seen.add(group.organization)
    if (group.directory.operated_by === 'operator' && group.administrators.m === 0)
      throw new Refusal('trust_administrators_missing', `${at}/administrators/m`)
    if (group.administrators.m > group.administrators.keys.length)
      throw new Refusal('trust_administrators_insufficient', `${at}/administrators/m`)
    if (group.directory.threshold > group.directory.keys.length)
      throw new Refusal('trust_threshold_insufficient', `${at}/directory/threshold`)
    if (group.witnesses.k > group.witnesses.keys.length)
      throw new Refusal('trust_witnesses_insufficient', `${at}/witnesses/k`)
  }
  return read
}
