import type { JsonValue } from '@countersign/pure/core/json'
import { readShape } from '@countersign/pure/core/shape'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  alternatives,
  assignSlots,
  eligibleRoles,
  type Quorum,
  quorum,
  requiredApprovals,
} from '../../src/ep/quorum.js'
import { runs } from '../core/runs.js'
import { refusalOf } from './refusal-of.js'

const roles = ['a', 'b', 'c'] as const
const rolesOf = fc.subarray([...roles], { minLength: 1 })
const { tree } = fc.letrec<{ tree: Quorum }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 2 },
    fc.record({ k: fc.integer({ min: 1, max: 2 }), roles: rolesOf }),
    fc.array(tie('tree'), { minLength: 1, maxLength: 2 }).map((all) => ({ all })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 2 }).map((any) => ({ any })),
  ),
}))
const approvers = fc.array(rolesOf, { maxLength: 5 })

/** Whether a quorum can be met by these approvers: every way of giving each approver to one leaf or to none is tried. */
function bruteForce(node: Quorum, available: readonly (readonly string[])[]): readonly (readonly number[])[] {
  if ('k' in node) {
    const able = available.flatMap((held, index) => (held.some((role) => node.roles.includes(role)) ? [index] : []))
    return subsets(able).filter((chosen) => chosen.length === node.k)
  }
  if ('any' in node) return node.any.flatMap((child) => bruteForce(child, available))
  return node.all.reduce<readonly (readonly number[])[]>(
    (met, child) => {
      const ways = bruteForce(child, available)
      return met.flatMap((used) =>
        ways.filter((way) => way.every((one) => !used.includes(one))).map((way) => [...used, ...way]),
      )
    },
    [[]],
  )
}

function subsets(items: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: 2 ** items.length }, (_, bits) => items.filter((_, place) => (bits >> place) % 2 === 1))
}

describe('EP-POL-3: quorums', () => {
  test('an assignment is found if and only if there is one', () => {
    fc.assert(
      fc.property(tree, approvers, (node, held) => {
        const assignment = assignSlots(node, held)
        expect(assignment !== undefined).toBe(bruteForce(node, held).length > 0)
        if (assignment === undefined) return
        // Disjoint, and some alternative is filled slot by slot.
        expect(new Set(assignment).size).toBe(assignment.length)
        const filled = alternatives(node).some(
          (slots) =>
            slots.length === assignment.length &&
            slots.every((slot, index) => held[assignment[index]!]!.some((role) => slot.includes(role))),
        )
        expect(filled).toBe(true)
      }),
      runs(),
    )
  })

  test('EP-CTX-6: required_approvals is the least number that can satisfy it', () => {
    fc.assert(
      fc.property(tree, (node) => {
        const everybody = Array.from({ length: 8 }, () => [...roles])
        const least = requiredApprovals(node)
        expect(assignSlots(node, everybody.slice(0, least))).toBeDefined()
        expect(assignSlots(node, everybody.slice(0, least - 1))).toBeUndefined()
      }),
      runs(),
    )
  })

  test('one more approver never breaks a quorum', () => {
    fc.assert(
      fc.property(tree, approvers, rolesOf, (node, held, more) => {
        if (assignSlots(node, held) !== undefined) expect(assignSlots(node, [...held, more])).toBeDefined()
      }),
      runs(),
    )
  })

  test('only roles of some slot are eligible', () => {
    fc.assert(
      fc.property(tree, (node) => {
        expect([...eligibleRoles(node)].sort()).toEqual([...new Set(alternatives(node).flat(2))].sort())
      }),
      runs(),
    )
  })

  test.each([
    [{}, 'member_missing'],
    [[], 'quorum_malformed'],
    [{ all: {} }, 'quorum_malformed'],
    [{ all: [], k: 1 }, 'quorum_malformed'],
    [{ all: [{ any: [] }] }, 'quorum_list_insufficient'],
    [{ k: 17, roles: ['a'] }, 'integer_malformed'],
    [{ k: 1, roles: ['A'] }, 'identifier_malformed'],
  ] as readonly (readonly [JsonValue, string])[])('%j is refused: %s', (value, code) => {
    expect(refusalOf(() => readShape(quorum, value))?.code).toBe(code)
  })
})
