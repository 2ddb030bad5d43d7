import { parseBinary } from '@countersign/pure/core/digest'
import { parseInstant } from '@countersign/pure/core/instant'
import { parsePublicKey } from '@countersign/pure/core/public-key'
import { Refusal, require } from '@countersign/pure/core/refusal'
import { array, binary, type Infer, instant, literal, object, optional } from '@countersign/pure/core/shape'
import { approverId, directoryId, name, organizationId, principalId } from '@countersign/pure/ep/identifier'
import type { Possession } from '@countersign/pure/ep/possession'
import { sealMessage, verifySeal } from '@countersign/pure/ep/sealed'

/**
 * An organization's invitation to one person to enroll a key of their own. It is no secret and gives nothing by itself: what the
 * organization enrolls is what its own copy says, and the key that proves to be held.
 */
export const invitation = object({
  type: literal('countersign.invitation.v1', 'type_mismatch'),
  organization: organizationId,
  directory_id: directoryId,
  approver_id: approverId,
  principal_id: principalId,
  roles: array(name, { min: 1, max: 32 }),
  team: optional(name),
  challenge: binary(32),
  expires_at: instant,
})
export type Invitation = Infer<typeof invitation>

/** Every code that an enrollment is refused with beside those of the format. */
export const invitationCodes = {
  invitation_expired: 'The invitation is past its end: make a new one.',
  possession_directory_mismatch: 'The proof of possession is for another directory.',
  possession_approver_mismatch: 'The proof of possession is by another approver than the one invited.',
  possession_challenge_mismatch: 'The proof of possession answers another invitation.',
  possession_signatures_too_large: 'A proof of possession is sealed by one key only.',
  possession_key_algorithm_mismatch: 'A key file holds an Ed25519 key; passkeys enroll at the page.',
} as const

/**
 * Whether the person invited holds the key that they want to enroll: the key itself sealed the challenge (EP-KEY-U). It does not
 * show who the person is: compare the fingerprint with them.
 *
 * @param now - ms
 * @throws Refusal with a pointer into the request
 */
export function requirePossession({ body, signatures }: Possession, invited: Invitation, now: number): void {
  require(now < parseInstant(invited.expires_at), 'invitation_expired')
  require(body.directory_id === invited.directory_id, 'possession_directory_mismatch', '/body/directory_id')
  require(body.approver_id === invited.approver_id, 'possession_approver_mismatch', '/body/approver_id')
  require(body.challenge === invited.challenge, 'possession_challenge_mismatch', '/body/challenge')
  require(signatures.length === 1, 'possession_signatures_too_large', '/signatures')
  const key = parsePublicKey(parseBinary(body.public_key), '/body/public_key')
  if (key.algorithm !== 'Ed25519') throw new Refusal('possession_key_algorithm_mismatch', '/body/public_key')
  verifySeal('possession', sealMessage(body), signatures[0]!, key, '/signatures/0')
}
