import { encodeBinary } from '../core/digest.js'
import { parseInstant } from '../core/instant.js'
import { Refusal } from '../core/refusal.js'
import { type LoggedBefore, neverLogged, requireUncompromised } from './compromise.js'
import type { DirectoryLeaf } from './directory-leaf.js'
import type { Hashes } from './hashes.js'
import type { TrustGroup } from './pinned-trust.js'
import { verifySeal } from './sealed.js'

/**
 * Verifies the second-party attestations of an entry (EP-DIR-3): each by a pinned administrator, m distinct ones where the
 * trust file asks for them. `head_hash` is judged where an entry first appears (head signer, server, audit), not here.
 *
 * @param issuedAt - ms; an entry attested later did not count yet
 */
export function verifyAttestations(
  leaf: DirectoryLeaf,
  group: TrustGroup,
  hashes: Hashes,
  issuedAt: number,
  at: string,
  loggedBefore: LoggedBefore = neverLogged,
): void {
  const administrators = new Set<string>()
  for (const [index, attestation] of leaf.attestations.entries()) {
    const here = `${at}/attestations/${index}`
    const { body } = attestation
    if (body.by === 'approvers') throw new Refusal('attestation_quorum_unsupported', `${here}/body/by`)
    if (body.directory_id !== leaf.entry.directory_id)
      throw new Refusal('attestation_directory_mismatch', `${here}/body/directory_id`)
    if (body.entry_hash !== hashes.hash(leaf.entry))
      throw new Refusal('attestation_entry_mismatch', `${here}/body/entry_hash`)
    if (parseInstant(body.at) > issuedAt) throw new Refusal('attestation_at_invalid', `${here}/body/at`)
    const message = hashes.digest(body)
    for (const [position, signature] of attestation.signatures.entries()) {
      const there = `${here}/signatures/${position}`
      const pinned = group.administrators.get(signature.key_id)
      if (pinned === undefined) throw new Refusal('attestation_administrator_unknown', `${there}/key_id`)
      if (pinned.operatorHeld) throw new Refusal('attestation_administrator_insufficient', `${there}/key_id`)
      verifySeal('attestation', message, signature, pinned.key, there, pinned.pins)
      const compromised = group.compromised.get(encodeBinary(pinned.key.spki))
      requireUncompromised(compromised, loggedBefore, 'attestation_key_compromised', there)
      administrators.add(signature.key_id)
    }
  }
  if (administrators.size < group.file.administrators.m)
    throw new Refusal(
      leaf.attestations.length === 0 ? 'attestation_missing' : 'attestation_count_insufficient',
      `${at}/attestations`,
    )
}
