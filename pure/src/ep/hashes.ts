import { parseCanonicalJson } from '../core/canonical-json.js'
import { digestCanonical, hashCanonical } from '../core/digest.js'
import { canonicalString } from '../core/jcs.js'
import type { JsonObject } from '../core/json.js'
import { readShape, type Shape } from '../core/shape.js'

/**
 * Canonical texts of one verification, each made once: an action stands alone, in the bundle and in the receipt, and all three
 * are hashed. Values must not change while this lives; it is made anew for each artifact and never holds a verdict.
 */
export class Hashes {
  readonly #texts: Map<object, string>
  readonly #hashes = new Map<object, string>()

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
    const known = this.#hashes.get(value)
    if (known !== undefined) return known
    const made = hashCanonical(this.text(value))
    this.#hashes.set(value, made)
    return made
  }

  /** Takes over what `other` knows or now makes of a value that outlives this verification, such as a directory head. */
  adopt(other: Hashes, value: object): void {
    this.#hashes.set(value, other.hash(value))
    this.#texts.set(value, other.text(value))
  }

  text(value: object): string {
    const known = this.#texts.get(value)
    if (known !== undefined) return known
    // With it every object inside: a context that is hashed with its bundle is a part of the receipt as well.
    return canonicalString(value as JsonObject, this.#texts)
  }
}

/** Reads an artifact in its shape, and keeps the canonical texts that reading made. @throws Refusal */
export function readArtifact<T>(shape: Shape<T>, bytes: Uint8Array): { readonly value: T; readonly hashes: Hashes } {
  const { value, texts } = parseCanonicalJson(bytes)
  return { value: readShape(shape, value), hashes: new Hashes(texts) }
}
