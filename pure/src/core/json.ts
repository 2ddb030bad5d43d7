import { isExact } from './json-number.js'
import { into, Refusal } from './refusal.js'

export type JsonValue = null | boolean | number | string | JsonArray | JsonObject
export type JsonArray = JsonValue[]
export type JsonObject = { [member: string]: JsonValue }

export interface JsonDocument {
  readonly value: JsonValue
  /** JSON Pointer (RFC 6901) of every number, and its token as written. */
  readonly numberTokens: ReadonlyMap<string, string>
}

export interface JsonOptions {
  /** `exact` (EP-ENC-1) refuses numbers that do not survive ECMAScript; `ecmascript` takes any finite double. */
  readonly numbers?: 'exact' | 'ecmascript'
  /** Octets; 256 KiB if absent. */
  readonly maxBytes?: number
  /** Nested arrays and objects; 64 if absent. */
  readonly maxDepth?: number
}

/**
 * Parses strict I-JSON (EP-ENC-1, RFC 7493): what two parsers could read differently is refused, each cause with its
 * own code and the JSON Pointer of the place. Negative zero is read as zero, as JCS writes it. Linear in the input.
 *
 * @param bytes - as received; nothing in them is trusted
 * @throws Refusal `json_...`
 */
export function parseJson(bytes: Uint8Array, options: JsonOptions = {}): JsonDocument {
  const text = decodeJsonText(bytes, options.maxBytes)
  return new JsonParser(text, options.numbers !== 'ecmascript', options.maxDepth ?? 64).document()
}

/** The text of a JSON document. @throws Refusal `json_size_too_large`, `json_byte_order_mark_unsupported`, `json_utf8_invalid` */
export function decodeJsonText(bytes: Uint8Array, maxBytes: number = 256 * 1024): string {
  if (bytes.length > maxBytes) throw new Refusal('json_size_too_large')
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw new Refusal('json_byte_order_mark_unsupported')
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Refusal('json_utf8_invalid')
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// A pointer repeats the names above it: without a bound, 256 KiB of long names and many numbers would need gigabytes.
const maxPointerCharacters = 16 * 1024 * 1024
// Integers of so many digits are exact without looking.
const safeDigits = 15

const quote = 0x22
const minus = 0x2d
const zero = 0x30
const colon = 0x3a
const comma = 0x2c
const backslash = 0x5c
const openArray = 0x5b
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

const simpleEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** Recursive descent over UTF-16 code units. Reading past the end gives NaN, which equals no character. */
class JsonParser {
  private readonly text: string
  private readonly exact: boolean
  private readonly maxDepth: number
  private readonly numberTokens = new Map<string, string>()
  private position = 0
  private depth = 0
  /** The member name or index being read in each open container, and that container's pointer once it was needed. */
  private readonly path: (string | number)[] = []
  private readonly pointers: (string | undefined)[] = []
  private pointerCharacters = 0

  constructor(text: string, exact: boolean, maxDepth: number) {
    this.text = text
    this.exact = exact
    this.maxDepth = maxDepth
  }

  document(): JsonDocument {
    const value = this.value()
    this.skipSpace()
    if (this.position < this.text.length) throw this.refusal('json_trailing_malformed')
    return { value, numberTokens: this.numberTokens }
  }

  private value(): JsonValue {
    const c = this.skipSpace()
    if (c === quote) return this.string()
    if (c === openObject) return this.object()
    if (c === openArray) return this.array()
    if (c === minus || isDigit(c)) return this.number()
    if (this.takes('true')) return true
    if (this.takes('false')) return false
    if (this.takes('null')) return null
    if (this.takes('NaN') || this.takes('Infinity')) throw this.refusal('json_nonfinite_unsupported')
    if (this.takes('+') || this.takes('.')) throw this.refusal('json_number_malformed')
    throw this.refusal('json_syntax_invalid')
  }

  private object(): JsonObject {
    const object: JsonObject = {}
    const level = this.open()
    if (this.skipSpace() === closeObject) return this.close(object)
    for (;;) {
      if (this.skipSpace() !== quote) throw this.refusal('json_syntax_invalid')
      const name = this.string()
      this.path[level] = name
      // An own member is never undefined; the second look tells it from what Object.prototype lends.
      if (object[name] !== undefined && Object.hasOwn(object, name)) throw this.refusal('json_member_duplicate')
      if (this.skipSpace() !== colon) throw this.refusal('json_syntax_invalid')
      this.position++
      const value = this.value()
      if (name === '__proto__') define(object, name, value)
      else object[name] = value
      const c = this.skipSpace()
      if (c === closeObject) return this.close(object)
      if (c !== comma) throw this.refusal('json_syntax_invalid')
      this.position++
    }
  }

  private array(): JsonArray {
    const array: JsonArray = []
    const level = this.open()
    if (this.skipSpace() === closeArray) return this.close(array)
    for (;;) {
      this.path[level] = array.length
      array.push(this.value())
      const c = this.skipSpace()
      if (c === closeArray) return this.close(array)
      if (c !== comma) throw this.refusal('json_syntax_invalid')
      this.position++
    }
  }

  /** Enters the container whose bracket is next; its slot in `path`. */
  private open(): number {
    if (this.depth >= this.maxDepth) throw this.refusal('json_depth_too_large')
    const level = this.depth++
    this.path[level] = ''
    this.pointers[level] = undefined
    this.position++
    return level
  }

  private close<T>(container: T): T {
    this.depth--
    this.position++
    return container
  }

  private string(): string {
    const start = ++this.position
    const text = this.text
    let i = start
    let c = text.charCodeAt(i)
    while (c !== quote && c !== backslash && c >= 0x20) c = text.charCodeAt(++i)
    this.position = i
    if (c === quote) {
      this.position = i + 1
      return text.slice(start, i)
    }
    return this.stringWithEscapes(text.slice(start, i))
  }

  private stringWithEscapes(head: string): string {
    const text = this.text
    let out = head
    for (;;) {
      const start = this.position
      let i = start
      let c = text.charCodeAt(i)
      while (c !== quote && c !== backslash && c >= 0x20) c = text.charCodeAt(++i)
      out += text.slice(start, i)
      this.position = i
      if (c === quote) {
        this.position = i + 1
        return out
      }
      if (c !== backslash) throw this.refusal(c < 0x20 ? 'json_control_character_invalid' : 'json_syntax_invalid')
      out += this.escape()
    }
  }

  private escape(): string {
    const simple = simpleEscapes[this.text.charAt(this.position + 1)]
    if (simple !== undefined) {
      this.position += 2
      return simple
    }
    const unit = this.unicodeEscape()
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit)
    // The decoded text has no lone surrogates, so a pair is either raw or two escapes in a row.
    if (unit > 0xdbff || this.text.charCodeAt(this.position) !== backslash) throw this.refusal('json_surrogate_invalid')
    const low = this.unicodeEscape()
    if (low < 0xdc00 || low > 0xdfff) throw this.refusal('json_surrogate_invalid')
    return String.fromCharCode(unit, low)
  }

  private unicodeEscape(): number {
    const digits = this.text.slice(this.position + 2, this.position + 6)
    if (this.text.charAt(this.position + 1) !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits))
      throw this.refusal('json_escape_invalid')
    this.position += 6
    return Number.parseInt(digits, 16)
  }

  private number(): number {
    const start = this.position
    if (this.text.charCodeAt(start) === minus) this.position++
    if (this.takes('Infinity')) throw this.refusal('json_nonfinite_unsupported')
    const first = this.position
    this.digits()
    const wholeDigits = this.position - first
    if (wholeDigits > 1 && this.text.charCodeAt(first) === zero) throw this.refusal('json_number_malformed')
    const integer = !this.fractionOrExponent()
    const token = this.text.slice(start, this.position)
    const value = Number(token)
    if (!integer || wholeDigits > safeDigits) this.requireNumber(token, value, integer)
    this.record(token)
    return value === 0 ? 0 : value
  }

  private fractionOrExponent(): boolean {
    const end = this.position
    if (this.takes('.')) this.digits()
    if (this.takes('e') || this.takes('E')) {
      if (!this.takes('+')) this.takes('-')
      this.digits()
    }
    return this.position > end
  }

  private digits(): void {
    const start = this.position
    while (isDigit(this.text.charCodeAt(this.position))) this.position++
    if (this.position === start) throw this.refusal('json_number_malformed')
  }

  private requireNumber(token: string, value: number, integer: boolean): void {
    if (this.exact && integer && !Number.isSafeInteger(value)) throw this.refusal('json_integer_too_large')
    if (!Number.isFinite(value)) throw this.refusal('json_number_too_large')
    if (this.exact && !isExact(token, value)) throw this.refusal('json_number_inexact')
  }

  private record(token: string): void {
    const pointer = this.pointer(this.depth)
    this.pointerCharacters += pointer.length
    if (this.pointerCharacters > maxPointerCharacters) throw this.refusal('json_pointers_too_large')
    this.numberTokens.set(pointer, token)
  }

  /** The pointer of what is being read in the innermost of `depth` containers; the container's own is kept. */
  private pointer(depth: number): string {
    if (depth === 0) return ''
    const level = depth - 1
    let container = this.pointers[level]
    if (container === undefined) {
      container = this.pointer(level)
      this.pointers[level] = container
    }
    return into(container, this.path[level] ?? '')
  }

  /** Skips white space; the code unit that follows. */
  private skipSpace(): number {
    let c = this.text.charCodeAt(this.position)
    while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = this.text.charCodeAt(++this.position)
    return c
  }

  private takes(word: string): boolean {
    if (!this.text.startsWith(word, this.position)) return false
    this.position += word.length
    return true
  }

  private refusal(code: string): Refusal {
    return new Refusal(code, this.pointer(this.depth), `character ${this.position}`)
  }
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39
}

/** Assignment to `__proto__` would set the prototype; this makes it a member like any other. */
function define(object: JsonObject, name: string, value: JsonValue): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
}
