import { encodeBinary, parseBinary } from '../core/digest.js'
import { parseInstant } from '../core/instant.js'
import { parseVerifierKey, type VerifierKey } from '../core/note.js'
import { attempt, type Result } from '../core/outcome.js'
import { type PublicKey, parsePublicKey } from '../core/public-key.js'
import { Refusal } from '../core/refusal.js'
import type { EnforcementClass } from './policy.js'
import type { WebauthnPins } from './sealed.js'
import { type OrganizationTrust, parseTrust } from './trust.js'

/** A key that the organization pinned: for heads or for attestations. */
export interface PinnedKey {
  readonly key: PublicKey
  /** Present for a passkey: the seal must be a WebAuthn assertion for these. */
  readonly pins?: WebauthnPins
  /** Held by the operator, or custody not stated: what it signs alone is the operator's word (EP-DIR-4). */
  readonly operatorHeld: boolean
  readonly surface: 'independent' | 'operator'
  readonly notAfter?: number
}

/** One organization's group of a trust file with its keys parsed; keys never combine across groups (EP-VER-2). */
export interface TrustGroup {
  readonly file: OrganizationTrust
  readonly logKeys: ReadonlyMap<string, VerifierKey>
  readonly directoryKeys: ReadonlyMap<string, PinnedKey>
  readonly administrators: ReadonlyMap<string, PinnedKey>
  /** Binary strings of SPKI that the operator holds: its own keys and the log's. */
  readonly operatorKeys: ReadonlySet<string>
  readonly executors?: ReadonlyMap<string, EnforcementClass>
  readonly witnesses: ReadonlyMap<string, VerifierKey>
  readonly policyPins: ReadonlySet<string>
  /** Binary string of SPKI to the instant (ms) from which the key counts as compromised. */
  readonly compromised: ReadonlyMap<string, number>
}

export interface PinnedTrust {
  readonly groups: ReadonlyMap<string, TrustGroup>
}

/** Reads a trust file and parses every key in it, once. Never throws. */
export function readTrust(bytes: Uint8Array): Result<PinnedTrust> {
  return attempt(() => pinTrust(bytes))
}

/** @throws Refusal with a JSON Pointer into the trust file */
export function pinTrust(bytes: Uint8Array): PinnedTrust {
  const file = parseTrust(bytes)
  const groups = file.organizations.map(
    (group, index) => [group.organization, pinGroup(group, `/organizations/${index}`)] as const,
  )
  return { groups: new Map(groups) }
}

function pinGroup(file: OrganizationTrust, at: string): TrustGroup {
  const logKeys = new Map<string, VerifierKey>()
  for (const [index, { log_key_id, vkey }] of file.log.keys.entries()) {
    const here = `${at}/log/keys/${index}`
    const key = parseVerifierKey(vkey, `${here}/vkey`)
    if (key.algorithm !== 0x01) throw new Refusal('trust_log_key_unsupported', `${here}/vkey`)
    if (key.name !== file.log.origin) throw new Refusal('trust_log_key_mismatch', `${here}/vkey`)
    insert(logKeys, log_key_id, key, here)
  }
  const operatorKeys = new Set(file.operator_keys)
  for (const key of logKeys.values()) operatorKeys.add(encodeBinary(key.publicKey.spki))
  const directoryKeys = new Map<string, PinnedKey>()
  for (const [index, key] of file.directory.keys.entries()) {
    const here = `${at}/directory/keys/${index}`
    insert(directoryKeys, key.key_id, pinKey(key, operatorKeys, here), here)
  }
  const administrators = new Map<string, PinnedKey>()
  for (const [index, key] of file.administrators.keys.entries()) {
    const here = `${at}/administrators/keys/${index}`
    insert(administrators, key.key_id, pinKey({ ...key, custody: 'file' }, operatorKeys, here), here)
  }
  const witnesses = new Map<string, VerifierKey>()
  for (const [index, vkey] of file.witnesses.keys.entries()) {
    const here = `${at}/witnesses/keys/${index}`
    const key = parseVerifierKey(vkey, here)
    if (key.algorithm !== 0x04) throw new Refusal('trust_witness_key_unsupported', here)
    if (file.compromised.some(({ public_key }) => public_key === encodeBinary(key.publicKey.spki)))
      throw new Refusal('trust_witness_key_compromised', here)
    insert(witnesses, key.name, key, here)
  }
  requireDistinct([...directoryKeys.values()], 'trust_directory_key_duplicate', `${at}/directory/keys`)
  requireDistinct([...administrators.values()], 'trust_administrator_key_duplicate', `${at}/administrators/keys`)
  requireDistinct(
    [...witnesses.values()].map(({ publicKey }) => ({ key: publicKey })),
    'trust_witness_key_duplicate',
    `${at}/witnesses/keys`,
  )
  return {
    file,
    logKeys,
    directoryKeys,
    administrators,
    operatorKeys,
    ...(file.executors === undefined ? {} : { executors: pinExecutors(file.executors, `${at}/executors`) }),
    witnesses,
    policyPins: new Set(file.policy_pins),
    compromised: earliest(file.compromised),
  }
}

function pinExecutors(pins: NonNullable<OrganizationTrust['executors']>, at: string): Map<string, EnforcementClass> {
  const pinned = new Map(pins.map((executor) => [executor.public_key, executor.enforcement_class]))
  if (pinned.size < pins.length) throw new Refusal('trust_executor_key_duplicate', at)
  return pinned
}

function earliest(list: OrganizationTrust['compromised']): Map<string, number> {
  const from = new Map<string, number>()
  for (const { public_key, compromised_at } of list)
    from.set(public_key, Math.min(from.get(public_key) ?? Number.POSITIVE_INFINITY, parseInstant(compromised_at)))
  return from
}

type KeyMember = Omit<OrganizationTrust['directory']['keys'][number], 'key_id'>

function pinKey(member: KeyMember, operatorKeys: ReadonlySet<string>, at: string): PinnedKey {
  if ((member.rp_id === undefined) !== (member.origins === undefined))
    throw new Refusal('trust_passkey_pins_malformed', at)
  if (member.custody === 'passkey' && member.rp_id === undefined) throw new Refusal('trust_passkey_pins_missing', at)
  return {
    key: parsePublicKey(parseBinary(member.public_key), `${at}/public_key`),
    ...(member.rp_id === undefined
      ? {}
      : { pins: { rpId: member.rp_id, pinnedRpIds: [member.rp_id], origins: member.origins! } }),
    operatorHeld: member.custody === undefined || member.custody === 'operator' || operatorKeys.has(member.public_key),
    surface: member.surface ?? 'operator',
    ...(member.not_after === undefined ? {} : { notAfter: parseInstant(member.not_after) }),
  }
}

function insert<T>(into: Map<string, T>, id: string, value: T, at: string): void {
  if (into.has(id)) throw new Refusal('trust_key_id_duplicate', at)
  into.set(id, value)
}

// A threshold counts keys, not names of keys.
function requireDistinct(keys: readonly Pick<PinnedKey, 'key'>[], code: string, at: string): void {
  if (new Set(keys.map((pinned) => encodeBinary(pinned.key.spki))).size < keys.length) throw new Refusal(code, at)
}
