import { concatBytes } from '@countersign/pure/core/bytes'
import { encodeBinary, parseBinary } from '@countersign/pure/core/digest'
import type { Moment } from './service.js'

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ulidForm = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

/** 128 bits as a ULID: 48 bits of time, then randomness, so that ids sort by time. */
export function ulid(octets: Uint8Array): string {
  let text = ''
  let held = 0
  // 128 bits are 25 characters and 3 bits, which come first: two zeros stand before them.
  let heldBits = 2
  for (let i = 0; i < 16; i++) {
    held = (held << 8) | octets[i]!
    heldBits += 8
    for (; heldBits >= 5; heldBits -= 5) text += crockford[(held >> (heldBits - 5)) & 31]
    held &= (1 << heldBits) - 1
  }
  return text
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
