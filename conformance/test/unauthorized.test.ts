import type { JsonValue } from '@countersign/pure/core/json'
import { describe, expect, test } from 'vitest'
import { trustFiles } from '../src/generate.js'
import { judgeCase } from '../src/run.js'
import { unauthorized } from '../src/unauthorized.js'
import type { VectorCase } from '../src/vector-case.js'

// Self-consistent is not authorized: everything fits together, and one authority is missing or foreign.
const attempts = unauthorized()

const trust = new Map<string, JsonValue>()
function trustFile(name: string): JsonValue {
  const known = trust.get(name) ?? trustFiles[name]!()
  trust.set(name, known)
  return known
}

function judge(made: (typeof attempts)[number]['made']) {
  const one = { ...made, id: 'x', requirements: [], description: '', expect: { outcome: 'refused' } } as VectorCase
  return judgeCase(one, new Map(), trustFile)
}

describe('EP-VER-1: self-consistent is not authorized', () => {
  test('every authority is covered', () => {
    expect([...new Set(attempts.map(({ authority }) => authority))].sort()).toEqual(
      [
        'attestation',
        'entity',
        'entry',
        'executor',
        'head',
        'head proof',
        'initiator key',
        'log',
        'organization',
        'policy',
        'witness',
      ].sort(),
    )
  })

  test.each(attempts)('$id: refused without that authority', ({ made, refusal }) => {
    const { outcome, step, code } = judge(made)
    expect([outcome, step, code]).toEqual(['refused', ...refusal])
  })

  test.each(attempts)('$id: satisfied with it, so that nothing else was wrong', ({ granted }) => {
    const { outcome, step, code } = judge(granted)
    expect([outcome, step, code]).toEqual(['satisfied', undefined, undefined])
  })
})
