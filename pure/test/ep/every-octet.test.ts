import { utf8Decode } from '@countersign/pure/core/bytes'
import { canonicalString } from '@countersign/pure/core/jcs'
import { applyPatch } from '@countersign/pure/core/json-patch'
import { octetsOfJson } from '@countersign/simulator/world'
import { describe, expect, test } from 'vitest'
import { everyArtifact } from './artifacts.js'

const artifacts = everyArtifact(
  { approvers: [{ name: 'jchen', keyClass: 'A' }] },
  { entriesBefore: 3, entriesAfter: 2 },
)

// One bit of every octet; with SLOW all eight. A bundle and a denial record share most of a receipt: every third octet is enough.
const slow = process.env['SLOW'] !== undefined
const stride: Readonly<Record<string, number>> = slow ? {} : { bundle: 3, denial: 3 }
const bitsOf = (index: number) => (slow ? [0, 1, 2, 3, 4, 5, 6, 7] : [index % 8])

// What the server says and nothing covers yet: see every-change.test.ts.
const uncovered = '/signoffs/0/signed_at'

describe('EP-REC-2: every octet of an artifact is covered', () => {
  test.each(artifacts)(
    '$kind: one flipped bit anywhere refuses',
    ({ kind, artifact, judge }) => {
      const bytes = octetsOfJson(artifact)
      const reset = { op: 'replace', path: uncovered, value: '' } as const
      const passed: string[] = []
      for (let index = 0; index < bytes.length; index += stride[kind] ?? 1)
        for (const bit of bitsOf(index)) {
          const flipped = bytes.slice()
          flipped[index] = bytes[index]! ^ (1 << bit)
          if (judge(flipped).outcome === 'refused') continue
          const other = JSON.parse(utf8Decode(flipped))
          const same =
            kind === 'bundle' &&
            canonicalString(applyPatch(other, [reset])) === canonicalString(applyPatch(artifact, [reset]))
          if (!same) passed.push(`octet ${index}, bit ${bit}`)
        }
      expect(passed).toEqual([])
      expect(bytes.length).toBeGreaterThan(4000)
    },
    600_000,
  )
})
