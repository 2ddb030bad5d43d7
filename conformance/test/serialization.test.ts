import { encodeBase64Url } from '@countersign/pure/core/base64'
import { utf8Decode, utf8Encode } from '@countersign/pure/core/bytes'
import type { JsonValue } from '@countersign/pure/core/json'
import { expect, test } from 'vitest'
import { judgeCase, resolveCase } from '../src/run.js'
import type { VectorCase, VectorFile } from '../src/vector-case.js'
import { committedFiles } from './vector-files.js'

// Cases give documents, and implementations write them as they like: neither member order nor white space changes a verdict.
const files = committedFiles().map(({ name, bytes }) => ({
  name,
  document: JSON.parse(utf8Decode(bytes)) as JsonValue,
}))
const trust = new Map(files.map(({ name, document }) => [name, document]))
const cases = files
  .filter(({ name }) => name.startsWith('ep/'))
  .flatMap(({ document }) => (document as Partial<VectorFile>).cases ?? [])
const byId = new Map(cases.map((one) => [one.id, one]))
const trustFile = (reference: string) => trust.get(`ep/${reference}`)

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)]),
  )
}

test('EP-ENC-2: members in another order and with white space between them give the same verdict', () => {
  const artifacts = cases.filter(({ kind, input_b64 }) => kind !== 'trust' && input_b64 === undefined)
  const different = artifacts.flatMap((one: VectorCase) => {
    const { input } = resolveCase(one, byId, trustFile)
    const { base: _base, patch: _patch, input: _input, ...rest } = one
    const written = encodeBase64Url(utf8Encode(JSON.stringify(reversed(input!), null, 2)))
    const got = judgeCase({ ...rest, input_b64: written }, byId, trustFile)
    const { outcome, step, code } = one.expect
    const same = got.outcome === outcome && got.step === step && (code === undefined || got.code === code)
    return same ? [] : [{ id: one.id, expected: one.expect, got }]
  })
  expect(different).toEqual([])
  expect(artifacts.length).toBeGreaterThan(800)
})
