import { mergeConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import usual from './vitest.config.js'

// What judges a mutant (stryker.config.json): the conformance vectors, and the unit tests of what vectors cannot reach.
// A run ends with the first test that fails, so the vectors go first: they are quick, and most mutants fall to them.
class VectorsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const late = (file: TestSpecification) => Number(!file.moduleId.endsWith('.mutate.ts'))
    return files.toSorted((a, b) => late(a) - late(b) || (a.moduleId < b.moduleId ? -1 : 1))
  }
}

const { test: _, ...shared } = usual
export default mergeConfig(shared, {
  test: {
    include: [
      'test/mutation/*.mutate.ts',
      'pure/test/core/{ecdsa-der,edges}.test.ts',
      'pure/test/ep/{condition,edges,quorum}.test.ts',
    ],
    sequence: { sequencer: VectorsFirst },
    testTimeout: 30_000,
  },
})
