import { utf8Encode } from '@countersign/pure/core/bytes'
import { checkpointText } from '@countersign/pure/core/checkpoint'
import { cosignatureMessage } from '@countersign/pure/core/cosignature'
import { encodeBinary, hashJson, hashString } from '@countersign/pure/core/digest'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import { leafHash, MerkleTree } from '@countersign/pure/core/merkle'
import { formatVerifierKey } from '@countersign/pure/core/note'
import { type SoftwareKey, softwareKey } from './signer.js'

/** A witness of a world, by the name that its note lines carry. */
export interface Witness {
  readonly name: string
  readonly key: SoftwareKey
  readonly vkey: string
}

export function makeWitness(name: string, seed: string): Witness {
  const key = softwareKey(`ep:key:${name}#1`, `${seed}/witness/${name}`)
  return { name, key, vkey: formatVerifierKey(name, key.raw, 0x04) }
}

export interface CheckpointOptions {
  /** Leaves; all of them unless given. */
  readonly size?: number
  readonly witnesses?: readonly Witness[]
  /** POSIX seconds that witnesses state. */
  readonly timestamp?: number
  /** Another key than the log's own signs. */
  readonly key?: SoftwareKey
  /** Members that differ from the truth; they are signed as given. */
  readonly claim?: { readonly origin?: string; readonly rootHash?: Uint8Array; readonly treeSize?: number }
}

/** The log of a world: entries, the tree over them, and checkpoints that its key signs (EP-REC-3, EP-REC-4). */
export class SimulatedLog {
  readonly origin: string
  readonly logKeyId: string
  readonly key: SoftwareKey
  readonly entries: JsonObject[] = []
  readonly tree = new MerkleTree()

  constructor(origin: string, logKeyId: string, key: SoftwareKey) {
    this.origin = origin
    this.logKeyId = logKeyId
    this.key = key
  }

  get vkey(): string {
    return formatVerifierKey(this.origin, this.key.raw, 0x01)
  }

  /** Appends an entry; the answer is its index. */
  append(entry: JsonObject): number {
    this.entries.push(entry)
    this.tree.append(leafHash(canonicalBytes(entry)))
    return this.entries.length - 1
  }

  /** Appends entries of other attempts until the log has `size` entries. */
  fillTo(size: number, organization: string): void {
    while (this.entries.length < size) {
      const label = `${this.origin} entry ${this.entries.length}`
      this.append({
        type: 'ep.log.outcome.v1',
        organization,
        outcome_hash: hashJson(`${label} outcome`),
        receipt_hash: hashJson(`${label} receipt`),
        outcome: 'executed',
      })
    }
  }

  position(index: number, size: number = this.tree.size): JsonObject {
    return { leaf_index: index, inclusion_path: this.tree.inclusionPath(index, size).map(hashString) }
  }

  checkpoint(options: CheckpointOptions = {}): JsonObject {
    const { size = this.tree.size, witnesses = [], timestamp = 1_795_176_000, key = this.key, claim = {} } = options
    const checkpoint = {
      origin: claim.origin ?? this.origin,
      treeSize: claim.treeSize ?? size,
      rootHash: claim.rootHash ?? this.tree.root(size),
    }
    const text = checkpointText(checkpoint)
    const named = witnesses.toSorted((left, right) => (left.name < right.name ? -1 : 1))
    return {
      origin: checkpoint.origin,
      tree_size: checkpoint.treeSize,
      root_hash: hashString(checkpoint.rootHash),
      log_signature: encodeBinary(key.signOctets(utf8Encode(text))),
      log_key_id: this.logKeyId,
      cosignatures: named.map((witness) => cosign(witness, text, timestamp)),
    }
  }
}

/** What a witness says of a checkpoint text at `timestamp`. */
export function cosign(witness: Witness, text: string, timestamp: number): JsonObject {
  const signature = witness.key.signOctets(cosignatureMessage(timestamp, text))
  return { name: witness.name, timestamp, signature: encodeBinary(signature) }
}
