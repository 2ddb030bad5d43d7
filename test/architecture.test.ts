import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

// Imports point down: apps -> adapters -> engine -> pure/(ep|psea|pre-rct) -> pure/core. A floor may import itself and what is below.
// Drafts do not import each other, nor engines each other; `engine/ports` is what engines declare and share.
const root = fileURLToPath(new URL('..', import.meta.url))
const floors = ['pure', 'engine', 'adapters', 'apps', 'conformance', 'simulator', 'bench', 'hostile']

const allowed: Record<string, readonly string[]> = {
  'pure/core': ['pure/core'],
  'pure/ep': ['pure/ep', 'pure/core'],
  'pure/psea': ['pure/psea', 'pure/core'],
  'pure/pre-rct': ['pure/pre-rct', 'pure/core'],
  'pure/index': ['pure/core', 'pure/ep', 'pure/psea', 'pure/pre-rct'],
  'engine/ports': ['engine/ports', 'pure'],
  'engine/authorization': ['engine/authorization', 'engine/ports', 'pure'],
  'engine/log': ['engine/log', 'engine/ports', 'pure'],
  'engine/executor': ['engine/executor', 'engine/ports', 'pure'],
  'engine/index': ['engine'],
  adapters: ['adapters', 'engine', 'pure'],
  'apps/countersign': ['apps/countersign', 'adapters', 'engine', 'conformance', 'pure'],
  simulator: ['simulator', 'engine', 'pure'],
  conformance: ['conformance', 'simulator', 'pure'],
  bench: ['bench', 'simulator', 'adapters', 'engine', 'pure'],
  hostile: ['hostile', 'conformance', 'simulator', 'apps/countersign', 'adapters', 'engine', 'pure'],
}

// Only the generator of vectors may use the simulator: what is installed with the program must not.
const generatorOnly = /^conformance\/src\/(generate|cases|unauthorized)/

// Effects that the floors below adapters/ must not have; the compiler refuses the rest (no Node types there).
const effects =
  /'node:|\bfetch\s*\(|\bDate\b(?!\s*\))|\bMath\.random\b|\bconsole\b|\bprocess\.|\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bgetRandomValues\b|\brandomUUID\b|\btoLocale|\bIntl\b|\blocaleCompare\b|\bperformance\b/
const cryptoLeaf = 'pure/src/core/crypto-node.ts'

interface Module {
  readonly path: string
  readonly source: string
  /** Repository paths (without extension) of the project's own modules that it imports. */
  readonly imports: readonly string[]
}

const modules = floors.flatMap((floor) => sources(join(root, floor))).map(readModule)

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      return ['dist', 'node_modules', 'test', 'vectors'].includes(entry.name) ? [] : sources(path)
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })
}

function readModule(file: string): Module {
  const path = relative(root, file)
  const source = readFileSync(file, 'utf8')
  const specifiers = [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!)
  return { path, source, imports: specifiers.flatMap((specifier) => resolve(specifier, path)) }
}

function resolve(specifier: string, from: string): string[] {
  if (specifier.startsWith('.')) return [normalize(join(dirname(from), specifier)).replace(/\.js$/, '')]
  const own = /^@countersign\/([a-z]+)(?:\/(.+))?$/.exec(specifier)
  return own === null ? [] : [`${own[1]}/src/${own[2] ?? 'index'}`]
}

/** `pure/src/core/json` -> `pure/core`; `apps/countersign/src/cli/main` -> `apps/countersign`. */
function roomOf(path: string): string {
  const [floor, second, third] = path
    .replace(/\.tsx?$/, '')
    .replace('/src/', '/')
    .split('/') as [string, string, string?]
  if (floor === 'pure' || floor === 'engine') return third === undefined ? `${floor}/index` : `${floor}/${second}`
  return floor === 'apps' ? `${floor}/${second}` : floor
}

describe('the architecture', () => {
  test('there is something to look at', () => {
    expect(modules.length).toBeGreaterThan(60)
  })

  test('an import points down', () => {
    const upward = modules.flatMap(({ path, imports }) => {
      const room = roomOf(path)
      const below = allowed[room] ?? []
      return imports
        .filter((target) => !below.some((ok) => roomOf(target) === ok || roomOf(target).startsWith(`${ok}/`)))
        .map((target) => `${path} imports ${target}`)
    })
    expect(upward).toEqual([])
  })

  test('an index stands at a package root only, and nothing inside imports it', () => {
    const misplaced = modules.filter(
      ({ path }) => /\/index\.ts$/.test(path) && !/^(apps\/)?[a-z]+\/src\/index\.ts$/.test(path),
    )
    const inside = modules.filter(({ path, imports }) =>
      imports.some((target) => target.endsWith('/index') && target.split('/')[0] === path.split('/')[0]),
    )
    expect([...misplaced, ...inside].map(({ path }) => path)).toEqual([])
  })

  test('imports form no circle', () => {
    const byPath = new Map(modules.map((module) => [module.path.replace(/\.tsx?$/, ''), module]))
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      if (done.has(path) || trail.includes(path)) return
      for (const target of byPath.get(path)?.imports ?? []) visit(target, [...trail, path])
      done.add(path)
    }
    for (const path of byPath.keys()) visit(path, [])
    expect(circles).toEqual([])
  })

  test('no I/O, clock or randomness below adapters/', () => {
    const offending = modules
      .filter(({ path }) => /^(pure|engine)\//.test(path) && path !== cryptoLeaf)
      .flatMap(({ path, source }) =>
        withoutComments(source)
          .split('\n')
          .flatMap((line, index) => (effects.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
      )
    expect(offending).toEqual([])
  })

  test('what is installed does not need the simulator', () => {
    const offending = modules.filter(
      ({ path, imports }) =>
        path.startsWith('conformance/') &&
        !generatorOnly.test(path) &&
        imports.some((target) => target.startsWith('simulator/') || generatorOnly.test(`${target}.ts`)),
    )
    expect(offending.map(({ path }) => path)).toEqual([])
  })
})

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, '')).replace(/(^|\s)\/\/.*$/gm, '')
}
