import { makeReceipt } from '@countersign/simulator/attempt'
import { makeWorld, octetsOfJson, pinned } from '@countersign/simulator/world'
import { expect, test } from 'vitest'
import { parseHash, sha256 } from '../../src/core/digest.js'
import { canonicalBytes } from '../../src/core/jcs.js'
import { evaluateCondition } from '../../src/ep/condition.js'
import { evaluatePolicy } from '../../src/ep/policy.js'
import { alternatives, type Quorum } from '../../src/ep/quorum.js'
import { sealMessage } from '../../src/ep/sealed.js'
import { verifyReceipt } from '../../src/ep/verify-receipt.js'
import { verifyApproverSignature } from '../../src/ep/verify-signature.js'
import { refusalOf } from './refusal-of.js'

// What no vector can carry: callers that name no pointer, and answers that only engines read.

function usual() {
  const world = makeWorld({ approvers: [{ name: 'jchen', keyClass: 'A' }] })
  const verified = verifyReceipt(octetsOfJson(makeReceipt(world).receipt), pinned(world.trustFile()))
  if (verified.outcome !== 'satisfied') throw new Error(verified.failure.code)
  return { ...verified.value, group: pinned(world.trustFile()).groups.get(world.organization)! }
}

test('EP-VER-1: without a pointer a refusal points from the policy, the condition or the quorum itself', () => {
  const four: Quorum = { any: Array.from({ length: 4 }, () => ({ k: 1, roles: ['a'] })) }
  expect(refusalOf(() => alternatives({ all: [four, four, four, four, four] }))?.at).toBe('')
  expect(refusalOf(() => evaluateCondition({ eq: ['/amount', '1'] }, {}))?.at).toBe('/eq')
  const { policy, action } = usual().receipt
  expect(refusalOf(() => evaluatePolicy({ ...policy, pinned: ['/parameters/none'] }, action))?.at).toBe('/pinned/0')
})

test('EP-ENC-9: a seal signs the SHA-256 of its canonical body', () => {
  expect(sealMessage({ b: 1, a: [] })).toEqual(sha256(canonicalBytes({ a: [], b: 1 })))
})

test('EP-KEY-A: the sign count of an authenticator is handed on; whether it rose is for an engine to judge', () => {
  const { receipt, group } = usual()
  const [signoff] = receipt.signoffs
  const entry = receipt.approver_key_proofs
    .map(({ leaf }) => leaf.entry)
    .find(({ type }) => type === 'ep.enrollment.v1')
  if (entry?.type !== 'ep.enrollment.v1') throw new Error('no enrollment entry')
  const judged = verifyApproverSignature(signoff!, parseHash(signoff!.context_hash), entry, group, '/signoffs/0')
  expect(judged).toEqual({ keyClass: 'A', signCount: expect.any(Number) })
})
