// Module hooks of run-sources.mjs: the same names lead to the same sources as in vitest.config.ts.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'rolldown/utils'

const root = new URL('../', import.meta.url)
const cryptoLeaf = process.env.CRYPTO_LEAF === 'noble' ? 'crypto-noble' : 'crypto-node'

export async function resolve(specifier, context, next) {
  const source = sourceOf(specifier, context.parentURL)
  if (source !== undefined && existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true }
  return next(specifier, context)
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  const path = fileURLToPath(url)
  const { code, errors } = transformSync(path, await readFile(path, 'utf8'), { sourcemap: false })
  if (errors.length > 0) throw errors[0]
  return { format: 'module', source: code, shortCircuit: true }
}

function sourceOf(specifier, parent) {
  if (specifier === '#crypto') return new URL(`pure/src/core/${cryptoLeaf}.ts`, root)
  const inside = /^@countersign\/(pure|engine|adapters|simulator|conformance)(?:\/(.+))?$/.exec(specifier)
  if (inside !== null) return new URL(`${inside[1]}/src/${inside[2] ?? 'index'}.ts`, root)
  if (!/^(\.{1,2}\/|file:).*\.[jt]s$/.test(specifier) || specifier.includes('/node_modules/')) return undefined
  return new URL(specifier.replace(/\.js$/, '.ts'), parent)
}
