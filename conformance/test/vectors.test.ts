import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { utf8Decode, utf8Encode } from '@countersign/pure/core/bytes'
import { describe, expect, test } from 'vitest'
import { countedCodes, runVectorFiles } from '../src/run.js'
import { sectionEleven } from '../src/section-eleven.js'
import type { VectorFile } from '../src/vector-case.js'
import { committedFiles } from './vector-files.js'

const files = committedFiles()
const report = runVectorFiles(files)
const cases = files.flatMap(({ bytes }) => (JSON.parse(utf8Decode(bytes)) as Partial<VectorFile>).cases ?? [])
const ours = new Map(cases.filter(({ kind }) => kind !== undefined).map((one) => [one.id, one]))

describe('the committed vectors', () => {
  test('EP-VER-1: the verifier agrees with every case', () => {
    expect(report.disagreements).toEqual([])
    expect(report.accepted.total).toBeGreaterThanOrEqual(120)
    expect(report.refused.total).toBeGreaterThanOrEqual(1000)
  })

  test('every code that octets from outside can cause is emitted by a case', () => {
    expect(report.codes.missing).toEqual([])
    expect(report.codes.emitted).toBe(countedCodes.length)
  })

  test('every phrase of what a careless verifier accepts has a case that is refused', () => {
    const wrong = sectionEleven.flatMap((row) =>
      'cases' in row ? row.cases.filter((id) => ours.get(id)?.expect.outcome !== 'refused') : [],
    )
    expect(wrong).toEqual([])
    expect(sectionEleven.length).toBeGreaterThan(70)
  })

  test('EP-BUN-2: what no single artifact can show is shown by a test of the component that refuses', () => {
    const folder = fileURLToPath(new URL('../../engine/test/', import.meta.url))
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'))
    const tests = names.map((name) => readFileSync(folder + name, 'utf8')).join('\n')
    const codes = sectionEleven.flatMap((row) => ('elsewhere' in row ? [row.elsewhere] : []))
    expect(codes.filter((code) => !tests.includes(code))).toEqual([])
    expect(codes.length).toBe(1)
  })

  test('ids are unique, and every case names a requirement', () => {
    const ids = cases.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    expect(cases.filter(({ requirements }) => requirements?.length === 0).map(({ id }) => id)).toEqual([])
  })
})

describe('the runner', () => {
  const file = (document: unknown) => ({ name: 'one.json', bytes: utf8Encode(JSON.stringify(document)) })
  const one = { id: 'x', requirements: [], description: '', kind: 'instant', input: '2026-11-20T12:00:00Z' }

  test('reports a disagreement in outcome, code and value', () => {
    const expectations = [
      { outcome: 'refused', code: 'instant_malformed' },
      { outcome: 'satisfied', value: { milliseconds: 1 } },
      { outcome: 'satisfied', value: { minutes: 1 } },
    ]
    for (const expectation of expectations) {
      const { disagreements } = runVectorFiles([
        file({ format: 'countersign-vectors/1', cases: [{ ...one, expect: expectation }] }),
      ])
      expect(disagreements.map(({ id }) => id)).toEqual(['x'])
    }
  })

  test('reports the codes that no case emitted', () => {
    const { codes } = runVectorFiles([])
    expect(codes.missing).toEqual(countedCodes)
    expect(codes.emitted).toBe(0)
  })

  test('passes over files of other formats, and over what is no JSON', () => {
    const other = [
      file({ format: 'psea02-vectors/1', cases: [{ id: 1 }] }),
      file([1]),
      { name: 'x', bytes: utf8Encode('{') },
    ]
    const { accepted, refused, disagreements } = runVectorFiles(other)
    expect([accepted.total, refused.total, disagreements.length]).toEqual([0, 0, 0])
  })

  test('a case that it cannot judge is a disagreement, never agreement', () => {
    const broken = [
      { ...one, kind: 'horoscope', expect: { outcome: 'refused' } },
      { ...one, kind: 'receipt', input: {}, trust: 'missing.json', expect: { outcome: 'satisfied' } },
      { ...one, base: 'x', patch: [{ op: 'remove', path: '/nowhere' }], expect: { outcome: 'refused' } },
    ]
    for (const [index, other] of broken.entries()) {
      const { disagreements } = runVectorFiles([
        file({ format: 'countersign-vectors/1', cases: [{ ...other, id: `broken-${index}` }] }),
      ])
      expect(disagreements).toHaveLength(1)
    }
  })
})
