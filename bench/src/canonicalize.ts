import { canonicalString } from '@countersign/pure/core/jcs'
import { parseJson } from '@countersign/pure/core/json'
import { makeReceipt } from '@countersign/simulator/attempt'
import { makeWorld, octetsOfJson } from '@countersign/simulator/world'
import { compare, type Ratio } from './measure.js'

/** Strict reading and canonical form beside the platform's own JSON, which does neither. */
export function canonicalizeBench(): Ratio[] {
  const octets = octetsOfJson(makeReceipt(makeWorld({ seed: 'bench' })).receipt)
  const value = parseJson(octets).value
  const decoder = new TextDecoder()
  const notes = { octets: octets.length }
  return [
    compare(
      { name: 'canonical form of a receipt', limit: 'JSON.stringify of the same value', notes },
      () => canonicalString(value),
      () => JSON.stringify(value),
    ),
    compare(
      { name: 'strict reading of a receipt', limit: 'JSON.parse of the same octets', notes },
      () => parseJson(octets),
      () => JSON.parse(decoder.decode(octets)),
    ),
  ]
}
