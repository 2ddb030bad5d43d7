import { isWellFormed } from './bytes.js'
import type { JsonValue } from './json.js'
import { Refusal } from './refusal.js'

const encoder = new TextEncoder()

// Deeper than any document that the parser lets in; a circular value ends here and not in a stack overflow.
const maxDepth = 512
// What needs escaping, and surrogates, which may be lone.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON must escape.
const notPlain = /[\u0000-\u001f"\\\ud800-\udfff]/

/**
 * The canonical form of RFC 8785 (EP-ENC-2): ECMAScript numbers, members in the order of UTF-16 code units.
 *
 * @param known - canonical texts of objects that were made before; those of `value` and of the objects inside it are added
 * @throws Refusal `json_value_unsupported`, `json_nonfinite_unsupported`, `json_surrogate_invalid`, `json_depth_too_large`
 */
export function canonicalString(value: JsonValue, known?: Map<object, string>): string {
  return write(value, 0, known)
}

/** UTF-8 of the canonical form: what is hashed and signed. */
export function canonicalBytes(value: JsonValue): Uint8Array {
  return encoder.encode(write(value, 0, undefined))
}

// The type says JSON; what a caller built in memory may be anything, and `unknown` makes the compiler see that.
function write(value: unknown, depth: number, known: Map<object, string> | undefined): string {
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number') return writeNumber(value)
  if (value === null) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value !== 'object') throw new Refusal('json_value_unsupported', '', typeof value)
  if (depth >= maxDepth) throw new Refusal('json_depth_too_large')
  return Array.isArray(value) ? writeArray(value, depth, known) : writeObject(value, depth, known)
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Refusal('json_nonfinite_unsupported')
  return String(value) // negative zero becomes 0, as RFC 8785 demands
}

function writeString(text: string): string {
  if (!notPlain.test(text)) return `"${text}"`
  if (!isWellFormed(text)) throw new Refusal('json_surrogate_invalid')
  return JSON.stringify(text)
}

function writeArray(array: readonly unknown[], depth: number, known: Map<object, string> | undefined): string {
  let out = '['
  for (let i = 0; i < array.length; i++) out += (i === 0 ? '' : ',') + write(array[i], depth + 1, known)
  return `${out}]`
}

function writeObject(object: object, depth: number, known: Map<object, string> | undefined): string {
  const made = known?.get(object)
  if (made !== undefined) return made
  const prototype = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) throw new Refusal('json_value_unsupported', '', 'object')
  const names = Object.keys(object)
  if (!isSorted(names)) names.sort() // without a comparison function: by UTF-16 code units
  const members = object as Readonly<Record<string, unknown>>
  let out = '{'
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    out += (i === 0 ? '' : ',') + memberLabel(name) + write(members[name], depth + 1, known)
  }
  out += '}'
  known?.set(object, out)
  return out
}

// Artifacts name the same few hundred members over and over. Names that came from outside fill the table once, and no further.
const labels = new Map<string, string>()
const maxLabels = 1024

/** A member name as it stands before its value. */
export function memberLabel(name: string): string {
  const known = labels.get(name)
  if (known !== undefined) return known
  const made = `${writeString(name)}:`
  if (labels.size < maxLabels && name.length <= 64) labels.set(name, made)
  return made
}

function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i++) if ((names[i - 1] as string) > (names[i] as string)) return false
  return true
}
