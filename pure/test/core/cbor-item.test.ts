import { cborMajorType, skipCborItem } from '@countersign/pure/core/cbor-item'
import { decodeHex } from '@countersign/pure/core/hex'
import { Refusal } from '@countersign/pure/core/refusal'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const numRuns = process.env.SLOW ? 6000 : 300

/** Octets of the item, or the code. */
function skip(bytes: Uint8Array, offset = 0): number | string {
  try {
    return skipCborItem(bytes, offset, 'refused') - offset
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    return (error as Refusal).code
  }
}

test('EP-KEY-A: an item ends where RFC 8949 says, and only the canonical form is an item', () => {
  const rows: [string, string, number | string][] = [
    ['00', '0', 1],
    ['17', '23', 1],
    ['1818', '24', 2],
    ['190100', '256', 3],
    ['1a00010000', '65536', 5],
    ['1b0000000100000000', '2^32', 9],
    ['3bffffffffffffffff', '-2^64', 9],
    ['40', 'no octets', 1],
    ['43010203', 'octets', 4],
    ['6161', 'text', 2],
    ['83010203', 'array', 4],
    ['a0', 'empty map', 1],
    ['a16b68747470733a2f2f782e79f5', 'map', 14],
    ['a2616101616202', 'map of two', 7],
    ['f4', 'false', 1],
    ['f7', 'undefined', 1],
    ['f93c00', 'float16', 3],
    ['fb3ff0000000000000', 'float64', 9],
    ['0000', 'an item and more', 1],
    ['818181818181818100', 'depth 8', 9],
    ['81818181818181818100', 'depth 9', 'refused'],
    ['', 'nothing', 'refused'],
    ['1817', '23 in two octets', 'refused'],
    ['1900ff', '255 in three octets', 'refused'],
    ['1a0000ffff', '65535 in five octets', 'refused'],
    ['1b00000000ffffffff', '2^32-1 in nine octets', 'refused'],
    ['5801aa', 'long head of a short string', 'refused'],
    ['19', 'head cut off', 'refused'],
    ['4301', 'octets cut off', 'refused'],
    ['6261', 'text cut off', 'refused'],
    ['8201', 'array cut off', 'refused'],
    ['a101', 'map cut off', 'refused'],
    ['5bffffffffffffffff', 'octets of 2^64-1', 'refused'],
    ['9bffffffffffffffff', 'array of 2^64-1', 'refused'],
    ['bbffffffffffffffff', 'map of 2^64-1', 'refused'],
    ['5f4101ff', 'indefinite octets', 'refused'],
    ['9f01ff', 'indefinite array', 'refused'],
    ['bfff', 'indefinite map', 'refused'],
    ['ff', 'break', 'refused'],
    ['1c', 'reserved head', 'refused'],
    ['c001', 'tag', 'refused'],
    ['e0', 'unassigned simple value', 'refused'],
    ['f8ff', 'unassigned simple value, two octets', 'refused'],
  ]
  expect(rows.map(([hex, name]) => [name, skip(decodeHex(hex))])).toEqual(rows.map(([, name, end]) => [name, end]))
})

test('EP-KEY-A: the major type is that of the octet at the offset', () => {
  expect([cborMajorType(decodeHex('00a0'), 1), cborMajorType(decodeHex('00a0'), 2)]).toEqual([5, undefined])
})

test('arbitrary octets are refused or skipped within their length, and throw nothing else', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(5), (bytes, offset) => {
    const end = skip(bytes, offset)
    expect(end === 'refused' || (Number(end) >= 1 && offset + Number(end) <= bytes.length)).toBe(true)
  })
  fc.assert(property, { numRuns })
})
