import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../../src/core/json.js'
import { applyPatch, copyJson, type PatchOperation } from '../../src/core/json-patch.js'
import { codeOf } from './refusal-of.js'

const document = { a: [1, 2, 3], 'b/c': { 'd~e': null } }

describe('a JSON Patch', () => {
  test.each([
    [
      { op: 'add', path: '/a/1', value: 9 },
      { ...document, a: [1, 9, 2, 3] },
    ],
    [
      { op: 'add', path: '/a/-', value: 9 },
      { ...document, a: [1, 2, 3, 9] },
    ],
    [
      { op: 'add', path: '/a/3', value: 9 },
      { ...document, a: [1, 2, 3, 9] },
    ],
    [
      { op: 'add', path: '/x', value: [] },
      { ...document, x: [] },
    ],
    [
      { op: 'replace', path: '/b~1c/d~0e', value: 1 },
      { ...document, 'b/c': { 'd~e': 1 } },
    ],
    [{ op: 'replace', path: '', value: 7 }, 7],
    [
      { op: 'remove', path: '/a/0' },
      { ...document, a: [2, 3] },
    ],
    [{ op: 'remove', path: '/b~1c' }, { a: [1, 2, 3] }],
  ] as readonly (readonly [PatchOperation, JsonValue])[])('%j', (operation, expected) => {
    expect(applyPatch(document, [operation])).toEqual(expected)
  })

  test.each([
    { op: 'replace', path: '/x', value: 1 },
    { op: 'remove', path: '/x' },
    { op: 'replace', path: '/a/3', value: 1 },
    { op: 'replace', path: '/a/-', value: 1 },
    { op: 'remove', path: '/a/01' },
    { op: 'add', path: '/a/4', value: 1 },
    { op: 'add', path: '/a/x', value: 1 },
    { op: 'add', path: '/x/y', value: 1 },
    { op: 'replace', path: '/toString', value: 1 },
  ] as readonly PatchOperation[])('%j names no place', (operation) => {
    expect(codeOf(() => applyPatch(document, [operation]))).toBe('patch_path_missing')
  })

  test('the document stays as it was, and shares nothing with the copy', () => {
    const before = JSON.stringify(document)
    const value = { deep: [1] }
    const patched = applyPatch(document, [{ op: 'add', path: '/v', value }]) as { a: number[]; v: { deep: number[] } }
    patched.a.push(4)
    patched.v.deep.push(2)
    expect([JSON.stringify(document), value]).toEqual([before, { deep: [1] }])
    expect(copyJson(document)).toEqual(document)
  })
})
