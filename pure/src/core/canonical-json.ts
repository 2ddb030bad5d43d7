import { recordCanonical } from './jcs.js'
import { decodeJsonText, type JsonOptions, type JsonValue, parseJson } from './json.js'

/** A document, and the canonical text of every object in it where the document came in canonical form (else none). */
export interface CanonicalDocument {
  readonly value: JsonValue
  readonly texts: Map<object, string>
}

const usualDepth = 64

/**
 * Reads strict I-JSON as `parseJson` does, and faster where the document is in canonical form, as artifacts usually travel.
 *
 * What `JSON.parse` made of it is written again canonically; only if that gives the same text was nothing dropped (a duplicate member),
 * rounded or spelt otherwise, and the texts just written are those of its objects. Anything else goes to the strict reader, which
 * says what it is: no verdict depends on the way taken.
 *
 * @throws Refusal `json_...`
 */
export function parseCanonicalJson(bytes: Uint8Array, options: Omit<JsonOptions, 'numbers'> = {}): CanonicalDocument {
  const text = decodeJsonText(bytes, options.maxBytes)
  const texts = new Map<object, string>()
  try {
    const value = JSON.parse(text) as JsonValue
    if (recordCanonical(value, options.maxDepth ?? usualDepth, texts) === text) return { value, texts }
  } catch {
    // Not canonical I-JSON: the strict reader gives the cause.
  }
  return { value: parseJson(bytes, options).value, texts: new Map() }
}
