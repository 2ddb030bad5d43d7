import { encodeBase64Url } from '@countersign/pure/core/base64'
import { utf8Encode } from '@countersign/pure/core/bytes'
import type { JsonArray, JsonObject, JsonValue } from '@countersign/pure/core/json'
import type { PatchOperation } from '@countersign/pure/core/json-patch'
import { type AttemptOptions, makeBundle, makeDenial, makeReceipt } from '@countersign/simulator/attempt'
import { makeWorld, type WorldOptions } from '@countersign/simulator/world'
import type { VectorCase } from '../vector-case.js'

/** How vector cases are written down: what is made, what is expected, and which requirement it shows. */

export type Made = Pick<VectorCase, 'kind'> &
  Partial<Omit<VectorCase, 'id' | 'requirements' | 'description' | 'expect'>>

export const usualTrust = 'trust/acme.json'
/** Within the window of the usual attempt. */
export const usualClock = '2026-11-20T12:05:00Z'

export function satisfied(id: string, requirements: string, description: string, made: Made): VectorCase {
  return { id, requirements: requirements.split(' '), description, ...made, expect: { outcome: 'satisfied' } }
}

/** `step` is empty for kinds without steps, `code` where more than one thing is broken. */
export function refused(
  id: string,
  requirements: string,
  description: string,
  [step, code]: readonly [step: string, code: string],
  made: Made,
): VectorCase {
  const expect = { outcome: 'refused' as const, ...(step && { step }), ...(code && { code }) }
  return { id, requirements: requirements.split(' '), description, ...made, expect }
}

export function indeterminate(
  id: string,
  requirements: string,
  description: string,
  [step, code]: readonly [step: string, code: string],
  made: Made,
): VectorCase {
  const expect = { outcome: 'indeterminate' as const, step, code }
  return { id, requirements: requirements.split(' '), description, ...made, expect }
}

/** A receipt of a fresh world, which the usual trust file knows. */
export function receipt(attempt: AttemptOptions = {}, world: WorldOptions = {}): Made {
  return { kind: 'receipt', input: makeReceipt(makeWorld(world), attempt).receipt, trust: usualTrust }
}

export function bundle(attempt: AttemptOptions = {}, world: WorldOptions = {}): Made {
  return { kind: 'bundle', input: makeBundle(makeWorld(world), attempt).bundle, trust: usualTrust, clock: usualClock }
}

export function denial(attempt: AttemptOptions = {}, world: WorldOptions = {}): Made {
  return { kind: 'denial', input: makeDenial(makeWorld(world), attempt).record, trust: usualTrust }
}

/** The same under changes of the trust file. */
export function trusting(made: Made, ...changes: readonly PatchOperation[]): Made {
  return { ...made, trust_patch: [...(made.trust_patch ?? []), ...changes] }
}

/** Another case's input with changes that nobody signed. */
export function patched(kind: string, base: string, ...patch: readonly PatchOperation[]): Made {
  const clock = kind === 'bundle' ? { clock: usualClock } : {}
  return { kind, base, patch, trust: usualTrust, ...clock }
}

/** A trust file that is judged itself. */
export function trustOf(...changes: readonly PatchOperation[]): Made {
  return { kind: 'trust', trust: usualTrust, trust_patch: changes }
}

export function set(path: string, value: JsonValue): PatchOperation {
  return { op: 'replace', path, value }
}

export function put(path: string, value: JsonValue): PatchOperation {
  return { op: 'add', path, value }
}

export function drop(path: string): PatchOperation {
  return { op: 'remove', path }
}

/** Octets as they arrive, where no JSON value could hold the defect. */
export function octets(kind: string, bytes: Uint8Array | string, more: Partial<Made> = {}): Made {
  return { kind, input_b64: encodeBase64Url(typeof bytes === 'string' ? utf8Encode(bytes) : bytes), ...more }
}

export const acceptClassC: readonly PatchOperation[] = [
  set('/organizations/0/accept/class_c', true),
  set('/organizations/0/accept/min_key_class', 'C'),
]

/** A rule that demands signoffs. */
export function requiring(quorum: JsonValue, when?: JsonValue): JsonObject {
  // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
  return { ...(when === undefined ? {} : { when }), then: 'require', quorum }
}

/** A rule that demands none. */
export function deciding(decision: 'refuse' | 'ungated', when?: JsonValue): JsonObject {
  // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
  return { ...(when === undefined ? {} : { when }), then: decision }
}

/** Members of a policy with these rules only. */
export function rules(...list: readonly JsonObject[]): JsonObject {
  return { rules: list as JsonArray }
}

export const treasury: JsonObject = { k: 1, roles: ['treasury'] }

export function someHash(digit: string): string {
  return `sha256:${digit.repeat(64)}`
}
