import { describe, expect, test } from 'vitest'
import { ecdsaSignatureFromDer } from '../../src/core/ecdsa-der.js'

// Beneath `verifySignatureDer`, which refuses many of these for the value of r or s as well.
const integer = (...octets: number[]) => [2, octets.length, ...octets]
const sequence = (...body: number[]) => Uint8Array.of(0x30, body.length, ...body)
const full = (first: number) => [first, ...new Array<number>(31).fill(7)]
const one = integer(1)

describe('EP-ENC-8: DER is strict', () => {
  test('integers of any length up to 256 bits stand at the right of their half', () => {
    const read = ecdsaSignatureFromDer(sequence(...integer(...full(0x7f)), ...integer(0, 0x80)))
    expect([...read!]).toEqual([...full(0x7f), ...new Array<number>(31).fill(0), 0x80])
    const swapped = ecdsaSignatureFromDer(sequence(...integer(5), ...integer(0, ...full(0xff))))
    expect([...swapped!]).toEqual([...new Array<number>(31).fill(0), 5, ...full(0xff)])
  })

  test.each([
    ['r empty', integer(), one],
    ['s empty', one, integer()],
    ['r zero', integer(0), one],
    ['s zero', one, integer(0)],
    ['r padded', integer(0, 0x7f), one],
    ['s padded', one, integer(0, 0x7f)],
    ['r negative', integer(0x80), one],
    ['s negative', one, integer(0x80)],
    ['r of 257 bits', integer(1, ...full(0)), one],
    ['s of 257 bits', one, integer(1, ...full(0))],
    ['r beyond the end', [2, 100, 1], one],
    ['s beyond the end', one, [2, 2, 1]],
    ['an octet after s', one, [...one, 0]],
    ['another tag of r', [3, 1, 1], one],
    ['another tag of s', one, [3, 1, 1]],
    ['s absent', one, []],
  ])('%s: no signature', (_, r, s) => {
    expect(ecdsaSignatureFromDer(sequence(...r, ...s))).toBeUndefined()
  })

  test('the length of the sequence is its own, in one octet', () => {
    const body = [...one, ...one]
    expect(ecdsaSignatureFromDer(sequence(...body))).toBeDefined()
    for (const head of [[0x31, 6], [0x30, 5], [0x30, 7], [0x30, 0x81, 6], [0x30, 0x80], [0x30], []])
      expect(ecdsaSignatureFromDer(Uint8Array.of(...head, ...body))).toBeUndefined()
  })
})
