import { concatBytes } from '@countersign/pure/core/bytes'
import { encodeBinary, parseBinary } from '@countersign/pure/core/digest'
import type { Moment } from './service.js'

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ulidForm = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

/** 128 bits as a ULID: 48 bits of time, then randomness, so that ids sort by time. */
export function ulid(octets: Uint8Array): string {
  let bits = 0n
  for (const octet of octets.subarray(0, 16)) bits = (bits << 8n) | BigInt(octet)
  return Array.from({ length: 26 }, (_, i) => crockford[Number((bits >> BigInt(5 * (25 - i))) & 31n)]).join('')
}

export function isUlid(text: string): boolean {
  return ulidForm.test(text)
}

function timePrefix(milliseconds: number): Uint8Array {
  return Uint8Array.from({ length: 6 }, (_, i) => Math.floor(milliseconds / 256 ** (5 - i)) % 256)
}

/** 32 octets, 208 bits of them random; the prefix keeps the unique index append-mostly (EP-CTX-2). */
export function makeNonce({ now, random }: Moment): string {
  return encodeBinary(concatBytes(timePrefix(now), random.subarray(0, 26)))
}

/** The id of an attempt: a ULID made of the first 16 octets of its nonce, so that a consume request finds the row by itself. */
export function attemptId(nonce: string): string {
  return ulid(parseBinary(nonce))
}

/** The ULID of a receipt or a denial record. */
export function makeUlid({ now, random }: Moment): string {
  return ulid(concatBytes(timePrefix(now), random.subarray(26, 36)))
}
