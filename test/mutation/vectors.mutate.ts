import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { VectorFile } from '@countersign/conformance/vector-case'
import type { JsonValue } from '@countersign/pure/core/json'
import { beforeAll, describe, expect, test } from 'vitest'

// Every vector as a test of its own: a mutant meets only the vectors that reach it, and the first that disagrees ends its run.
const folder = fileURLToPath(new URL('../../conformance/vectors/', import.meta.url))
const documents = new Map<string, JsonValue>()
for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
  if (name.endsWith('.json')) documents.set(name.replaceAll('\\', '/'), JSON.parse(readFileSync(folder + name, 'utf8')))

const cases = [...documents].flatMap(([name, document]) =>
  ((document as Partial<VectorFile>).cases ?? []).map((one) => ({ one, group: name.split('/')[0] })),
)
const byId = new Map(cases.map(({ one }) => [one.id, one]))

describe.each(['ep', 'core'])('%s', (folderName) => {
  // Loaded here: a mutant that keeps the verifier from loading shall fail tests. Else no test would be found, and none fail.
  let runner: typeof import('@countersign/conformance/run')
  beforeAll(async () => {
    runner = await import('@countersign/conformance/run')
  })
  for (const { one } of cases.filter(({ group }) => group === folderName))
    test(one.id, () => {
      const got = runner.judgeCase(one, byId, (reference) => documents.get(`${folderName}/${reference}`))
      expect(runner.agrees(one.expect, got), JSON.stringify(got)).toBe(true)
    })
})
