import { callerCodes, coreCodes } from '@countersign/pure/core/codes'
import { canonicalString } from '@countersign/pure/core/jcs'
import { type JsonObject, type JsonValue, parseJson } from '@countersign/pure/core/json'
import { applyPatch } from '@countersign/pure/core/json-patch'
import { attempt } from '@countersign/pure/core/outcome'
import { epCodes } from '@countersign/pure/ep/codes'
import { judgeArtifact, type ResolvedCase } from './judge-artifact.js'
import { judgeCore } from './judge-core.js'
import { type Expectation, type VectorCase, type VectorFile, type Verdict, vectorFormat } from './vector-case.js'

export interface VectorReport {
  readonly accepted: { readonly agreed: number; readonly total: number }
  /** Refused and indeterminate cases. */
  readonly refused: { readonly agreed: number; readonly total: number }
  /** Of the codes that octets from outside can cause, how many the verifier answered with. */
  readonly codes: { readonly emitted: number; readonly total: number; readonly missing: readonly string[] }
  readonly disagreements: readonly { readonly id: string; readonly expected: Expectation; readonly got: Verdict }[]
}

const maxBytes = 64 * 1024 * 1024

/** The codes that some vector must emit. */
export const countedCodes: readonly string[] = [...Object.keys(coreCodes), ...Object.keys(epCodes)].filter(
  (code) => !(callerCodes as readonly string[]).includes(code),
)

/**
 * Runs every case of every vector file; files of other formats are passed over.
 *
 * @param files - names with `/` between folders, so that a case finds its trust file beside it
 */
export function runVectorFiles(files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): VectorReport {
  const documents = new Map<string, JsonValue>()
  for (const { name, bytes } of files) {
    const read = attempt(() => parseJson(bytes, { maxBytes, numbers: 'ecmascript' }).value)
    if (read.ok) documents.set(name.replaceAll('\\', '/'), read.value)
  }
  return runVectors(documents)
}

/** As `runVectorFiles`, over documents by name that were read already. */
export function runVectors(documents: ReadonlyMap<string, JsonValue>): VectorReport {
  const cases = [...documents].flatMap(([name, document]) =>
    isVectorFile(document) ? document.cases.map((one) => ({ one, folder: folderOf(name) })) : [],
  )
  const byId = new Map(cases.map(({ one }) => [one.id, one]))
  const tally = { satisfied: { agreed: 0, total: 0 }, refused: { agreed: 0, total: 0 } }
  const emitted = new Set<string>()
  const disagreements: VectorReport['disagreements'][number][] = []
  for (const { one, folder } of cases) {
    const got = judgeCase(one, byId, (reference) => documents.get(folder + reference))
    const group = one.expect.outcome === 'satisfied' ? tally.satisfied : tally.refused
    group.total += 1
    if (got.code !== undefined) emitted.add(got.code)
    if (agrees(one.expect, got)) group.agreed += 1
    else disagreements.push({ id: one.id, expected: one.expect, got })
  }
  const missing = countedCodes.filter((code) => !emitted.has(code))
  const codes = { emitted: countedCodes.length - missing.length, total: countedCodes.length, missing }
  return { accepted: tally.satisfied, refused: tally.refused, codes, disagreements }
}

/** What this project's verifier says of one case. A case that cannot be read is answered with `vector_malformed`. */
export function judgeCase(
  one: VectorCase,
  byId: ReadonlyMap<string, VectorCase>,
  trustFile: (reference: string) => JsonValue | undefined,
): Verdict {
  const resolved = attempt(() => resolveCase(one, byId, trustFile))
  const verdict = resolved.ok ? (judgeArtifact(resolved.value) ?? judgeCore(resolved.value)) : undefined
  return verdict ?? { outcome: 'indeterminate', code: 'vector_malformed' }
}

/** Follows the base, patch and trust reference of a case. */
export function resolveCase(
  one: VectorCase,
  byId: ReadonlyMap<string, VectorCase>,
  trustFile: (reference: string) => JsonValue | undefined,
): ResolvedCase {
  const { id, kind, input_b64, clock, trust, trust_patch, base, patch } = one
  const from = base === undefined ? one.input : byId.get(base)?.input
  const input = patch === undefined ? from : applyPatch(from ?? null, patch)
  const pinned = trust === undefined ? undefined : applyPatch(trustFile(trust) ?? null, trust_patch ?? [])
  return {
    id,
    kind,
    ...(input_b64 === undefined ? {} : { input_b64 }),
    ...(clock === undefined ? {} : { clock }),
    ...(input === undefined ? {} : { input }),
    ...(pinned === undefined ? {} : { trust: pinned }),
  }
}

/** Only what the case states is compared: peers need not have our pointers, nor our codes where two things are broken. */
export function agrees(expected: Expectation, got: Verdict): boolean {
  if (expected.outcome !== got.outcome) return false
  for (const member of ['step', 'code', 'at'] as const)
    if (expected[member] !== undefined && expected[member] !== got[member]) return false
  return Object.entries(expected.value ?? {}).every(([name, value]) => {
    const answered = got.value?.[name]
    return answered !== undefined && canonicalString(answered) === canonicalString(value)
  })
}

function isVectorFile(document: JsonValue): document is JsonValue & VectorFile {
  return (
    typeof document === 'object' &&
    document !== null &&
    !Array.isArray(document) &&
    (document as JsonObject)['format'] === vectorFormat &&
    Array.isArray((document as JsonObject)['cases'])
  )
}

function folderOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1)
}
