import type { JsonObject } from '@countersign/pure/core/json'
import { usualPolicy } from '@countersign/simulator/world'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import type { Action } from '../../src/ep/action.js'
import { materialHash } from '../../src/ep/material.js'
import { evaluatePolicy, type Policy } from '../../src/ep/policy.js'
import { isSaltedValue, saltedHash } from '../../src/ep/salted-value.js'
import { refusalOf } from './refusal-of.js'

const policyWith = (members: JsonObject) => ({ ...usualPolicy('acme'), ...members }) as unknown as Policy
const action = (changes: JsonObject = {}): Action => ({
  ep_version: '1.0',
  action_type: 'wire.release',
  target: { system: 'treasury.example', resource: 'wire/8841' },
  parameters: { amount: '2400000.00', memo: 'first words' },
  initiator: 'ep:entity:agent-recon-7',
  policy_id: 'ep:policy:wires@v1',
  requested_at: '2026-11-20T12:00:00Z',
  ...changes,
})

describe('EP-ACT-3: salted values', () => {
  const salt = Uint8Array.from({ length: 32 }, (_, index) => index)

  test('are HMAC-SHA-256 over the canonical form', () => {
    const expected = Buffer.from(hmac(sha256, salt, new TextEncoder().encode('{"a":1,"b":"x"}'))).toString('hex')
    expect(saltedHash(salt, { b: 'x', a: 1 })).toBe(`sha256:${expected}`)
  })

  test('are recognised under their own salt only', () => {
    const salted = saltedHash(salt, 'DE02120300000000202051')
    expect(isSaltedValue(salted, salt, 'DE02120300000000202051')).toBe(true)
    expect(isSaltedValue(salted, salt, 'DE02120300000000202052')).toBe(false)
    expect(isSaltedValue(salted, salt.toReversed(), 'DE02120300000000202051')).toBe(false)
  })

  test('a short salt is refused', () => {
    expect(refusalOf(() => saltedHash(salt.slice(1), 'x'))?.code).toBe('salt_length_mismatch')
    expect(refusalOf(() => isSaltedValue('sha256:', salt, 'x'))?.code).toBe('hash_malformed')
  })
})

describe('EP-ACT-4: what is material', () => {
  const policy = policyWith({ material: ['/parameters/amount', '/target/resource'] })
  const same = (changes: JsonObject) => materialHash(policy, action(changes)) === materialHash(policy, action())

  test('a reworded retry has the same hash, another amount, resource or initiator has not', () => {
    expect(same({ parameters: { amount: '2400000.00', memo: 'other words' } })).toBe(true)
    expect(same({ requested_at: '2026-11-21T12:00:00Z', provenance: { note: 'again' } })).toBe(true)
    expect(same({ parameters: { amount: '2400000.0', memo: 'first words' } })).toBe(false)
    expect(same({ target: { system: 'treasury.example', resource: 'wire/8842' } })).toBe(false)
    expect(same({ target: { system: 'ledger.example', resource: 'wire/8841' } })).toBe(false)
    expect(same({ initiator: 'ep:entity:agent-recon-8' })).toBe(false)
    expect(same({ policy_id: 'ep:policy:wires@v2' })).toBe(false)
    expect(same({ action_type: 'wire.cancel' })).toBe(false)
  })

  test('a policy may name nothing; what it names must be there', () => {
    expect(materialHash(policyWith({}), action())).toBeUndefined()
    const refusal = refusalOf(() => materialHash(policy, action({ parameters: {} })))
    expect([refusal?.code, refusal?.at]).toEqual(['material_operand_missing', '/policy/material/0'])
  })

  test('EP-POL-1: what is pinned is judged before any rule', () => {
    const pinned = policyWith({ pinned: ['/parameters/artifact'], rules: [] })
    const refusal = refusalOf(() => evaluatePolicy(pinned, action(), '/policy'))
    expect(refusal?.code).toBe('pinned_digest_missing')
  })
})
