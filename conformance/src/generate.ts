import { utf8Encode } from '@countersign/pure/core/bytes'
import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import { joinTrust, makeWorld } from '@countersign/simulator/world'
import { acceptedCases } from './cases/accepted.js'
import { authorityCases } from './cases/authority.js'
import { set } from './cases/case.js'
import { consumptionCases } from './cases/consumption.js'
import { contextCases } from './cases/contexts.js'
import { jsonCases } from './cases/core-json.js'
import { logCases } from './cases/core-log.js'
import { signatureCases } from './cases/core-signatures.js'
import { inclusionCases } from './cases/inclusion.js'
import { policyCases } from './cases/policy.js'
import { signoffCases } from './cases/signoffs.js'
import { structureCases } from './cases/structure.js'
import { trustCases } from './cases/trust.js'
import { judgeCase } from './run.js'
import { unauthorizedCases } from './unauthorized.js'
import { type VectorCase, vectorFormat } from './vector-case.js'

/** One file of vectors or trust, by its name under `conformance/vectors/`. */
export interface GeneratedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

export const trustFiles: Readonly<Record<string, () => JsonValue>> = {
  'trust/acme.json': () => makeWorld().trustFile(),
  'trust/acme-attested.json': () => makeWorld({ administrators: 2, attestedBy: 2 }).trustFile(),
  'trust/acme-threshold.json': () =>
    makeWorld({ directoryKeys: 2 }).trustFile(set('/organizations/0/directory/threshold', 2)),
  'trust/acme-witnessed.json': () => makeWorld({ witnesses: 3 }).trustFile(set('/organizations/0/witnesses/k', 2)),
  'trust/two-organizations.json': () =>
    joinTrust(makeWorld().trustFile(), makeWorld({ organization: 'globex' }).trustFile()),
}

interface Folder {
  readonly name: string
  readonly files: readonly {
    readonly name: string
    readonly description: string
    readonly cases: readonly VectorCase[]
  }[]
}

const ep = (): Folder => ({
  name: 'ep',
  files: [
    { name: 'accepted', description: 'Artifacts that every verifier must take.', cases: acceptedCases() },
    { name: 'structure', description: 'Refused by the parser.', cases: structureCases() },
    { name: 'contexts', description: 'Refused in the steps action_hash and contexts.', cases: contextCases() },
    { name: 'authority', description: 'Refused in the step authority.', cases: authorityCases() },
    { name: 'policy', description: 'Refused in the step policy, or not to be judged there.', cases: policyCases() },
    { name: 'signoffs', description: 'Refused in the steps signoffs and denial.', cases: signoffCases() },
    {
      name: 'consumption',
      description: 'Refused in the steps separation_of_duties and consumption.',
      cases: consumptionCases(),
    },
    {
      name: 'inclusion',
      description: 'Refused in the steps inclusion and windows, or not to be judged there.',
      cases: inclusionCases(),
    },
    {
      name: 'unauthorized',
      description: 'Everything fits together, and one authority is missing or foreign.',
      cases: unauthorizedCases(),
    },
    { name: 'trust-files', description: 'Trust files that are refused.', cases: trustCases() },
  ],
})

const core = (): Folder => ({
  name: 'core',
  files: [
    { name: 'json', description: 'Strict JSON, canonical form, encodings.', cases: jsonCases() },
    { name: 'signatures', description: 'Public keys, signatures, WebAuthn assertions.', cases: signatureCases() },
    { name: 'log', description: 'Merkle proofs, notes, checkpoints, tiles, log entries.', cases: logCases() },
  ],
})

/**
 * Makes every vector from the deterministic world: the same octets on every run.
 *
 * @throws Error where this project's verifier disagrees with what a case expects
 */
export function generateVectors(): readonly GeneratedFile[] {
  const trust = new Map(Object.entries(trustFiles).map(([name, make]) => [name, make()]))
  const folders = [ep(), core()]
  const byId = new Map<string, VectorCase>()
  const disagreements: string[] = []
  for (const one of folders.flatMap(({ files }) => files.flatMap(({ cases }) => cases))) {
    if (byId.has(one.id)) throw new Error(`two cases are called ${one.id}`)
    byId.set(one.id, one)
  }
  const vectorFiles = folders.flatMap((folder) =>
    folder.files.map(({ name, description, cases }) => {
      const complete = cases.map((one) => completed(one, byId, trust, disagreements))
      return file(`${folder.name}/${name}.json`, {
        format: vectorFormat,
        description,
        cases: complete as unknown as JsonValue,
      })
    }),
  )
  if (disagreements.length > 0) throw new Error(disagreements.join('\n'))
  return [...vectorFiles, ...[...trust].map(([name, document]) => file(`ep/${name}`, document))]
}

/** Adds the pointer of a refusal and the answer of a satisfied case, once step and code are as stated. */
function completed(
  one: VectorCase,
  byId: ReadonlyMap<string, VectorCase>,
  trust: ReadonlyMap<string, JsonValue>,
  disagreements: string[],
): VectorCase {
  const got = judgeCase(one, byId, (reference) => trust.get(reference))
  const { outcome, step, code } = one.expect
  if (got.outcome !== outcome || (step !== undefined && got.step !== step) || (code !== undefined && got.code !== code))
    disagreements.push(`${one.id}: expected ${JSON.stringify(one.expect)}, got ${JSON.stringify(got)}`)
  const { id, requirements, description, kind, ...rest } = one
  const expect = outcome === 'satisfied' || code !== undefined ? { ...one.expect, ...got } : one.expect
  return { id, requirements, description, kind, ...rest, expect }
}

// One line a case: a changed case is one changed line, and the files stay small.
function file(name: string, document: JsonValue): GeneratedFile {
  const { cases, ...members } = document as JsonObject
  if (!Array.isArray(cases)) return { name, bytes: utf8Encode(`${JSON.stringify(document, null, 1)}\n`) }
  const head = JSON.stringify(members).slice(0, -1)
  const lines = cases.map((one) => JSON.stringify(one)).join(',\n')
  return { name, bytes: utf8Encode(`${head},"cases":[\n${lines}\n]}\n`) }
}
