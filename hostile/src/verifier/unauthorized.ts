import { trustFiles } from '@countersign/conformance/generate'
import { judgeCase } from '@countersign/conformance/run'
import { type Unauthorized, unauthorized } from '@countersign/conformance/unauthorized'
import type { VectorCase } from '@countersign/conformance/vector-case'
import type { Attack, Control } from '../attack.js'

// The receipts of the conformance vectors in which everything fits together and one authority is missing: each with its twin that has
// that authority, and verifies.

export const unauthorizedAttacks: readonly Attack[] = unauthorized().map((one) => ({
  name: `unauthorized: ${one.id}`,
  target: 'verifier',
  requirements: one.requirements,
  did: `made a receipt in which everything fits together: ${one.description}`,
  expected: one.refusal[1],
  run: async () => {
    const { outcome, code } = verdict(one, one.made)
    return { code: code ?? outcome, succeeded: outcome === 'satisfied' }
  },
}))

export const unauthorizedControls: readonly Control[] = unauthorized().map((one) => ({
  name: `authorized: ${one.id}`,
  target: 'verifier',
  expected: 'satisfied',
  run: async () => verdict(one, one.granted).code ?? verdict(one, one.granted).outcome,
}))

function verdict({ id, requirements, description }: Unauthorized, made: Unauthorized['made']) {
  const one: VectorCase = {
    id,
    requirements: requirements.split(' '),
    description,
    ...made,
    expect: { outcome: 'satisfied' },
  }
  return judgeCase(one, new Map(), (reference) => trustFiles[reference]!())
}
