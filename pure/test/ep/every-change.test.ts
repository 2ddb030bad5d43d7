import type { JsonValue } from '@countersign/pure/core/json'
import { into } from '@countersign/pure/core/refusal'
import { makeReceipt } from '@countersign/simulator/attempt'
import { makeWorld, octetsOfJson, pinned } from '@countersign/simulator/world'
import { describe, expect, test } from 'vitest'
import { verifyReceipt } from '../../src/ep/verify-receipt.js'
import { changed, everyArtifact, verdictOf } from './artifacts.js'

const [receipt, bundle, denial] = everyArtifact(
  { approvers: [{ name: 'jchen', keyClass: 'A' }] },
  { entriesBefore: 3, entriesAfter: 2 },
)

function leavesOf(value: JsonValue, path = ''): readonly (readonly [path: string, leaf: JsonValue])[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, into(path, index)))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, member]) => leavesOf(member, into(path, name)))
  return [[path, value]]
}

// `signed_at` is the server's word (EP-SIG-1): the bundle hash covers it once the executor has sealed that.
const uncovered: Readonly<Record<string, readonly string[]>> = { bundle: ['/signoffs/0/signed_at'] }

/** Another value of the same type and, where there is one, of the same form. */
function other(leaf: JsonValue): JsonValue {
  if (leaf === null) return '2027-01-01T00:00:00Z'
  if (typeof leaf === 'boolean') return !leaf
  if (typeof leaf === 'number') return leaf + 1
  const text = leaf as string
  // One second later: still within every window.
  if (/^\d{4}-.*0Z$/.test(text)) return text.replace(/0Z$/, '1Z')
  // Not the last character, which may have bits that no octet uses.
  const place = Math.max(text.length - 2, 0)
  return text.slice(0, place) + (text[place] === 'e' ? 'd' : 'e') + text.slice(place + 1)
}

describe('EP-REC-2: every leaf of an artifact is covered', () => {
  test.each([receipt!, bundle!, denial!])('$kind: another value anywhere refuses', ({ kind, artifact, judge }) => {
    expect(verdictOf(judge(octetsOfJson(artifact)))).toBe('satisfied')
    const leaves = leavesOf(artifact)
    expect(leaves.length).toBeGreaterThan(90)
    const passed = leaves.filter(([path, leaf]) => {
      const outcome = judge(changed(artifact, { op: 'replace', path, value: other(leaf) })).outcome
      return outcome !== 'refused'
    })
    expect(passed.map(([path]) => path)).toEqual(uncovered[kind] ?? [])
  })

  test('EP-REC-4: the only members that no signature covers are cosignatures of witnesses whom nobody pinned', () => {
    const world = makeWorld({ witnesses: 2 })
    const { receipt } = makeReceipt(world, { checkpoint: { witnesses: world.witnesses } })
    const [first, second] = world.witnesses
    const keys = '/organizations/0/witnesses/keys'
    const passing = (vkeys: readonly string[]) => {
      const trust = pinned(world.trustFile({ op: 'replace', path: keys, value: [...vkeys] }))
      return leavesOf(receipt)
        .filter(
          ([path, leaf]) =>
            verifyReceipt(changed(receipt, { op: 'replace', path, value: other(leaf) }), trust).outcome !== 'refused',
        )
        .map(([path]) => path)
    }
    const at = (index: number) =>
      ['name', 'timestamp', 'signature'].map((member) => `/log_proof/checkpoint/cosignatures/${index}/${member}`).sort()
    expect(passing([first!.vkey, second!.vkey]).sort()).toEqual([
      '/log_proof/checkpoint/cosignatures/0/name',
      '/log_proof/checkpoint/cosignatures/1/name',
    ])
    expect(passing([]).sort()).toEqual([...at(0), ...at(1)])
  })

  test('EP-REC-4: a renamed cosignature counts as nobody, so it never reaches k', () => {
    const world = makeWorld({ witnesses: 1 })
    const { receipt } = makeReceipt(world, { checkpoint: { witnesses: world.witnesses } })
    const trust = pinned(world.trustFile({ op: 'replace', path: '/organizations/0/witnesses/k', value: 1 }))
    const name = '/log_proof/checkpoint/cosignatures/0/name'
    expect(verdictOf(verifyReceipt(octetsOfJson(receipt), trust))).toBe('satisfied')
    const renamed = changed(receipt, { op: 'replace', path: name, value: 'witness-9.example' })
    expect(verdictOf(verifyReceipt(renamed, trust))).toBe('inclusion witness_count_insufficient')
  })
})
