import { decodeHex, encodeHex } from './hex.js'

// edwards25519 (RFC 8032, section 5.1): -x^2 + y^2 = 1 + d x^2 y^2 over GF(p).
const p = 2n ** 255n - 19n
const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

// The encodings of the eight points of small order differ, but for the sign bit, in y only: 0, 1, -1 and the two y of
// the points of order eight.
const smallOrderY = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])
const prime = decodeHex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')

export type Ed25519PointDefect = 'noncanonical' | 'small_order'

/**
 * What disqualifies an encoded point, key or R, before any library sees it (EP-ENC-8): y not less than p, or small
 * order. x = 0 with the sign bit set is non-canonical too, but only points of small order have x = 0.
 *
 * @param bytes - holds the 32 octets of a point from its start on
 */
export function ed25519PointDefect(bytes: Uint8Array): Ed25519PointDefect | undefined {
  const y = bytes.slice(0, 32)
  y[31] = (y[31] as number) & 0x7f
  // In the 19 encodings that are not canonical all octets but the first and the last are 0xff.
  if (y[31] === 0x7f && isPrimeOrMore(y)) return 'noncanonical'
  return mayBeSmallOrder(y) && smallOrderY.has(encodeHex(y)) ? 'small_order' : undefined
}

/** Whether 32 canonical octets decode to a point: (y^2 - 1) / (d y^2 + 1) must be a square. */
export function isOnEdwards25519(raw: Uint8Array): boolean {
  const y = BigInt(`0x${encodeHex(raw.toReversed())}`) & (2n ** 255n - 1n)
  const u = (y * y - 1n) % p
  const v = (d * y * y + 1n) % p
  // u/v and u*v differ by the square v^2, and v is never zero because -1/d is not a square. The exponent is even, so that
  // a negative u*v (y = 0) does no harm.
  const euler = power((u * v) % p, (p - 1n) / 2n)
  return euler <= 1n
}

function isPrimeOrMore(y: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) if (y[i] !== prime[i]) return (y[i] as number) > (prime[i] as number)
  return true
}

/** A look at the last octet, which spares all but a few points the search. */
function mayBeSmallOrder(y: Uint8Array): boolean {
  const last = y[31] as number
  return last === 0 || last === 0x7f || last === 0x05 || last === 0x7a
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % p
    square = (square * square) % p
  }
  return result
}
