import { parseCanonicalJson } from '../core/canonical-json.js'
import { digestCanonical, hashString } from '../core/digest.js'
import { canonicalString } from '../core/jcs.js'
import type { JsonObject } from '../core/json.js'
import { readShape, type Shape } from '../core/shape.js'

/**
 * Canonical texts of one verification, each made once: an action stands alone, in the bundle and in the receipt, and all three
 * are hashed. Values must not change while this lives; it is made anew for each artifact and never holds a verdict.
 */
export class Hashes {
  readonly #texts: Map<object, string>

  /** @param texts - canonical texts that the reader of the artifact has made already */
  constructor(texts: Map<object, string> = new Map()) {
    this.#texts = texts
  }

  /** The 32 octets SHA-256(JCS(value)). */
  digest(value: object): Uint8Array {
    return digestCanonical(this.text(value))
  }

  /** H(value). */
  hash(value: object): string {
    return hashString(this.digest(value))
  }

  text(value: object): string {
    const known = this.#texts.get(value)
    if (known !== undefined) return known
    const made = canonicalString(value as JsonObject, this.#texts)
    this.#texts.set(value, made)
    return made
  }
}

/** Reads an artifact in its shape, and keeps the canonical texts that reading made. @throws Refusal */
export function readArtifact<T>(shape: Shape<T>, bytes: Uint8Array): { readonly value: T; readonly hashes: Hashes } {
  const { value, texts } = parseCanonicalJson(bytes)
  return { value: readShape(shape, value), hashes: new Hashes(texts) }
}
