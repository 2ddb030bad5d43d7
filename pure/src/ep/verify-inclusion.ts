import { utf8Encode } from '../core/bytes.js'
import { checkpointText } from '../core/checkpoint.js'
import { verifyCosignature } from '../core/cosignature.js'
import { encodeBinary, parseBinary, parseHash } from '../core/digest.js'
import { leafHash, verifyInclusion as verifyPath } from '../core/merkle.js'
import { Indeterminate } from '../core/outcome.js'
import { Refusal } from '../core/refusal.js'
import { verifySignature } from '../core/signature.js'
import { requireUncompromised } from './compromise.js'
import type { DirectoryHead } from './directory-head.js'
import { encodeLogEntry, type LogEntry } from './log-entry.js'
import { checkpointOf, type LogProof } from './log-proof.js'
import type { TrustGroup } from './pinned-trust.js'
import type { Policy } from './policy.js'

/** What a log proof established beside inclusion. */
export interface VerifiedInclusion {
  readonly headLoggedBefore: boolean
  /** How many pinned witnesses cosigned the checkpoint. */
  readonly witnesses: number
}

/**
 * Verifies that the pinned log integrated `entry`, and the head it stands on before it, under a checkpoint that it signed
 * (EP-VER-5, EP-REC-4, EP-REC-5). It does not show that the log tells everybody the same.
 */
export function verifyLogged(
  entry: LogEntry,
  proof: LogProof,
  artifact: { policy: Policy; head: DirectoryHead },
  group: TrustGroup,
): VerifiedInclusion {
  const witnesses = verifyCheckpoint(proof, artifact.policy, group)
  const { tree_size, root_hash } = proof.checkpoint
  const root = parseHash(root_hash)
  verifyPosition(entry, proof, tree_size, root, '/log_proof')
  if (proof.head === undefined) return { headLoggedBefore: false, witnesses }
  if (proof.head.leaf_index >= proof.leaf_index)
    throw new Refusal('log_head_order_invalid', '/log_proof/head/leaf_index')
  const headEntry = {
    type: 'ep.log.directory_head.v1',
    organization: artifact.policy.organization,
    head: artifact.head,
  } as const
  verifyPosition(headEntry, proof.head, tree_size, root, '/log_proof/head')
  return { headLoggedBefore: true, witnesses }
}

function verifyPosition(
  entry: LogEntry,
  position: { readonly leaf_index: number; readonly inclusion_path: readonly string[] },
  treeSize: number,
  root: Uint8Array,
  at: string,
): void {
  const path = position.inclusion_path.map((hash) => parseHash(hash))
  verifyPath(leafHash(encodeLogEntry(entry)), position.leaf_index, treeSize, path, root, at)
}

function verifyCheckpoint({ checkpoint }: LogProof, policy: Policy, group: TrustGroup): number {
  const at = '/log_proof/checkpoint'
  if (checkpoint.origin !== policy.log_origin) throw new Refusal('checkpoint_origin_mismatch', `${at}/origin`)
  const key = group.logKeys.get(checkpoint.log_key_id)
  if (key === undefined) throw new Refusal('checkpoint_key_unknown', `${at}/log_key_id`)
  const text = checkpointText(checkpointOf(checkpoint))
  const verdict = verifySignature(key.publicKey, utf8Encode(text), parseBinary(checkpoint.log_signature))
  if (verdict !== 'valid') throw new Refusal(`checkpoint_signature_${verdict}`, `${at}/log_signature`)
  requireUncompromised(
    group.compromised.get(encodeBinary(key.publicKey.spki)),
    () => witnessedBy({ checkpoint }, policy, group),
    'checkpoint_key_compromised',
    `${at}/log_key_id`,
  )
  const cosigned = cosignedAt(checkpoint, text, group, at)
  const { commit_after } = policy
  if (commit_after.level === 'witnessed' && group.witnesses.size === 0)
    throw new Indeterminate('witnesses_unpinned_missing', '/policy/commit_after')
  const asked = Math.max(group.file.witnesses.k, commit_after.k ?? 0)
  if (cosigned.length < asked) throw new Refusal('witness_count_insufficient', `${at}/cosignatures`)
  return cosigned.length
}

/**
 * The times (ms) at which pinned witnesses cosigned a checkpoint, ascending. Cosignatures by others are ignored, as C2SP asks; one by a
 * pinned witness that does not hold, or comes twice, refuses the whole checkpoint.
 */
function cosignedAt(
  checkpoint: LogProof['checkpoint'],
  text: string,
  group: TrustGroup,
  at: string,
): readonly number[] {
  const times: number[] = []
  let last = ''
  for (const [index, cosignature] of checkpoint.cosignatures.entries()) {
    const here = `${at}/cosignatures/${index}`
    if (cosignature.name <= last) throw new Refusal('cosignature_order_invalid', `${here}/name`)
    last = cosignature.name
    const key = group.witnesses.get(cosignature.name)
    if (key === undefined) continue
    if (!verifyCosignature(key, text, cosignature.timestamp, parseBinary(cosignature.signature)))
      throw new Refusal('cosignature_signature_invalid', `${here}/signature`)
    times.push(cosignature.timestamp * 1000)
  }
  return times.sort((a, b) => a - b)
}

/**
 * The instant (ms) by which enough pinned witnesses had seen the checkpoint of a receipt: the time of the k-th earliest
 * cosignature. Undefined where no witnesses are asked for. The step `inclusion` judges the same cosignatures.
 */
export function witnessedBy(
  { checkpoint }: Pick<LogProof, 'checkpoint'>,
  policy: Policy,
  group: TrustGroup,
): number | undefined {
  const asked = Math.max(group.file.witnesses.k, policy.commit_after.k ?? 0)
  if (asked === 0) return undefined
  return cosignedAt(checkpoint, checkpointText(checkpointOf(checkpoint)), group, '/log_proof/checkpoint')[asked - 1]
}
