import { hash, type Infer, instant, integer, literal, object } from '../core/shape.js'
import { directoryId } from './identifier.js'
import { type Sealed, sealed } from './sealed.js'

/** A signed head of the organization directory; its hash is over the body (EP-DIR-2). */
export const directoryHeadBody = object({
  type: literal('ep.directory_head.v1', 'type_mismatch'),
  directory_id: directoryId,
  tree_size: integer(1, Number.MAX_SAFE_INTEGER),
  root_hash: hash,
  issued_at: instant,
  valid_until: instant,
  prev_head_hash: hash,
})
export type DirectoryHeadBody = Infer<typeof directoryHeadBody>
export const directoryHead = sealed(directoryHeadBody)
export type DirectoryHead = Sealed<DirectoryHeadBody>

/** A head is valid at most this long (EP-DIR-2). */
export const maxHeadDays = 90
