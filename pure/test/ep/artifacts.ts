import type { JsonObject } from '@countersign/pure/core/json'
import { applyPatch, type PatchOperation } from '@countersign/pure/core/json-patch'
import type { Outcome } from '@countersign/pure/core/outcome'
import { type AttemptOptions, makeBundle, makeDenial, makeReceipt } from '@countersign/simulator/attempt'
import { makeWorld, octetsOfJson, pinned, type WorldOptions } from '@countersign/simulator/world'
import type { PinnedTrust } from '../../src/ep/pinned-trust.js'
import { verifyBundle } from '../../src/ep/verify-bundle.js'
import { verifyDenial } from '../../src/ep/verify-denial.js'
import { verifyReceipt } from '../../src/ep/verify-receipt.js'

/** The three artifacts of one world, with who judges each: tests change one thing and ask again. */

/** Within the window of the usual attempt. */
export const now = Date.UTC(2026, 10, 20, 12, 5)

export interface Judged {
  readonly kind: string
  readonly artifact: JsonObject
  readonly trust: PinnedTrust
  judge(bytes: Uint8Array): Outcome<unknown>
}

export function everyArtifact(world: WorldOptions = {}, attempt: AttemptOptions = {}): readonly Judged[] {
  const made = makeWorld(world)
  const trust = pinned(made.trustFile())
  return [
    {
      kind: 'receipt',
      artifact: makeReceipt(made, attempt).receipt,
      trust,
      judge: (bytes) => verifyReceipt(bytes, trust),
    },
    {
      kind: 'bundle',
      artifact: makeBundle(made, attempt).bundle,
      trust,
      judge: (bytes) => verifyBundle(bytes, trust, { now }),
    },
    { kind: 'denial', artifact: makeDenial(made, attempt).record, trust, judge: (bytes) => verifyDenial(bytes, trust) },
  ]
}

export function changed(artifact: JsonObject, ...operations: readonly PatchOperation[]): Uint8Array {
  return octetsOfJson(applyPatch(artifact, operations) as JsonObject)
}

/** `satisfied`, or the step and the code of the first failure. */
export function verdictOf(outcome: Outcome<unknown>): string {
  if (outcome.outcome === 'satisfied') return 'satisfied'
  const step = outcome.checks.find(({ status }) => status === 'failed' || status === 'indeterminate')?.step
  return `${step} ${outcome.failure.code}`
}
