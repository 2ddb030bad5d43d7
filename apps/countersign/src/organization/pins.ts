import { generateKeyPairSync } from 'node:crypto'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { parseJson } from '@countersign/pure/core/json'
import { formatVerifierKey, noteAlgorithm } from '@countersign/pure/core/note'
import { Refusal } from '@countersign/pure/core/refusal'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { type OrganizationFile, onlyGroup, readOrganizationFile, trustFileOf } from '../server/organization-file.js'

/** Reads `organization.json`, as strictly as a trust file is read. @throws Refusal with a pointer */
export function parsePins(bytes: Uint8Array): OrganizationFile {
  pinGroup(bytes)
  return parseJson(bytes, { maxBytes: bytes.length }).value as unknown as OrganizationFile
}

/** `organization.json`, for people too. @throws Refusal for pins that nobody could read again */
export function formatPins(pins: OrganizationFile): Uint8Array {
  const bytes = utf8Encode(`${JSON.stringify(pins, null, 2)}\n`)
  pinGroup(bytes)
  return bytes
}

/** The parsed keys of the organization, for judging its own directory: heads and attestations are no affair of a log. */
export function pinGroup(bytes: Uint8Array): TrustGroup {
  const { origin } = readOrganizationFile(bytes)
  try {
    return onlyGroup(trustFileOf(bytes, [{ log_key_id: 'ep:log:unpinned#1', vkey: keyOfNobody(origin) }]))
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(error.code, error.at.replace('/organizations/0', '')) : error
  }
}

// A trust file cannot be read without a log key. The private half of this one is gone with this line: nothing verifies with it.
function keyOfNobody(origin: string): string {
  const spki = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' })
  return formatVerifierKey(origin, new Uint8Array(spki.subarray(-32)), noteAlgorithm)
}
