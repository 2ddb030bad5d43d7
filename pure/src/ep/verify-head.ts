import { encodeBinary } from '../core/digest.js'
import { parseInstant } from '../core/instant.js'
import { Refusal } from '../core/refusal.js'
import { type LoggedBefore, neverLogged, requireUncompromised } from './compromise.js'
import { type DirectoryHead, maxHeadDays } from './directory-head.js'
import type { Hashes } from './hashes.js'
import type { TrustGroup } from './pinned-trust.js'
import { verifySeal } from './sealed.js'

/** Who stands behind a head: the organization, or only the operator (EP-DIR-4). */
export interface HeadCustody {
  readonly custody: 'organization' | 'operator'
  readonly surface: 'independent' | 'operator'
}

const dayMs = 86_400_000

/**
 * Verifies a directory head against the pinned directory keys: every signature must be by a pinned key and hold, and at least
 * `threshold` must be there (EP-DIR-2). Whether a later head ended what it says is not shown here.
 *
 * @param loggedBefore - saves a head whose key was compromised only later (EP-DIR-6)
 */
export function verifyHead(
  head: DirectoryHead,
  group: TrustGroup,
  hashes: Hashes,
  at: string,
  loggedBefore: LoggedBefore = neverLogged,
): HeadCustody {
  const { body } = head
  if (body.directory_id !== group.file.directory.directory_id)
    throw new Refusal('head_directory_mismatch', `${at}/body/directory_id`)
  const issuedAt = parseInstant(body.issued_at)
  const validUntil = parseInstant(body.valid_until)
  if (validUntil <= issuedAt) throw new Refusal('head_validity_invalid', `${at}/body/valid_until`)
  if (validUntil - issuedAt > maxHeadDays * dayMs)
    throw new Refusal('head_validity_too_large', `${at}/body/valid_until`)
  const message = hashes.digest(body)
  let organizationKeys = 0
  let surface: HeadCustody['surface'] = 'operator'
  for (const [index, signature] of head.signatures.entries()) {
    const here = `${at}/signatures/${index}`
    const pinned = group.directoryKeys.get(signature.key_id)
    if (pinned === undefined) throw new Refusal('head_key_unknown', `${here}/key_id`)
    if (pinned.notAfter !== undefined && issuedAt > pinned.notAfter)
      throw new Refusal('head_key_expired', `${here}/key_id`)
    verifySeal('head', message, signature, pinned.key, here, pinned.pins)
    const compromised = group.compromised.get(encodeBinary(pinned.key.spki))
    requireUncompromised(compromised, loggedBefore, 'head_key_compromised', here)
    if (pinned.operatorHeld) continue
    organizationKeys += 1
    if (pinned.surface === 'independent') surface = 'independent'
  }
  if (head.signatures.length < group.file.directory.threshold)
    throw new Refusal('head_threshold_insufficient', `${at}/signatures`)
  return { custody: organizationKeys > 0 ? 'organization' : 'operator', surface }
}
