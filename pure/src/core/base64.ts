import { Refusal } from './refusal.js'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

interface Alphabet {
  /** Two characters for each 12 bits. */
  readonly pairs: readonly string[]
  readonly characters: string
  /** The six bits of each ASCII character, 64 for one outside the alphabet. */
  readonly bits: Uint8Array
}

const urlAlphabet = alphabet(`${letters}-_`)
const standardAlphabet = alphabet(`${letters}+/`)

/** Why a text was not decoded: outside the alphabet or of a wrong length, or with unused bits that are not zero. */
export type Base64Defect = 'malformed' | 'noncanonical'

/** Unpadded base64url (RFC 4648, section 5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encode(bytes, urlAlphabet)
}

/** Octets of unpadded base64url; each octet string has exactly one accepted text (EP-ENC-4). */
export function decodeBase64Url(text: string, at = ''): Uint8Array {
  const bytes = base64UrlOctets(text, 0)
  if (typeof bytes === 'string') throw new Refusal(`base64url_${bytes}`, at)
  return bytes
}

/** As `decodeBase64Url`, of the text after `start`; answers the defect, so that the caller names the cause. */
export function base64UrlOctets(text: string, start: number): Uint8Array | Base64Defect {
  return decode(text, start, text.length, urlAlphabet)
}

/** Padded base64 (RFC 4648, section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encode(bytes, standardAlphabet)
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/** Octets of padded base64; each octet string has exactly one accepted text. */
export function decodeBase64(text: string, at = ''): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const whole = text.length % 4 === 0
  const bytes = whole ? decode(text, 0, text.length - padding, standardAlphabet) : 'malformed'
  if (typeof bytes === 'string') throw new Refusal(`base64_${bytes}`, at)
  return bytes
}

function alphabet(characters: string): Alphabet {
  const bits = new Uint8Array(128).fill(64)
  for (let i = 0; i < 64; i++) bits[characters.charCodeAt(i)] = i
  const pairs = Array.from({ length: 4096 }, (_, n) => characters.charAt(n >> 6) + characters.charAt(n & 63))
  return { pairs, characters, bits }
}

function encode(bytes: Uint8Array, { pairs, characters }: Alphabet): string {
  const octet = (i: number) => bytes[i] as number
  const whole = bytes.length - (bytes.length % 3)
  let text = ''
  for (let i = 0; i < whole; i += 3) {
    text += pairs[(octet(i) << 4) | (octet(i + 1) >> 4)]
    text += pairs[((octet(i + 1) & 15) << 8) | octet(i + 2)]
  }
  if (bytes.length - whole === 1) text += pairs[octet(whole) << 4]
  if (bytes.length - whole === 2)
    text += (pairs[(octet(whole) << 4) | (octet(whole + 1) >> 4)] as string) + characters[(octet(whole + 1) & 15) << 2]
  return text
}

function decode(text: string, start: number, end: number, { bits }: Alphabet): Uint8Array | Base64Defect {
  const length = end - start
  if (length % 4 === 1) return 'malformed'
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  let held = 0
  let heldBits = 0
  let next = 0
  for (let i = start; i < end; i++) {
    const six = bits[text.charCodeAt(i)] ?? 64
    if (six === 64) return 'malformed'
    held = (held << 6) | six
    heldBits += 6
    if (heldBits >= 8) {
      heldBits -= 8
      bytes[next++] = held >> heldBits
      held &= (1 << heldBits) - 1
    }
  }
  return held === 0 ? bytes : 'noncanonical'
}
