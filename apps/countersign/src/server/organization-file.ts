import { canonicalBytes } from '@countersign/pure/core/jcs'
import { type JsonObject, parseJson } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import { isObject } from '@countersign/pure/core/shape'
import { pinTrust, type TrustGroup } from '@countersign/pure/ep/pinned-trust'
import type { OrganizationTrust } from '@countersign/pure/ep/trust'

export const organizationFileType = 'ep.organization.v1'

/**
 * What an organization hands to its operator: its group of a trust file before the log has a key. Members as in section 12, with
 * `log: {origin}` alone.
 */
export type OrganizationFile = Omit<OrganizationTrust, 'log'> & {
  readonly type: typeof organizationFileType
  readonly log: { readonly origin: string }
}

/** A key of the log as a trust file names it. */
export interface LogKeyMember {
  readonly log_key_id: string
  readonly vkey: string
}

/** What has to be known before the log key can be made. @throws Refusal with a pointer into the file */
export function readOrganizationFile(bytes: Uint8Array): { readonly organization: string; readonly origin: string } {
  const { file, log } = openFile(bytes)
  const { organization } = file
  if (typeof organization !== 'string') throw new Refusal('member_missing', '/organization')
  if (typeof log['origin'] !== 'string') throw new Refusal('member_missing', '/log/origin')
  return { organization, origin: log['origin'] }
}

/**
 * The trust file that the organization's pins and the log's keys make together: for this server, and for every relying party.
 *
 * @throws Refusal with a pointer into that trust file
 */
export function trustFileOf(bytes: Uint8Array, keys: readonly LogKeyMember[]): Uint8Array {
  const { file, log } = openFile(bytes)
  const { type: _type, ...group } = file
  const trust = { type: 'ep.trust.v1', organizations: [{ ...group, log: { ...log, keys: keys as never } }] }
  const trustBytes = canonicalBytes(trust as unknown as JsonObject)
  pinTrust(trustBytes)
  return trustBytes
}

/** The one group of a trust file made by `trustFileOf`. */
export function onlyGroup(trustBytes: Uint8Array): TrustGroup {
  const [group] = [...pinTrust(trustBytes).groups.values()]
  return group!
}

function openFile(bytes: Uint8Array): { file: JsonObject; log: JsonObject } {
  const file = parseJson(bytes, { maxBytes: 4 * 1024 * 1024 }).value
  if (!isObject(file)) throw new Refusal('member_type_mismatch')
  if (file['type'] !== organizationFileType) throw new Refusal('type_mismatch', '/type')
  const log = file['log']
  if (!isObject(log)) throw new Refusal('member_type_mismatch', '/log')
  if (Object.hasOwn(log, 'keys')) throw new Refusal('member_unknown', '/log/keys')
  return { file, log }
}
