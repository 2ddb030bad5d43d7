import { binary, type Infer, instant, literal, object } from '../core/shape.js'
import { publicKey } from './directory-leaf.js'
import { approverId, directoryId } from './identifier.js'
import { type Sealed, sealed } from './sealed.js'

/** Proof that whoever enrolls holds the key; sealed by the key itself (EP-KEY-U). */
export const possessionBody = object({
  type: literal('ep.possession.v1', 'type_mismatch'),
  directory_id: directoryId,
  approver_id: approverId,
  public_key: publicKey,
  challenge: binary(16, 64),
  at: instant,
})
export type PossessionBody = Infer<typeof possessionBody>
export const possession = sealed(possessionBody)
export type Possession = Sealed<PossessionBody>

/** The only object that a sign-in passkey signs (EP-KEY-U). */
export const signinBody = object({
  type: literal('ep.signin.v1', 'type_mismatch'),
  directory_id: directoryId,
  approver_id: approverId,
  challenge: binary(16, 64),
  at: instant,
})
export type SigninBody = Infer<typeof signinBody>
