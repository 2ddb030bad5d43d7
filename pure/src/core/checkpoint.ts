import { decodeBase64, encodeBase64 } from './base64.js'
import { Refusal, require } from './refusal.js'

/**
 * The text of a C2SP checkpoint: what a log signs about its tree. Extension lines are refused: no monitor can audit them,
 * and what our log says must come back from its JSON form unchanged (EP-REC-4).
 */
export interface Checkpoint {
  readonly origin: string
  /** Leaves in the tree, at most 2^53-1. */
  readonly treeSize: number
  /** RFC 6962 root, 32 octets. */
  readonly rootHash: Uint8Array
}

const rootOctets = 32

/**
 * The three lines of a checkpoint, ready to be signed as the text of a note.
 *
 * @throws Refusal as `parseCheckpointText`, for what it would not read
 */
export function checkpointText({ origin, treeSize, rootHash }: Checkpoint): string {
  requireOrigin(origin, '')
  require(Number.isSafeInteger(treeSize) && treeSize >= 0, 'checkpoint_tree_size_malformed')
  require(rootHash.length === rootOctets, 'checkpoint_root_hash_malformed')
  return `${origin}\n${treeSize}\n${encodeBase64(rootHash)}\n`
}

/**
 * Reads the text of a checkpoint note; whether anybody signed it is for `verifyNote` to say.
 *
 * @throws Refusal checkpoint_text_malformed, checkpoint_origin_malformed, checkpoint_extension_unsupported,
 *   checkpoint_tree_size_malformed, checkpoint_tree_size_too_large, checkpoint_root_hash_malformed, or what base64 says
 */
export function parseCheckpointText(text: string, at = ''): Checkpoint {
  require(text.endsWith('\n'), 'checkpoint_text_malformed', at)
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n')
  if (origin === undefined || size === undefined || root === undefined)
    throw new Refusal('checkpoint_text_malformed', at)
  require(extensions.length === 0, 'checkpoint_extension_unsupported', at)
  requireOrigin(origin, at)
  const rootHash = decodeBase64(root, at)
  require(rootHash.length === rootOctets, 'checkpoint_root_hash_malformed', at)
  return { origin, treeSize: parseTreeSize(size, at), rootHash }
}

function parseTreeSize(size: string, at: string): number {
  require(/^(?:0|[1-9]\d*)$/.test(size), 'checkpoint_tree_size_malformed', at)
  require(Number.isSafeInteger(Number(size)), 'checkpoint_tree_size_too_large', at)
  return Number(size)
}

/** An origin fills one line of a note: not empty, no control characters. */
function requireOrigin(origin: string, at: string): void {
  require(/^[^\p{Cc}\p{Cs}]+$/u.test(origin), 'checkpoint_origin_malformed', at)
}
