import type { Checkpoint } from '../core/checkpoint.js'
import { parseHash } from '../core/digest.js'
import { array, binary, hash, type Infer, integer, object, optional, pattern } from '../core/shape.js'
import { inclusionPath } from './authority.js'
import { logKeyId, logOrigin } from './identifier.js'

const cosignature = object({
  name: pattern(/^[^\s+]{1,255}$/u, 'cosignature_name_malformed'),
  timestamp: integer(0, Number.MAX_SAFE_INTEGER),
  signature: binary(64),
})

/** A C2SP checkpoint as JSON; converts to the signed note and back (EP-REC-4). */
export const checkpointMember = object({
  origin: logOrigin,
  tree_size: integer(1, Number.MAX_SAFE_INTEGER),
  root_hash: hash,
  log_signature: binary(64),
  log_key_id: logKeyId,
  cosignatures: array(cosignature, { max: 64 }),
})
export type CheckpointMember = Infer<typeof checkpointMember>

const position = { leaf_index: integer(0, Number.MAX_SAFE_INTEGER), inclusion_path: inclusionPath }

/** Inclusion of an entry, and of the head it stood on, under one checkpoint (EP-REC-5). */
export const logProof = object({ ...position, head: optional(object(position)), checkpoint: checkpointMember })
export type LogProof = Infer<typeof logProof>

export function checkpointOf(member: CheckpointMember): Checkpoint {
  return { origin: member.origin, treeSize: member.tree_size, rootHash: parseHash(member.root_hash) }
}
