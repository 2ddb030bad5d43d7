import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import { parseJson } from '@countersign/pure/core/json'
import { applyPatch, type PatchOperation } from '@countersign/pure/core/json-patch'
import { into } from '@countersign/pure/core/refusal'
import { makeWorld, octetsOfJson } from '@countersign/simulator/world'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coreCodes } from '../../src/core/codes.js'
import { epCodes } from '../../src/ep/codes.js'
import { readTrust } from '../../src/ep/pinned-trust.js'
import { runs } from '../core/runs.js'
import { everyArtifact } from './artifacts.js'

const artifacts = everyArtifact({ approvers: [{ name: 'jchen', keyClass: 'A' }] })
const trustFile = makeWorld({ witnesses: 1, administrators: 1 }).trustFile()

function pathsOf(value: JsonValue, path = ''): string[] {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return [path, ...members.flatMap(([name, member]) => pathsOf(member, into(path, name)))]
}

/** A refusal has a code of the tables, and never the one that stands for a bug. */
function isListed(code: string): boolean {
  return code !== 'internal_error' && (code in epCodes || code in coreCodes)
}

describe('EP-VER-1: no input throws out of a verifier, and none of these is satisfied', () => {
  const junk = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>,
    fc.constantFrom<JsonValue>(null, '', -1, 2 ** 53 - 1, [], {}, '__proto__', `sha256:${'0'.repeat(64)}`, 'b64u:AAAA'),
  )
  const change = (paths: readonly string[]) =>
    fc.oneof(
      fc.record({ op: fc.constant('replace' as const), path: fc.constantFrom(...paths), value: junk }),
      fc.record({ op: fc.constant('remove' as const), path: fc.constantFrom(...paths.filter((path) => path !== '')) }),
    )

  test.each(artifacts)('$kind: any JSON in any place', ({ artifact, judge }) => {
    fc.assert(
      fc.property(change(pathsOf(artifact)), (operation: PatchOperation) => {
        const value = applyPatch(artifact, [operation])
        const outcome = judge(new TextEncoder().encode(JSON.stringify(value)))
        if (JSON.stringify(value) === JSON.stringify(artifact)) return
        // Without it the receipt does not say when its head was logged, and the answer says that (EP-REC-5).
        if (operation.op === 'remove' && operation.path === '/log_proof/head') return
        if (outcome.outcome === 'satisfied') throw new Error(`satisfied after ${JSON.stringify(operation)}`)
        expect(outcome.failure.code).toSatisfy(isListed)
      }),
      runs(),
    )
  })

  test.each(artifacts)('$kind: pieces of octets replaced, moved or cut off', ({ artifact, judge }) => {
    const bytes = octetsOfJson(artifact)
    const position = fc.nat({ max: bytes.length })
    fc.assert(
      fc.property(position, position, fc.uint8Array({ maxLength: 12 }), (a, b, piece) => {
        const [from, to] = a < b ? [a, b] : [b, a]
        const spliced = Uint8Array.from([
          ...bytes.subarray(0, from),
          ...piece,
          ...bytes.subarray(Math.min(to, from + 16)),
        ])
        const outcome = judge(spliced)
        // White space between tokens is no part of any hash: what is satisfied says the same, to the octet, in canonical form.
        if (outcome.outcome === 'satisfied') expect(octetsOfJson(parseJson(spliced).value as JsonObject)).toEqual(bytes)
        else expect(outcome.failure.code).toSatisfy(isListed)
      }),
      { ...runs(), examples: [[bytes.length, bytes.length, Uint8Array.of(0x09)]] },
    )
  })

  test.each(artifacts)('$kind: arbitrary octets', ({ judge }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const outcome = judge(bytes)
        expect(outcome.outcome).toBe('refused')
        expect(outcome.checks.map(({ status }) => status)).toEqual(
          outcome.checks.map((_, index) => (index === 0 ? 'failed' : 'not_evaluated')),
        )
      }),
      runs(),
    )
  })

  test('EP-VER-2: a trust file with any JSON in any place is read or refused', () => {
    fc.assert(
      fc.property(change(pathsOf(trustFile)), (operation: PatchOperation) => {
        const read = readTrust(new TextEncoder().encode(JSON.stringify(applyPatch(trustFile, [operation]))))
        if (!read.ok) expect(read.failure.code).toSatisfy(isListed)
      }),
      runs(),
    )
  })

  test('the strict parser reads what JSON.stringify of these artifacts writes', () => {
    for (const { artifact } of artifacts)
      expect(parseJson(new TextEncoder().encode(JSON.stringify(artifact))).value).toEqual(artifact)
  })
})
