import { array, binary, hash, type Infer, integer, object, optional } from '../core/shape.js'
import { directoryHead } from './directory-head.js'
import { directoryLeaf } from './directory-leaf.js'

/** The head under which an attempt was made and the entry hashes it names; inside every artifact's hash (EP-REC-2). */
export const authority = object({
  head: directoryHead,
  policy: optional(hash),
  initiator: hash,
  approvers: array(hash, { min: 1, max: 64 }),
  delegations: array(hash, { max: 64 }),
})
export type Authority = Infer<typeof authority>

export const inclusionPath = array(hash, { max: 64 })

/** Opens one named entry hash under the head. */
export const opening = object({
  leaf: directoryLeaf,
  leaf_index: integer(0, Number.MAX_SAFE_INTEGER),
  inclusion_path: inclusionPath,
  attestation_object: optional(binary(1, 65_536)),
})
export type Opening = Infer<typeof opening>
export const openings = array(opening, { max: 160 })
