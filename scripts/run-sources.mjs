// `node --import ./scripts/run-sources.mjs program.ts` runs the TypeScript sources without a build. vitest transforms only what
// its own threads import; worker threads and child processes of tests inherit or name this file and so run the same sources.
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (!isMainThread || process.argv[1]?.endsWith('.ts')) register('./source-hooks.mjs', import.meta.url)
