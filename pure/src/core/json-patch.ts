import type { JsonArray, JsonObject, JsonValue } from './json.js'
import { Refusal } from './refusal.js'

/** The three operations of RFC 6902 that vectors and worlds need: each changes one place, named by an RFC 6901 pointer. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }

/**
 * A copy of `document` with the operations applied in order. `add` inserts into an array (`-` appends), `replace` and `remove`
 * demand that something stands there.
 *
 * @throws Refusal `patch_path_missing`
 */
export function applyPatch(document: JsonValue, operations: readonly PatchOperation[]): JsonValue {
  const holder: JsonObject = { document: copyJson(document) }
  for (const operation of operations) applyOne(holder, operation)
  return holder['document']!
}

/** A deep copy: no object in it is shared with the original. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyJson) as T
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyJson(member)])) as T
}

function applyOne(holder: JsonObject, operation: PatchOperation): void {
  const tokens = operation.path.split('/').slice(1).map(unescapeToken)
  const last = tokens.pop() ?? 'document'
  let container: JsonValue | undefined = operation.path === '' ? holder : holder['document']
  for (const token of tokens) container = memberOf(container, token)
  if (Array.isArray(container)) applyToArray(container, last, operation)
  else if (typeof container === 'object' && container !== null) applyToObject(container, last, operation)
  else throw new Refusal('patch_path_missing', operation.path)
}

function applyToArray(array: JsonArray, token: string, operation: PatchOperation): void {
  const index = token === '-' && operation.op === 'add' ? array.length : Number(token)
  const end = operation.op === 'add' ? array.length : array.length - 1
  if (!/^(-|0|[1-9][0-9]*)$/.test(token) || !(index <= end)) throw new Refusal('patch_path_missing', operation.path)
  if (operation.op === 'add') array.splice(index, 0, copyJson(operation.value))
  else if (operation.op === 'replace') array[index] = copyJson(operation.value)
  else array.splice(index, 1)
}

function applyToObject(object: JsonObject, name: string, operation: PatchOperation): void {
  if (operation.op !== 'add' && !Object.hasOwn(object, name)) throw new Refusal('patch_path_missing', operation.path)
  if (operation.op === 'remove') delete object[name]
  else object[name] = copyJson(operation.value)
}

function memberOf(container: JsonValue | undefined, token: string): JsonValue | undefined {
  if (Array.isArray(container)) return container[Number(token)]
  if (typeof container !== 'object' || container === null || !Object.hasOwn(container, token)) return undefined
  return container[token]
}

function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}
