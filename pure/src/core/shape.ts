import { parseInstant } from './instant.js'
import type { JsonObject, JsonValue } from './json.js'
import { into, Refusal } from './refusal.js'

/** Where a reader stands; turned into a JSON Pointer only when something is refused. */
type Path = (string | number)[]

/**
 * One description of a closed JSON type: the parser and the TypeScript type come from it. `read` checks and returns the same
 * value (nothing is copied, coerced or removed); it throws a `Refusal` with a pointer.
 */
export interface Shape<T> {
  read(value: JsonValue, path: Path): T
  readonly optional?: true
  /** A code of its own for this member being absent. */
  readonly missing?: string
}

export type Infer<S> = S extends Shape<infer T> ? T : never

type Members = { readonly [member: string]: Shape<unknown> }
type OptionalNames<M extends Members> = { [K in keyof M]: M[K] extends { optional: true } ? K : never }[keyof M]
type InferMembers<M extends Members> = { [K in Exclude<keyof M, OptionalNames<M>>]: Infer<M[K]> } & {
  [K in OptionalNames<M>]?: Infer<M[K]>
}

/** Reads `value` as `shape`; `at` is the pointer of `value` in its document. */
export function readShape<T>(shape: Shape<T>, value: JsonValue, at = ''): T {
  try {
    return shape.read(value, [])
  } catch (error) {
    if (error instanceof Refusal && at !== '') throw new Refusal(error.code, at + error.at)
    throw error
  }
}

function refuse(code: string, path: Path): never {
  throw new Refusal(code, path.reduce<string>(into, ''))
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A closed object: an unknown or an absent required member is refused. */
export function object<M extends Members>(members: M): Shape<InferMembers<M>> {
  const names = Object.keys(members)
  const known = new Map(Object.entries(members))
  const required = names.filter((name) => members[name]!.optional !== true).length
  return {
    read(value, path) {
      if (!isObject(value)) refuse('member_type_mismatch', path)
      let found = 0
      for (const name in value) {
        const shape = known.get(name)
        path.push(name)
        if (shape === undefined) refuse('member_unknown', path)
        shape.read(value[name] as JsonValue, path)
        path.pop()
        if (shape.optional !== true) found += 1
      }
      if (found < required) requireAll(value, path)
      return value as InferMembers<M>
    },
  }
  function requireAll(value: JsonObject, path: Path): void {
    for (const name of names) {
      const shape = known.get(name)!
      if (shape.optional || Object.hasOwn(value, name)) continue
      path.push(name)
      refuse(shape.missing ?? 'member_missing', path)
    }
  }
}

/** An object whose members are free (bounded by the reader's size and depth). */
export const freeObject: Shape<JsonObject> = {
  read(value, path) {
    if (!isObject(value)) refuse('member_type_mismatch', path)
    return value
  },
}

/** An object with these required members and any others. */
export function openObject<M extends Members>(members: M): Shape<InferMembers<M> & JsonObject> {
  return {
    read(value, path) {
      if (!isObject(value)) refuse('member_type_mismatch', path)
      for (const [name, shape] of Object.entries(members)) {
        path.push(name)
        if (Object.hasOwn(value, name)) shape.read(value[name] as JsonValue, path)
        else if (!shape.optional) refuse(shape.missing ?? 'member_missing', path)
        path.pop()
      }
      return value as InferMembers<M> & JsonObject
    },
  }
}

/** One of several objects, told apart by the string member `by`. */
export function oneOf<M extends { readonly [tag: string]: Shape<unknown> }>(
  by: string,
  variants: M,
): Shape<Infer<M[keyof M]>> {
  const known = new Map(Object.entries(variants))
  return {
    read(value, path) {
      if (!isObject(value)) refuse('member_type_mismatch', path)
      const tag = Object.hasOwn(value, by) ? value[by] : undefined
      const variant = typeof tag === 'string' ? known.get(tag) : undefined
      if (variant === undefined) {
        path.push(by)
        refuse(tag === undefined ? 'member_missing' : 'type_unknown', path)
      }
      return variant.read(value, path) as Infer<M[keyof M]>
    },
  }
}

export function optional<T>(shape: Shape<T>): Shape<T> & { readonly optional: true } {
  return { read: shape.read, optional: true }
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return { read: (value, path) => (value === null ? null : shape.read(value, path)) }
}

/** The same shape, answering with codes of its own when the member is absent or not of this form. */
export function named<T>(shape: Shape<T>, codes: { missing?: string; malformed?: string }): Shape<T> {
  return {
    ...(codes.missing === undefined ? {} : { missing: codes.missing }),
    read(value, path) {
      if (codes.malformed === undefined) return shape.read(value, path)
      try {
        return shape.read(value, path)
      } catch (error) {
        if (error instanceof Refusal) throw new Refusal(codes.malformed, error.at)
        throw error
      }
    },
  }
}

export function array<T>(item: Shape<T>, bounds: { min?: number; max: number }): Shape<readonly T[]> {
  return {
    read(value, path) {
      if (!Array.isArray(value)) refuse('member_type_mismatch', path)
      if (value.length > bounds.max) refuse('list_too_large', path)
      if (value.length < (bounds.min ?? 0)) refuse('list_insufficient', path)
      for (let index = 0; index < value.length; index += 1) {
        path.push(index)
        item.read(value[index] as JsonValue, path)
        path.pop()
      }
      return value as T[]
    },
  }
}

/** Text of 1 to `max` UTF-16 code units. */
export function text(max: number): Shape<string> {
  return {
    read(value, path) {
      if (typeof value !== 'string') refuse('member_type_mismatch', path)
      if (value.length > max) refuse('text_too_large', path)
      if (value.length === 0) refuse('text_missing', path)
      return value
    },
  }
}

export function pattern(form: RegExp, code: string): Shape<string> {
  return {
    read(value, path) {
      if (typeof value !== 'string') refuse('member_type_mismatch', path)
      if (!form.test(value)) refuse(code, path)
      return value
    },
  }
}

export function literal<const V extends string | number | boolean>(expected: V, code: string): Shape<V> {
  return {
    read(value, path) {
      if (value !== expected) refuse(code, path)
      return expected
    },
  }
}

export function choice<const V extends string>(values: readonly V[], code = 'value_unknown'): Shape<V> {
  const known = new Set<string>(values)
  return {
    read(value, path) {
      if (typeof value !== 'string') refuse('member_type_mismatch', path)
      if (!known.has(value)) refuse(code, path)
      return value as V
    },
  }
}

export function integer(min: number, max: number): Shape<number> {
  return {
    read(value, path) {
      if (typeof value !== 'number') refuse('member_type_mismatch', path)
      if (!Number.isInteger(value) || Object.is(value, -0) || value < min || value > max)
        refuse('integer_malformed', path)
      return value
    },
  }
}

export const boolean: Shape<boolean> = {
  read(value, path) {
    if (typeof value !== 'boolean') refuse('member_type_mismatch', path)
    return value
  },
}

const hashForm = /^sha256:[0-9a-f]{64}$/

export function isHash(text: string): boolean {
  return hashForm.test(text)
}

/** `sha256:` and 64 lowercase hex digits. */
export const hash: Shape<string> = pattern(hashForm, 'hash_malformed')

// Checked without decoding: who uses the octets decodes them once.
const base64UrlForm = /^b64u:[A-Za-z0-9_-]*$/

/** Whether the last character's unused bits are zero: 4 of them when it is the second of its group, 2 when the third. */
function isCanonicalEnd(value: string): boolean {
  const last = value.charCodeAt(value.length - 1)
  const place = (value.length - 5) % 4
  if (place === 2) return last === 65 || last === 81 || last === 103 || last === 119 // A Q g w
  return place !== 3 || 'AEIMQUYcgkosw048'.includes(value[value.length - 1]!)
}

/** `b64u:` and unpadded canonical base64url of `min` to `max` octets. */
export function binary(min: number, max = min, code = 'binary_length_mismatch', tooLarge = code): Shape<string> {
  return {
    read(value, path) {
      if (typeof value !== 'string') refuse('member_type_mismatch', path)
      if (!value.startsWith('b64u:')) refuse('binary_malformed', path)
      const octets = Math.floor(((value.length - 5) * 3) / 4)
      if (octets < min) refuse(code, path)
      if (octets > max) refuse(tooLarge, path)
      if (!base64UrlForm.test(value) || value.length % 4 === 2) refuse('binary_malformed', path)
      if (!isCanonicalEnd(value)) refuse('binary_noncanonical', path)
      return value
    },
  }
}

/** An RFC 3339 UTC instant, kept as written: it is hashed. */
export const instant: Shape<string> = {
  read(value, path) {
    if (typeof value !== 'string') refuse('member_type_mismatch', path)
    try {
      parseInstant(value)
    } catch (error) {
      refuse(error instanceof Refusal ? error.code : 'instant_malformed', path)
    }
    return value
  },
}
