import { generateKeyPairSync } from 'node:crypto'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import { type JsonObject, parseJson } from '@countersign/pure/core/json'
import { formatVerifierKey, noteAlgorithm } from '@countersign/pure/core/note'
import { Refusal } from '@countersign/pure/core/refusal'
import { isObject } from '@countersign/pure/core/shape'
import { pinTrust, type TrustGroup } from '@countersign/pure/ep/pinned-trust'
import type { OrganizationTrust } from '@countersign/pure/ep/trust'

const type = 'ep.organization.v1'

/**
 * What an organization says of itself: its group of a trust file, without the keys of a log that some operator will run for it.
 * It is public. A server adds its own log key; relying parties are given the log key with it.
 */
export type Pins = Omit<OrganizationTrust, 'log'> & { readonly log: { readonly origin: string } }

export interface LogKeyPin {
  readonly log_key_id: string
  readonly vkey: string
}

/** Reads `organization.json`, as strictly as a trust file is read. @throws Refusal with a pointer */
export function parsePins(bytes: Uint8Array): Pins {
  const read = parseJson(bytes, { maxBytes: 4 * 1024 * 1024 }).value
  if (!isObject(read) || read['type'] !== type) throw new Refusal('type_mismatch', '/type')
  const { type: _type, ...members } = read
  const { log } = members
  if (!isObject(log) || typeof log['origin'] !== 'string') throw new Refusal('member_missing', '/log/origin')
  if (Object.keys(log).length > 1) throw new Refusal('member_unknown', '/log')
  const pins = members as unknown as Pins
  try {
    pinGroup(pins)
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(error.code, error.at.replace('/organizations/0', '')) : error
  }
  return pins
}

/** `organization.json`, for people too. */
export function formatPins(pins: Pins): Uint8Array {
  return utf8Encode(`${JSON.stringify({ type, ...pins }, null, 2)}\n`)
}

/**
 * The trust file that these pins and the keys of a log make together.
 *
 * @param logKeys - what a relying party got from the operator and compared, or a server's own
 * @throws Refusal as `pinTrust`
 */
export function trustOf(
  pins: Pins,
  logKeys: readonly LogKeyPin[],
): { readonly bytes: Uint8Array; readonly group: TrustGroup } {
  const { log, ...members } = pins
  const file = { type: 'ep.trust.v1', organizations: [{ ...members, log: { origin: log.origin, keys: logKeys } }] }
  const bytes = canonicalBytes(file as unknown as JsonObject)
  return { bytes, group: pinTrust(bytes).groups.get(pins.organization)! }
}

/** The parsed keys of the organization, for judging its own directory: heads and attestations are no affair of a log. */
export function pinGroup(pins: Pins): TrustGroup {
  return trustOf(pins, [{ log_key_id: 'ep:log:unpinned#1', vkey: keyOfNobody(pins.log.origin) }]).group
}

// A trust file cannot be read without a log key. The private half of this one is gone with this line: nothing verifies with it.
function keyOfNobody(origin: string): string {
  const spki = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' })
  return formatVerifierKey(origin, new Uint8Array(spki.subarray(-32)), noteAlgorithm)
}
