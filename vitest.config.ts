import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))

// Tests run on the sources, so that a changed line is tested without a build in between.
// CRYPTO_LEAF=noble runs the same tests over the leaf that browsers use.
const cryptoLeaf = process.env.CRYPTO_LEAF === 'noble' ? 'crypto-noble' : 'crypto-node'

export default defineConfig({
  resolve: {
    alias: [
      { find: '#crypto', replacement: `${root}pure/src/core/${cryptoLeaf}.ts` },
      {
        find: /^@countersign\/(pure|engine|adapters|simulator|conformance)\/(.+)$/,
        replacement: `${root}$1/src/$2.ts`,
      },
      { find: /^@countersign\/(pure|engine|adapters|simulator|conformance)$/, replacement: `${root}$1/src/index.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', '*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts'],
    // Worker threads (the SQLite store has one) run the sources as well.
    execArgv: ['--import', `${root}scripts/run-sources.mjs`],
    testTimeout: 30_000,
    maxWorkers: 2,
  },
})
