import { decodeBase64Url } from '@countersign/pure/core/base64'
import { parseInstant } from '@countersign/pure/core/instant'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import type { Outcome } from '@countersign/pure/core/outcome'
import type { Assurance } from '@countersign/pure/ep/assurance'
import { type PinnedTrust, readTrust } from '@countersign/pure/ep/pinned-trust'
import { verifyBundle } from '@countersign/pure/ep/verify-bundle'
import { verifyDenial } from '@countersign/pure/ep/verify-denial'
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import type { VectorCase, Verdict } from './vector-case.js'

/** A case whose base, patch and trust reference have been followed. */
export interface ResolvedCase extends Pick<VectorCase, 'id' | 'kind' | 'input_b64' | 'clock'> {
  readonly input?: JsonValue
  readonly trust?: JsonValue
}

/** The octets of a case's input. */
export function octetsOfCase(one: ResolvedCase): Uint8Array {
  return one.input_b64 === undefined ? canonicalBytes(one.input ?? null) : decodeBase64Url(one.input_b64)
}

/** Judges a receipt, bundle, denial record or trust file with the verifier of this project. */
export function judgeArtifact(one: ResolvedCase): Verdict | undefined {
  if (one.kind === 'trust') return ofTrust(one)
  if (one.kind !== 'receipt' && one.kind !== 'bundle' && one.kind !== 'denial') return undefined
  const trust = readTrust(canonicalBytes(one.trust ?? null))
  if (!trust.ok) return { outcome: 'refused', step: 'trust', code: trust.failure.code, at: trust.failure.at }
  return judged[one.kind](octetsOfCase(one), trust.value, one.clock === undefined ? undefined : parseInstant(one.clock))
}

function ofTrust(one: ResolvedCase): Verdict {
  const bytes =
    one.input === undefined && one.input_b64 === undefined ? canonicalBytes(one.trust ?? null) : octetsOfCase(one)
  const read = readTrust(bytes)
  return read.ok ? { outcome: 'satisfied' } : { outcome: 'refused', code: read.failure.code, at: read.failure.at }
}

const judged = {
  receipt: (bytes: Uint8Array, trust: PinnedTrust, now?: number) =>
    verdictOf(verifyReceipt(bytes, trust, now === undefined ? {} : { now }), (value) => ({
      hash: value.receiptHash,
      assurance: plain(value.assurance),
      not_established: [...value.notEstablished],
    })),
  bundle: (bytes: Uint8Array, trust: PinnedTrust, now?: number) =>
    verdictOf(verifyBundle(bytes, trust, { now: now ?? 0 }), (value) => ({
      hash: value.bundleHash,
      policy_hash: value.policyHash,
      assurance: plain(value.assurance),
    })),
  denial: (bytes: Uint8Array, trust: PinnedTrust, now?: number) =>
    verdictOf(verifyDenial(bytes, trust, now === undefined ? {} : { now }), (value) => ({
      hash: value.denialHash,
      assurance: plain(value.assurance),
      not_established: [...value.notEstablished],
    })),
}

function verdictOf<T>(outcome: Outcome<T>, describe: (value: T) => JsonObject): Verdict {
  if (outcome.outcome === 'satisfied') return { outcome: 'satisfied', value: describe(outcome.value) }
  const { code, at } = outcome.failure
  const step = outcome.checks.find(({ status }) => status === 'failed' || status === 'indeterminate')?.step
  return { outcome: outcome.outcome, ...(step === undefined ? {} : { step }), code, at }
}

function plain(assurance: Assurance): JsonObject {
  return { ...assurance } as unknown as JsonObject
}
