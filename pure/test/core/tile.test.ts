import { utf8Encode } from '@countersign/pure/core/bytes'
import { Refusal } from '@countersign/pure/core/refusal'
import {
  decodeEntryBundle,
  encodeEntryBundle,
  parseTilePath,
  type Tile,
  tilePath,
  tilesFor,
} from '@countersign/pure/core/tile'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const numRuns = process.env.SLOW ? 6000 : 300

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    return (error as Refusal).code
  }
  return 'accepted'
}

test('EP-REC-3: tile paths are those of the specification', () => {
  expect(tilePath(0, 1234067, 256)).toBe('tile/0/x001/x234/067')
  expect(tilePath(0, 0)).toBe('tile/0/000')
  expect(tilePath(2, 273, 112)).toBe('tile/2/273.p/112')
  expect(tilePath('entries', 1000, 1)).toBe('tile/entries/x001/000.p/1')
  expect(tilePath(0, Number.MAX_SAFE_INTEGER)).toBe('tile/0/x009/x007/x199/x254/x740/991')
})

test('EP-REC-3: a tree of 70,000 leaves has the tiles of the specification', () => {
  const tiles = tilesFor(0, 70_000)
  const count = (level: number, full: boolean) => tiles.filter((t) => t.level === level && (t.width === 256) === full)
  expect(count(0, true)).toHaveLength(273)
  expect(count(0, false)).toEqual([{ level: 0, index: 273, width: 112 }])
  expect(count(1, true)).toEqual([{ level: 1, index: 0, width: 256 }])
  expect(count(1, false)).toEqual([{ level: 1, index: 1, width: 17 }])
  expect(count(2, false)).toEqual([{ level: 2, index: 0, width: 1 }])
  expect(tiles).toHaveLength(277)
})

test('EP-REC-3: growth writes the tiles that it changed, and no others', () => {
  const rows: [number, number, string[]][] = [
    [0, 0, []],
    [5, 5, []],
    [0, 1, ['tile/0/000.p/1']],
    [1, 3, ['tile/0/000.p/3']],
    [255, 256, ['tile/0/000', 'tile/1/000.p/1']],
    [256, 257, ['tile/0/001.p/1']],
    [200, 600, ['tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2']],
    [65_535, 65_536, ['tile/0/255', 'tile/1/000', 'tile/2/000.p/1']],
    [
      2 ** 40 - 1,
      2 ** 40,
      [
        'tile/0/x004/x294/x967/295',
        'tile/1/x016/x777/215',
        'tile/2/x065/535',
        'tile/3/255',
        'tile/4/000',
        'tile/5/000.p/1',
      ],
    ],
  ]
  for (const [from, to, paths] of rows)
    expect(tilesFor(from, to).map((t) => tilePath(t.level, t.index, t.width))).toEqual(paths)
})

test('EP-REC-3: a path from outside has one spelling', () => {
  const rows: [string, Tile | undefined][] = [
    ['tile/0/x001/x234/067', { level: 0, index: 1234067, width: 256 }],
    ['tile/63/000.p/255', { level: 63, index: 0, width: 255 }],
    ['tile/entries/x001/000.p/1', { level: 'entries', index: 1000, width: 1 }],
    ['tile/64/000', undefined],
    ['tile/00/000', undefined],
    ['tile/-1/000', undefined],
    ['tile/0/0', undefined],
    ['tile/0/0000', undefined],
    ['tile/0/x000/001', undefined],
    ['tile/0/001/234', undefined],
    ['tile/0/x001', undefined],
    ['tile/0/000.p/0', undefined],
    ['tile/0/000.p/01', undefined],
    ['tile/0/000.p/256', undefined],
    ['tile/0/000.p/', undefined],
    ['tile/0/000.p/1/', undefined],
    ['tile/0/000\n', undefined],
    ['/tile/0/000', undefined],
    ['tile/0/../../etc', undefined],
    ['tile/0/x009/x007/x199/x254/x740/992', undefined],
    [`tile/0/${'x001/'.repeat(100)}000`, undefined],
    ['checkpoint', undefined],
    ['', undefined],
  ]
  for (const [path, tile] of rows) {
    if (tile !== undefined) expect(parseTilePath(path)).toEqual(tile)
    else expect([path, codeOf(() => parseTilePath(path))]).toEqual([path, 'tile_path_malformed'])
  }
})

test('EP-REC-3: every tile comes back from its path', () => {
  const level = fc.oneof(fc.nat(63), fc.constant('entries' as const))
  const property = fc.property(level, fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
    expect(parseTilePath(tilePath(level, index, width))).toEqual({ level, index, width })
  })
  fc.assert(property, { numRuns })
})

test('EP-REC-3: entry bundles come back, up to their limits', () => {
  expect(encodeEntryBundle([utf8Encode('ab'), new Uint8Array(0), new Uint8Array(258)]).slice(0, 8)).toEqual(
    Uint8Array.of(0, 2, 0x61, 0x62, 0, 0, 1, 2),
  )
  const entry = fc.uint8Array({ maxLength: 300 })
  const property = fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
    expect(decodeEntryBundle(encodeEntryBundle(entries))).toEqual(entries)
  })
  fc.assert(property, { numRuns })
  const full = Array.from({ length: 256 }, () => new Uint8Array(1))
  const rows: [string, () => unknown, string][] = [
    ['largest entry', () => encodeEntryBundle([new Uint8Array(65_535)]), 'accepted'],
    ['entry too large', () => encodeEntryBundle([new Uint8Array(65_536)]), 'log_entry_too_large'],
    ['256 entries', () => decodeEntryBundle(encodeEntryBundle(full)), 'accepted'],
    ['257 entries to write', () => encodeEntryBundle([...full, new Uint8Array(1)]), 'entry_bundle_width_too_large'],
    ['257 entries to read', () => decodeEntryBundle(new Uint8Array(257 * 2)), 'entry_bundle_width_too_large'],
    ['half a length', () => decodeEntryBundle(Uint8Array.of(0)), 'entry_bundle_malformed'],
    ['entry cut off', () => decodeEntryBundle(Uint8Array.of(0, 2, 1)), 'entry_bundle_malformed'],
  ]
  expect(rows.map(([name, run]) => [name, codeOf(run)])).toEqual(rows.map(([name, , code]) => [name, code]))
})

test('arbitrary octets and paths are refused or read, and throw nothing else', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 600 }), fc.string(), (bytes, path) => {
    codeOf(() => decodeEntryBundle(bytes))
    codeOf(() => parseTilePath(`tile/${path}`))
  })
  fc.assert(property, { numRuns })
})
