/**
 * Whether the decimal number written in `token` has exactly the value of the shortest ECMAScript form of `value`
 * (EP-ENC-1): then another language that keeps decimals reads the same number, and JCS loses nothing.
 *
 * @param token - a number that follows the JSON grammar
 * @param value - the finite double nearest to it
 */
export function isExact(token: string, value: number): boolean {
  const shortest = String(value)
  if (token === shortest) return true
  const written = decimalOf(token)
  const kept = decimalOf(shortest)
  if (written.digits !== kept.digits) return false
  // Zero has no digits, and its exponent means nothing: `-0`, `0.0` and `0e9` are all zero.
  return written.digits === '' || written.exponent === kept.exponent
}

/** |value| = 0.digits x 10^exponent, digits without zeros at either end. Linear in the length of the token. */
function decimalOf(token: string): { digits: string; exponent: number } {
  const sign = token.startsWith('-') ? 1 : 0
  const e = token.search(/[eE]/)
  const mantissa = token.slice(sign, e === -1 ? token.length : e)
  const dot = mantissa.indexOf('.')
  const whole = dot === -1 ? mantissa : mantissa.slice(0, dot)
  const all = dot === -1 ? mantissa : whole + mantissa.slice(dot + 1)
  let first = 0
  while (first < all.length && all[first] === '0') first++
  let last = all.length
  while (last > first && all[last - 1] === '0') last--
  const power = e === -1 ? 0 : Number(token.slice(e + 1))
  return { digits: all.slice(first, last), exponent: whole.length - first + power }
}
