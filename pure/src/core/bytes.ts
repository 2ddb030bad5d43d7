import { Refusal } from './refusal.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const loneSurrogate = /[\ud800-\udfff]/u

/** Whether two octet strings are equal. Not constant time: nothing compared here is secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** One new octet string from several. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** Whether every surrogate in `text` is part of a pair, so that distinct texts have distinct UTF-8. */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text)
}

/** UTF-8 of `text`. Refuses a lone surrogate, which the platform would silently replace by U+FFFD. */
export function utf8Encode(text: string): Uint8Array {
  if (!isWellFormed(text)) throw new Refusal('text_surrogate_invalid')
  return encoder.encode(text)
}

/** Text of well-formed UTF-8; a byte-order mark is kept as a character. */
export function utf8Decode(bytes: Uint8Array, at = ''): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Refusal('utf8_invalid', at)
  }
}
