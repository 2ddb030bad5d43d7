import { require } from './refusal.js'

/**
 * Finds where one CBOR item (RFC 8949) ends, without giving it a meaning: what follows it must not hide behind it.
 * Supported is what the CTAP2 canonical form allows: definite lengths, heads in their shortest form, no tags.
 * Not checked, because nothing reads the item: UTF-8 in text, order and uniqueness of map keys.
 */

const maxDepth = 8

/** The major types that hold other items or octets. */
const major = { octets: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const

export const cborMap = major.map

/** The major type of the item that begins at `offset`; undefined behind the end. */
export function cborMajorType(bytes: Uint8Array, offset: number): number | undefined {
  const initial = bytes[offset]
  return initial === undefined ? undefined : initial >> 5
}

/**
 * The offset behind the item that begins at `offset`.
 *
 * @throws Refusal with `code` if there is no whole item of the supported form
 */
export function skipCborItem(bytes: Uint8Array, offset: number, code: string, at = '', depth = 0): number {
  require(depth <= maxDepth, code, at)
  const head = readHead(bytes, offset, code, at)
  if (head.type < major.octets || head.type === major.simple) return head.end
  require(head.type !== major.tag, code, at)
  // The argument is attacker-controlled; no item is longer, in octets or in items, than what is left.
  require(head.argument <= bytes.length - head.end, code, at)
  if (head.type === major.octets || head.type === major.text) return head.end + head.argument
  const items = head.type === major.map ? 2 * head.argument : head.argument
  let end = head.end
  for (let i = 0; i < items; i++) end = skipCborItem(bytes, end, code, at, depth + 1)
  return end
}

interface Head {
  readonly type: number
  readonly argument: number
  readonly end: number
}

function readHead(bytes: Uint8Array, offset: number, code: string, at: string): Head {
  require(offset < bytes.length, code, at)
  const type = bytes[offset]! >> 5
  const info = bytes[offset]! & 0x1f
  // 28 to 30 are reserved, 31 is an indefinite length.
  require(info <= 27, code, at)
  // Major type 7 below 20: simple values that nobody has assigned.
  require(type !== major.simple || info >= 20, code, at)
  if (info < 24) return { type, argument: info, end: offset + 1 }
  const octets = 2 ** (info - 24)
  const end = offset + 1 + octets
  require(end <= bytes.length, code, at)
  const argument = bytes.subarray(offset + 1, end).reduce((value, octet) => value * 256 + octet, 0)
  // In major type 7 the longer heads are floats, and 24 is unassigned too.
  const shortest = type === major.simple ? info > 24 : argument >= (octets === 1 ? 24 : 256 ** (octets / 2))
  require(shortest, code, at)
  return { type, argument, end }
}
