import { Refusal } from './refusal.js'

const pairs = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

/** Lowercase hexadecimal. */
export function encodeHex(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += pairs[bytes[i] as number]
  return text
}

/** Octets of lowercase hexadecimal; upper case is refused, so that a value has one form. */
export function decodeHex(text: string, at = ''): Uint8Array {
  const bytes = hexOctets(text, 0)
  if (bytes === undefined) throw new Refusal('hex_malformed', at)
  return bytes
}

/** As `decodeHex`, of the text after `start`; undefined if malformed, so that the caller names the cause. */
export function hexOctets(text: string, start: number): Uint8Array | undefined {
  const digits = text.length - start
  if (digits % 2 !== 0) return undefined
  const bytes = new Uint8Array(digits / 2)
  for (let i = 0, from = start; i < bytes.length; i++, from += 2) {
    const high = nibble(text.charCodeAt(from))
    const low = nibble(text.charCodeAt(from + 1))
    if (high < 0 || low < 0) return undefined
    bytes[i] = (high << 4) | low
  }
  return bytes
}

function nibble(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30
  return c >= 0x61 && c <= 0x66 ? c - 0x57 : -1
}
