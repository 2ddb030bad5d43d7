import { equalBytes, utf8Encode } from '@countersign/pure/core/bytes'
import { type Checkpoint, checkpointText, parseCheckpointText } from '@countersign/pure/core/checkpoint'
import { encodeBinary, hashString } from '@countersign/pure/core/digest'
import {
  formatNote,
  noteAlgorithm,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
  verifyNote,
} from '@countersign/pure/core/note'
import { Refusal, require } from '@countersign/pure/core/refusal'
import type { CheckpointMember } from '@countersign/pure/ep/log-proof'
import type { Signer } from '../ports/signer.js'

/** A key of the log as relying parties pin it; a rotated one stays, for what it signed. */
export interface LogKey {
  readonly logKeyId: string
  /** C2SP verifier key of type 0x01 whose name is the log's origin. */
  readonly vkey: string
}

/** A checkpoint that one of the log's keys signed, and the note that says so. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: string
  readonly logKeyId: string
  /** 64 octets. */
  readonly signature: Uint8Array
}

/** The keys and the origin of one log: what opens and makes its checkpoints. */
export class CheckpointKeys {
  readonly #origin: string
  readonly #keys: ReadonlyMap<VerifierKey, string>

  /** @throws Refusal as `parseVerifierKey`; verifier_key_name_mismatch unless each key bears the origin as its name (EP-REC-4) */
  constructor(origin: string, keys: readonly LogKey[]) {
    this.#origin = origin
    this.#keys = new Map(keys.map(({ logKeyId, vkey }, i) => [this.#parse(vkey, `/keys/${i}/vkey`), logKeyId]))
  }

  /**
   * Opens a note that must be a checkpoint of this log.
   *
   * @throws Refusal as `verifyNote` and `parseCheckpointText`; checkpoint_origin_mismatch
   */
  open(note: string): SignedCheckpoint {
    const { text } = verifyNote(note, [...this.#keys.keys()])
    const checkpoint = parseCheckpointText(text)
    require(checkpoint.origin === this.#origin, 'checkpoint_origin_mismatch')
    for (const line of parseNote(note).signatures)
      for (const [key, logKeyId] of this.#keys)
        if (key.name === line.name && key.keyId === line.keyId)
          return { ...checkpoint, note, logKeyId, signature: line.signature }
    throw new Refusal('note_signature_unknown')
  }

  /** @throws Refusal signer_key_unknown unless the signer holds one of the keys */
  keyOf(signer: Signer): VerifierKey {
    const key = [...this.#keys.keys()].find(({ publicKey }) => equalBytes(publicKey.spki, signer.publicKey))
    if (key === undefined) throw new Refusal('signer_key_unknown')
    return key
  }

  /** Signs a checkpoint; what comes back was verified with the pinned key, so that a wrong token or key file is noticed here. */
  async sign(signer: Signer, treeSize: number, rootHash: Uint8Array): Promise<SignedCheckpoint> {
    const text = checkpointText({ origin: this.#origin, treeSize, rootHash })
    const key = this.keyOf(signer)
    const signature = await signer.sign(utf8Encode(text))
    return this.open(formatNote(text, [{ name: key.name, keyId: key.keyId, signature }]))
  }

  #parse(vkey: string, at: string): VerifierKey {
    const key = parseVerifierKey(vkey, at)
    require(key.name === this.#origin, 'verifier_key_name_mismatch', at)
    require(key.algorithm === noteAlgorithm, 'verifier_key_algorithm_unsupported', at)
    return key
  }
}

/** The JSON form of section 12 (EP-REC-4). Cosignatures come with witnesses; none are collected yet. */
export function checkpointMemberOf(checkpoint: SignedCheckpoint): CheckpointMember {
  return {
    origin: checkpoint.origin,
    tree_size: checkpoint.treeSize,
    root_hash: hashString(checkpoint.rootHash),
    log_signature: encodeBinary(checkpoint.signature),
    log_key_id: checkpoint.logKeyId,
    cosignatures: [],
  }
}
