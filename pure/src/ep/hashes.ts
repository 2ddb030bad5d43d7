import { utf8Encode } from '../core/bytes.js'
import { hashString, sha256 } from '../core/digest.js'
import { canonicalString } from '../core/jcs.js'
import type { JsonObject } from '../core/json.js'

/**
 * Canonical texts of one verification, each made once: an action stands alone, in the bundle and in the receipt, and all three
 * are hashed. Values must not change while this lives; it is made anew for each artifact and never holds a verdict.
 */
export class Hashes {
  readonly #texts = new Map<object, string>()

  /** The 32 octets SHA-256(JCS(value)). */
  digest(value: object): Uint8Array {
    return sha256(utf8Encode(this.text(value)))
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
