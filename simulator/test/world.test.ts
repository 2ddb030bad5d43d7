import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import { describe, expect, test } from 'vitest'
import { makeBundle, makeDenial, makeReceipt } from '../src/attempt.js'
import { joinTrust, makeWorld, octetsOfJson, pinned } from '../src/world.js'

const all = (seed?: string) => {
  const world = makeWorld(seed === undefined ? {} : { seed })
  const made = [makeReceipt(world).receipt, makeBundle(world).bundle, makeDenial(world).record, world.trustFile()]
  return made.map((one) => canonicalString(one))
}

describe('a world', () => {
  test('the same seed gives the same octets, another seed other ones', () => {
    expect(all()).toEqual(all())
    const [first, second] = [all('a'), all('b')]
    expect(first.filter((one, index) => one === second[index])).toEqual([])
  })

  test('attempts of one world have their own nonce and id, and the log chains them', () => {
    const world = makeWorld()
    const first = makeReceipt(world, { label: 'first' })
    const second = makeReceipt(world, { label: 'second' })
    const [one, two] = [first.contexts[0]!, second.contexts[0]!]
    expect(one['nonce']).not.toBe(two['nonce'])
    expect(first.receipt['receipt_id']).not.toBe(second.receipt['receipt_id'])
    expect(two['prev_receipt_hash']).toBe(first.receiptHash)
    expect([first.logIndex, second.logIndex]).toEqual([1, 2])
  })

  test('an alteration is hashed and signed by all that follows', () => {
    const world = makeWorld()
    const alter = { action: [{ op: 'replace', path: '/parameters/amount', value: '700000.00' }] } as const
    const { receipt } = makeReceipt(world, { alter })
    const { parameters } = receipt['action'] as { parameters: JsonObject }
    expect(parameters['amount']).toBe('700000.00')
    expect(verifyReceipt(octetsOfJson(receipt), pinned(world.trustFile())).outcome).toBe('satisfied')
  })

  test('trust files of several worlds join', () => {
    const [acme, globex] = [makeWorld(), makeWorld({ organization: 'globex' })]
    expect([...pinned(joinTrust(acme.trustFile(), globex.trustFile())).groups.keys()]).toEqual([
      'ep:org:acme',
      'ep:org:globex',
    ])
  })
})
