const sequenceTag = 0x30
const integerTag = 0x02

/**
 * r || s, 64 octets, of a P-256 signature in strict DER: one SEQUENCE of two minimal, positive INTEGERs of at most 256
 * bits, lengths in one octet, nothing before, between or after. Undefined for everything else, BER included.
 */
export function ecdsaSignatureFromDer(der: Uint8Array): Uint8Array | undefined {
  // Two integers of 33 octets make 70: the long form of a length (0x81 and more) would need one of more than 256 bits.
  if (der[0] !== sequenceTag || der[1] !== der.length - 2) return undefined
  const rEnd = integerEnd(der, 2)
  if (rEnd === undefined || integerEnd(der, rEnd) !== der.length) return undefined
  const signature = new Uint8Array(64)
  const r = magnitude(der, 2, rEnd)
  const s = magnitude(der, rEnd, der.length)
  if (r.length > 32 || s.length > 32) return undefined
  signature.set(r, 32 - r.length)
  signature.set(s, 64 - s.length)
  return signature
}

/** Where the minimal positive INTEGER at `start` ends, which may be beyond `der`: nothing begins there, and it is not the end. */
function integerEnd(der: Uint8Array, start: number): number | undefined {
  const length = der[start + 1] ?? 0
  const end = start + 2 + length
  if (der[start] !== integerTag || length === 0) return undefined
  const first = der[start + 2] as number
  if (first >= 0x80) return undefined // negative
  if (first === 0 && !((der[start + 3] as number) >= 0x80)) return undefined // zero, or not minimal
  return end
}

/** The octets of the INTEGER from `start` to `end` without the zero that marks it positive. */
function magnitude(der: Uint8Array, start: number, end: number): Uint8Array {
  const octets = der.subarray(start + 2, end)
  return octets[0] === 0 ? octets.subarray(1) : octets
}
