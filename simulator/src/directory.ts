import { utf8Encode } from '@countersign/pure/core/bytes'
import { hashJson, hashString } from '@countersign/pure/core/digest'
import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonArray, JsonObject } from '@countersign/pure/core/json'
import { copyJson } from '@countersign/pure/core/json-patch'
import { leafHash, MerkleTree } from '@countersign/pure/core/merkle'
import { zeroHash } from '@countersign/pure/ep/context'
import { type Signer, seal } from './signer.js'

/** A head as the organization signed it, with the leaves that stood under it then. */
export interface PublishedHead {
  readonly head: JsonObject
  /** H(body), which the next head names. */
  readonly headHash: string
  readonly leaves: readonly JsonObject[]
  /** The opening of the leaf whose entry has this hash; undefined if there is none. */
  opening(entryHash: string): JsonObject | undefined
}

export interface HeadInstants {
  readonly issuedAt: string
  readonly validUntil: string
}

/** The organization directory of a world: leaves that are appended or ended, and the chain of heads over them (EP-DIR-1, EP-DIR-2). */
export class SimulatedDirectory {
  readonly directoryId: string
  readonly leaves: JsonObject[] = []
  readonly heads: PublishedHead[] = []
  readonly #signers: readonly Signer[]

  constructor(directoryId: string, signers: readonly Signer[]) {
    this.directoryId = directoryId
    this.#signers = signers
  }

  /** Appends a leaf; the answer is its index. */
  add(entry: JsonObject, attestations: JsonArray = []): number {
    this.leaves.push({ entry, status: { valid_to: null, compromised_at: null }, attestations })
    return this.leaves.length - 1
  }

  /** An administrator's word for an entry that the next head brings (EP-DIR-3). */
  attest(entry: JsonObject, at: string, administrator: Signer, body: JsonObject = {}): JsonObject {
    const usual = {
      type: 'ep.attestation.v1',
      directory_id: this.directoryId,
      entry_hash: hashJson(entry),
      head_hash: this.headHash,
      at,
    }
    return seal({ ...usual, ...body }, administrator)
  }

  /** Ends an entry, or says since when its key counts as compromised; seen from the next head on. */
  setStatus(index: number, status: { readonly valid_to?: string; readonly compromised_at?: string }): void {
    const leaf = copyJson(this.leaves[index]!)
    leaf['status'] = { ...(leaf['status'] as JsonObject), ...status }
    this.leaves[index] = leaf
  }

  get headHash(): string {
    return this.heads.at(-1)?.headHash ?? zeroHash
  }

  /** Signs a head over the leaves as they stand. */
  publish(instants: HeadInstants, signers: readonly Signer[] = this.#signers, body: JsonObject = {}): PublishedHead {
    const leaves = copyJson(this.leaves)
    const tree = MerkleTree.of(leaves.map((leaf) => leafHash(utf8Encode(canonicalString(leaf)))))
    const headBody = {
      type: 'ep.directory_head.v1',
      directory_id: this.directoryId,
      tree_size: leaves.length,
      root_hash: hashString(tree.root()),
      issued_at: instants.issuedAt,
      valid_until: instants.validUntil,
      prev_head_hash: this.headHash,
      ...body,
    }
    const indexOf = new Map(leaves.map((leaf, index) => [hashJson(leaf['entry']!), index]))
    const published: PublishedHead = {
      head: seal(headBody, ...signers),
      headHash: hashJson(headBody),
      leaves,
      opening: (entryHash) => {
        const index = indexOf.get(entryHash)
        if (index === undefined) return undefined
        return {
          leaf: copyJson(leaves[index]!),
          leaf_index: index,
          inclusion_path: tree.inclusionPath(index).map(hashString),
        }
      },
    }
    this.heads.push(published)
    return published
  }
}
