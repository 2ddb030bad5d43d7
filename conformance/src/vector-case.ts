import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import type { PatchOperation } from '@countersign/pure/core/json-patch'

/** The files of this format; a file of another format is left alone. */
export const vectorFormat = 'countersign-vectors/1'

export interface VectorFile {
  readonly format: typeof vectorFormat
  readonly description: string
  readonly cases: readonly VectorCase[]
}

/** One input and what every implementation must say of it. See README.md beside the vectors. */
export interface VectorCase {
  readonly id: string
  readonly requirements: readonly string[]
  readonly description: string
  readonly kind: string
  /** The document, to be written as JSON in any way. */
  readonly input?: JsonValue
  /** The octets themselves (base64url), where the defect is in them. */
  readonly input_b64?: string
  /** The input is that of another case, changed by these operations (RFC 6902: add, replace, remove). */
  readonly base?: string
  readonly patch?: readonly PatchOperation[]
  /** A trust file, by its path from the folder of this file, and changes of it. */
  readonly trust?: string
  readonly trust_patch?: readonly PatchOperation[]
  /** An instant: the verifier's clock. Without it no instant is compared with the present. */
  readonly clock?: string
  readonly expect: Expectation
}

export interface Expectation {
  readonly outcome: 'satisfied' | 'refused' | 'indeterminate'
  readonly step?: string
  readonly code?: string
  /** JSON Pointer to what was refused. */
  readonly at?: string
  /** Of a satisfied case: members that the answer must have. */
  readonly value?: JsonObject
}

/** What an implementation said of a case: the same members. */
export type Verdict = Expectation
