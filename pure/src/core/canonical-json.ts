import { isWellFormed } from './bytes.js'
import { memberLabel } from './jcs.js'
import { decodeJsonText, type JsonObject, type JsonOptions, type JsonValue, parseJson } from './json.js'

/** A document, and the canonical text of every object in it where the document came in canonical form (else none). */
export interface CanonicalDocument {
  readonly value: JsonValue
  readonly texts: Map<object, string>
}

const usualDepth = 64

const quote = 0x22
const comma = 0x2c
const openArray = 0x5b
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/**
 * Reads strict I-JSON as `parseJson` does, and faster where the document is in canonical form, as artifacts usually travel.
 *
 * What `JSON.parse` made of it is held against the text, character by character: only if the text is the canonical form of that value was
 * nothing dropped (a duplicate member), rounded or spelt otherwise, and the texts of its objects are slices of it. Anything else goes to the
 * strict reader, which says what it is: no verdict depends on the way taken.
 *
 * @throws Refusal `json_...`
 */
export function parseCanonicalJson(bytes: Uint8Array, options: Omit<JsonOptions, 'numbers'> = {}): CanonicalDocument {
  const text = decodeJsonText(bytes, options.maxBytes)
  return (
    readCanonical(text, options.maxDepth ?? usualDepth) ?? { value: parseJson(bytes, options).value, texts: new Map() }
  )
}

function readCanonical(text: string, maxDepth: number): CanonicalDocument | undefined {
  try {
    const value = JSON.parse(text) as JsonValue
    const walk = new CanonicalWalk(text, maxDepth)
    return walk.isText(value) ? { value, texts: walk.texts } : undefined
  } catch {
    // No JSON, or a name that no canonical text can hold.
    return undefined
  }
}

/** Goes through a value and a text together. The text has no lone surrogates. */
class CanonicalWalk {
  readonly texts = new Map<object, string>()
  readonly #text: string
  readonly #maxDepth: number
  #position = 0

  constructor(text: string, maxDepth: number) {
    this.#text = text
    this.#maxDepth = maxDepth
  }

  /** Whether the whole text is the canonical form of the value, which came from `JSON.parse`. */
  isText(value: JsonValue): boolean {
    return this.#value(value, 0) && this.#position === this.#text.length
  }

  #value(value: JsonValue, depth: number): boolean {
    if (typeof value === 'string') return this.#string(value)
    if (typeof value === 'object' && value !== null) {
      if (depth >= this.#maxDepth) return false
      return Array.isArray(value) ? this.#array(value, depth) : this.#object(value, depth)
    }
    // Beyond 2^53 an integer token may stand for several integers.
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return false
    return this.#takes(String(value))
  }

  #object(object: JsonObject, depth: number): boolean {
    const start = this.#position
    if (!this.#is(openObject)) return false
    let last: string | undefined
    for (const name of Object.keys(object)) {
      if (last !== undefined && (last >= name || !this.#is(comma))) return false
      if (!this.#takes(memberLabel(name)) || !this.#value(object[name] as JsonValue, depth + 1)) return false
      last = name
    }
    if (!this.#is(closeObject)) return false
    this.texts.set(object, this.#text.slice(start, this.#position))
    return true
  }

  #array(array: readonly JsonValue[], depth: number): boolean {
    if (!this.#is(openArray)) return false
    for (let i = 0; i < array.length; i += 1)
      if ((i > 0 && !this.#is(comma)) || !this.#value(array[i] as JsonValue, depth + 1)) return false
    return this.#is(closeArray)
  }

  // A string that stands in the text as it is needs no escape: a quotation mark, backslash or control character could not stand there.
  #string(value: string): boolean {
    const end = this.#position + value.length + 1
    const plain = this.#text.startsWith(value, this.#position + 1) && this.#text.charCodeAt(end) === quote
    if (!plain || this.#text.charCodeAt(this.#position) !== quote)
      return isWellFormed(value) && this.#takes(JSON.stringify(value))
    this.#position = end + 1
    return true
  }

  #is(character: number): boolean {
    if (this.#text.charCodeAt(this.#position) !== character) return false
    this.#position += 1
    return true
  }

  #takes(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#position)) return false
    this.#position += expected.length
    return true
  }
}
