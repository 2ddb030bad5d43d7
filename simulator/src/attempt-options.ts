import type { JsonArray, JsonObject, JsonValue } from '@countersign/pure/core/json'
import { applyPatch, copyJson, type PatchOperation } from '@countersign/pure/core/json-patch'
import type { PublishedHead } from './directory.js'
import type { Signer } from './signer.js'
import type { World } from './world.js'

/** A change of one part before what follows is made from it: everything after it is hashed and signed anew. */
export type Alteration = readonly PatchOperation[] | ((draft: JsonValue) => JsonValue)

/** The parts of an attempt in the order in which they are made. */
export interface Alterations {
  readonly action?: Alteration
  readonly policy?: Alteration
  /** The body that the initiator seals, and the seal. */
  readonly request?: Alteration
  readonly initiation?: Alteration
  /** The list of contexts, before they are signed. */
  readonly contexts?: Alteration
  /** The list of signoffs, signed. */
  readonly signoffs?: Alteration
  readonly denial?: Alteration
  readonly authority?: Alteration
  readonly openings?: Alteration
  /** What the bundle hash is made of: the last place where bundle and receipt change alike. */
  readonly bundle?: Alteration
  /** The body that the executor seals, and the seal. */
  readonly consume?: Alteration
  readonly consumeSeal?: Alteration
  readonly consumption?: Alteration
  /** The receipt or denial record before it is hashed into the log. */
  readonly record?: Alteration
  readonly logEntry?: Alteration
  /** The proof with its checkpoint, after it was signed. */
  readonly logProof?: Alteration
}

export interface AttemptOptions {
  /** Tells attempts of one world apart: nonce and ids come from it. */
  readonly label?: string
  readonly policy?: number
  readonly initiator?: string
  readonly approvers?: readonly string[]
  /** null: nobody sealed the consumption, it is the operator's word. */
  readonly executor?: string | null
  readonly enforcementClass?: 'STRONG' | 'STANDARD' | 'BASIC'
  readonly effectBeforeApproval?: boolean
  /** Members over those of the usual action. */
  readonly action?: JsonObject
  readonly requiredApprovals?: number
  readonly instants?: Partial<Record<'requestedAt' | 'issuedAt' | 'expiresAt' | 'consumeAt' | 'committedAt', string>>
  readonly evidence?: JsonArray
  readonly reason?: string
  /** The policy is pinned by the trust file: no leaf is named. */
  readonly pinnedPolicy?: boolean
  /** Under another head than the newest. */
  readonly head?: { readonly published: PublishedHead; readonly logIndex: number }
  readonly alter?: Alterations
  /** Who signs instead of the member whose turn it is. */
  readonly approverSigner?: (own: Signer, name: string) => Signer
  readonly initiatorSigner?: Signer
  readonly executorSigner?: Signer
  /** What an approver signs instead of the context. */
  readonly signedObject?: (context: JsonObject) => JsonObject
  /** The log has this many entries before and after the artifact's own. */
  readonly entriesBefore?: number
  readonly entriesAfter?: number
  readonly checkpoint?: Parameters<World['log']['checkpoint']>[0]
  readonly headProof?: boolean
}

/** What was made, with its alteration if there is one. */
export function altered(alteration: Alteration | undefined, made: JsonValue): JsonValue {
  if (alteration === undefined) return made
  return typeof alteration === 'function' ? alteration(copyJson(made)) : applyPatch(made, alteration)
}
