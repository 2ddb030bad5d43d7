import { makeReceipt } from '@countersign/simulator/attempt'
import { makeWorld, octetsOfJson, pinned } from '@countersign/simulator/world'
import { describe, expect, test } from 'vitest'
import { verifyReceipt } from '../../src/ep/verify-receipt.js'
import { changed, verdictOf } from './artifacts.js'

/** A receipt at an index of a log of a size, and its trust. */
function receiptAt(index: number, size: number) {
  const world = makeWorld()
  const { receipt, logIndex } = makeReceipt(world, { entriesBefore: index, entriesAfter: size - index - 1 })
  expect([logIndex, world.log.tree.size]).toEqual([index, size])
  return { receipt, trust: pinned(world.trustFile()) }
}

describe('EP-VER-5: receipts in logs of several sizes', () => {
  const positions = [2, 3, 7, 8, 9].flatMap((size) =>
    Array.from({ length: size - 1 }, (_, at) => [at + 1, size] as const),
  )

  test.each([...positions, [1, 1000], [511, 1000], [512, 1000], [999, 1000]] as const)('at %i of %i', (index, size) => {
    const { receipt, trust } = receiptAt(index, size)
    expect(verdictOf(verifyReceipt(octetsOfJson(receipt), trust))).toBe('satisfied')
    const proof = receipt['log_proof'] as { inclusion_path: string[] }
    const dropped = changed(receipt, {
      op: 'remove',
      path: `/log_proof/inclusion_path/${proof.inclusion_path.length - 1}`,
    })
    expect(verdictOf(verifyReceipt(dropped, trust))).toBe('inclusion inclusion_path_malformed')
  })

  test('an empty path only in a tree of one leaf', () => {
    const world = makeWorld({ logHeads: false })
    const { receipt } = makeReceipt(world, { headProof: false })
    const trust = pinned(world.trustFile())
    expect(verdictOf(verifyReceipt(octetsOfJson(receipt), trust))).toBe('satisfied')
    expect((receipt['log_proof'] as { inclusion_path: string[] }).inclusion_path).toEqual([])
  })
})
