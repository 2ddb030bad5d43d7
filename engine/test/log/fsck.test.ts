import { headHash } from '@countersign/engine/log/derived'
import { fsckLog } from '@countersign/engine/log/fsck'
import type { ReceiptFacts } from '@countersign/engine/log/fsck-report'
import { CheckpointKeys } from '@countersign/engine/log/signed-checkpoint'
import { encodeEntryBundle } from '@countersign/pure/core/tile'
import { describe, expect, test } from 'vitest'
import {
  anchorPath,
  append,
  appendReceipts,
  denialEntry,
  flip,
  fsck,
  hashOf,
  headEntry,
  headOf,
  logKeyId,
  newLogKey,
  newWorld,
  noHash,
  openLog,
  organization,
  origin,
  outcomeEntry,
  receiptEntry,
  type World,
} from './world.js'

const first = headOf(noHash, '2026-11-20T07:00:00Z')
const second = headOf(headHash(first), '2026-11-20T07:30:00Z')

/** A log of these entries, one checkpoint for each batch, one minute and a half between the batches. */
async function logged(...batches: (readonly Uint8Array[])[]): Promise<World> {
  const world = newWorld()
  const log = openLog(world)
  for (const [i, batch] of batches.entries()) {
    for (const [k, entry] of batch.entries()) await append(world.store, `${i}/${k}`, entry)
    await log.sequence()
    world.time.pass(90_000)
  }
  await log.stop()
  return world
}

async function codesOf(world: World, options: Parameters<typeof fsck>[1] = {}): Promise<string[]> {
  const { findings } = await fsck(world, options)
  return findings.map(({ code, at }) => `${code} ${at}`)
}

async function grown(): Promise<World> {
  const world = newWorld()
  const log = openLog(world)
  for (const [from, to] of [
    [0, 100],
    [100, 300],
    [300, 520],
  ] as const) {
    await appendReceipts(world.store, from, to)
    await log.sequence()
  }
  await log.stop()
  return world
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const octets = (line: string) => new TextEncoder().encode(line)

describe('files', () => {
  test('EP-VER-6: a log as it should be has no findings, stray partial tiles or not', async () => {
    const world = await grown()
    await world.tiles.write('tile/0/000.p/17', octets('of a crash'))
    const report = await fsck(world)
    expect(report).toMatchObject({
      entries: 520,
      receipts: 520,
      denials: 0,
      heads: 0,
      outcomes: 0,
      checkpoints: 3,
      findings: [],
    })
    expect(report.warnings.map(({ code }) => code)).toEqual(['log_receipt_missing'])
  })

  const damages: [string, (world: World) => Promise<void>, string[]][] = [
    ['a tampered tile', ({ tiles }) => flip(tiles, 'tile/0/001', 99), ['log_tile_mismatch tile/0/001']],
    [
      'a tampered tile of level 1',
      ({ tiles }) => flip(tiles, 'tile/1/000.p/2', 3),
      ['log_tile_mismatch tile/1/000.p/2'],
    ],
    [
      'a tampered partial tile of an earlier checkpoint',
      ({ tiles }) => flip(tiles, 'tile/0/001.p/44'),
      ['log_tile_mismatch tile/0/001.p/44'],
    ],
    ['a lost tile', ({ tiles }) => tiles.remove('tile/0/000'), ['log_tile_missing tile/0/000']],
    ['a cut tile', ({ tiles }) => tiles.truncate('tile/0/002.p/8', 255), ['log_tile_mismatch tile/0/002.p/8']],
    [
      'a lost bundle',
      ({ tiles }) => tiles.remove('tile/entries/001'),
      ['log_bundle_missing tile/entries/001', 'log_prev_receipt_unknown entry/512'],
    ],
    [
      'a cut bundle',
      ({ tiles }) => tiles.truncate('tile/entries/002.p/8', 700),
      ['log_bundle_malformed tile/entries/002.p/8'],
    ],
    [
      'a swapped entry',
      async ({ tiles }) => {
        const entries = Array.from({ length: 8 }, (_, i) => receiptEntry(512 + i))
        await tiles.write(
          'tile/entries/002.p/8',
          encodeEntryBundle(entries.map((entry, i) => (i === 5 ? denialEntry(1, 'new') : entry))),
        )
      },
      ['log_bundle_mismatch tile/entries/002.p/8', 'log_prev_receipt_unknown entry/518'],
    ],
    ['a lost checkpoint', ({ tiles }) => tiles.remove('checkpoint'), ['log_checkpoint_missing checkpoint']],
    [
      'a checkpoint by another key',
      async ({ tiles }) => {
        const other = newLogKey()
        const forged = await new CheckpointKeys(origin, [{ logKeyId, vkey: other.vkey }]).sign(
          other.signer,
          520,
          new Uint8Array(32),
        )
        await tiles.write('checkpoint', octets(forged.note))
      },
      ['log_checkpoint_invalid checkpoint'],
    ],
    [
      'a checkpoint with a changed size',
      async ({ tiles }) =>
        tiles.write('checkpoint', octets(text((await tiles.read('checkpoint'))!).replace('520', '519'))),
      ['log_checkpoint_invalid checkpoint'],
    ],
    [
      'a truncated anchor',
      async ({ anchorFiles }) => {
        const lines = text((await anchorFiles.read(anchorPath))!).split('\n')
        await anchorFiles.write(anchorPath, octets(`${lines.slice(0, 2).join('\n')}\n`))
      },
      ['log_anchor_truncated checkpoint'],
    ],
    ['a lost anchor', ({ anchorFiles }) => anchorFiles.remove(anchorPath), ['log_anchor_truncated checkpoint']],
    [
      'an anchor with a hole',
      async ({ anchorFiles }) => {
        const lines = text((await anchorFiles.read(anchorPath))!).split('\n')
        await anchorFiles.write(anchorPath, octets(`${lines[0]}\n${lines[2]}\n`))
      },
      [`log_anchor_record_missing ${anchorPath}`, 'log_anchor_truncated checkpoint'],
    ],
  ]
  test.each(damages)('EP-VER-6: %s', async (_, damage, expected) => {
    const world = await grown()
    await damage(world)
    expect(await codesOf(world)).toEqual(expected)
  })

  test('EP-VER-6: a tree that the log key signed twice: entries and checkpoint do not fit', async () => {
    const world = await grown()
    const keys = new CheckpointKeys(origin, [{ logKeyId, vkey: world.key.vkey }])
    const forged = await keys.sign(world.key.signer, 520, new Uint8Array(32).fill(7))
    await world.tiles.write('checkpoint', octets(forged.note))
    expect(await codesOf(world)).toEqual(['log_checkpoint_root_mismatch checkpoint'])
    // The same lie in the anchor: every other record contradicts it too.
    const fork = await logged([receiptEntry(7)], [receiptEntry(8, { prev_receipt_hash: hashOf('receipt 7') })])
    const other = { ...world, anchorFiles: fork.anchorFiles }
    const trusted = [world, fork].map((one, i) => ({ logKeyId: `${logKeyId}${i}`, vkey: one.key.vkey }))
    const codes = (await codesOf(other, { keys: trusted })).filter((code) => code.includes('anchor'))
    expect(codes).toEqual([
      'log_anchor_truncated checkpoint',
      'log_anchor_root_mismatch anchor/0',
      'log_anchor_root_mismatch anchor/1',
    ])
  })

  test('EP-VER-6: an anchored checkpoint by an unknown key, a torn append, a stale checkpoint, no anchor at all', async () => {
    const world = await grown()
    const fork = await logged([receiptEntry(0)])
    expect(await codesOf({ ...world, anchorFiles: fork.anchorFiles })).toEqual([
      'log_anchor_checkpoint_invalid anchor/0',
      'log_anchor_truncated checkpoint',
    ])
    await world.anchorFiles.append(anchorPath, octets('{"at":"2026-1'))
    expect((await fsck(world)).warnings.map(({ code }) => code)).toEqual([
      'log_anchor_record_torn',
      'log_receipt_missing',
    ])
    const report = await fsckLog(world.tiles, { origin, keys: [{ logKeyId, vkey: world.key.vkey }], organization })
    expect(report.warnings.map(({ code }) => code)).toEqual(['log_anchor_missing', 'log_receipt_missing'])
    expect(report.findings).toEqual([])
  })
})

describe('entries', () => {
  const prev = (n: number) => ({ prev_receipt_hash: hashOf(`receipt ${n}`) })
  const rows: [string, Uint8Array[], string[]][] = [
    [
      'a receipt, a denial, two heads, an outcome',
      [headEntry(first), receiptEntry(0), headEntry(second), denialEntry(1, 'x'), outcomeEntry(0, 'executed')],
      [],
    ],
    [
      'attempts that share a predecessor',
      [
        receiptEntry(0),
        receiptEntry(1, prev(0)),
        receiptEntry(2, prev(0)),
        receiptEntry(3, { prev_receipt_hash: noHash }),
      ],
      [],
    ],
    [
      'a nonce committed twice',
      [receiptEntry(0), receiptEntry(1, { nonce_hash: hashOf('nonce 0') })],
      ['log_nonce_duplicate entry/1'],
    ],
    ['a nonce committed and denied', [receiptEntry(0), denialEntry(1, 'nonce 0')], ['log_nonce_duplicate entry/1']],
    [
      'a receipt twice',
      [receiptEntry(0), receiptEntry(0, { nonce_hash: hashOf('other') })],
      ['log_receipt_duplicate entry/1'],
    ],
    ['a predecessor that is not there', [receiptEntry(1)], ['log_prev_receipt_unknown entry/0']],
    ['a predecessor that comes later', [receiptEntry(1), receiptEntry(0)], ['log_prev_receipt_order_invalid entry/0']],
    ['a receipt that is its own predecessor', [receiptEntry(1, prev(1))], ['log_prev_receipt_order_invalid entry/0']],
    [
      'a head that leaves one out',
      [headEntry(first), headEntry(headOf(hashOf('x'), '2026-11-20T07:30:00Z'))],
      ['log_head_chain_mismatch entry/1'],
    ],
    ['a first head with a predecessor', [headEntry(second)], ['log_head_chain_mismatch entry/0']],
    [
      'a head of another directory',
      [
        headEntry(first),
        headEntry(headOf(headHash(first), '2026-11-20T07:30:00Z', { directory_id: 'ep:directory:b' })),
      ],
      ['log_head_directory_mismatch entry/1'],
    ],
    [
      'a head not after its predecessor',
      [headEntry(first), headEntry(headOf(headHash(first), '2026-11-20T07:00:00Z'))],
      ['log_head_issued_at_invalid entry/1'],
    ],
    [
      'a head over fewer leaves',
      [headEntry(first), headEntry(headOf(headHash(first), '2026-11-20T07:30:00Z', { tree_size: 3 }))],
      ['log_head_size_invalid entry/1'],
    ],
    ['an outcome of nothing', [outcomeEntry(0, 'executed')], ['log_outcome_receipt_unknown entry/0']],
    [
      'an outcome before its receipt',
      [outcomeEntry(0, 'executed'), receiptEntry(0)],
      ['log_outcome_receipt_unknown entry/0'],
    ],
    [
      'indeterminate, then executed',
      [receiptEntry(0), outcomeEntry(0, 'indeterminate'), outcomeEntry(0, 'executed')],
      [],
    ],
    [
      'failed, then executed',
      [receiptEntry(0), outcomeEntry(0, 'failed'), outcomeEntry(0, 'executed')],
      ['log_outcome_superseded entry/2'],
    ],
    ['no known type', [octets('{"type":"ep.log.tomorrow.v1"}')], ['log_entry_malformed entry/0']],
    ['spaces in an entry', [octets(text(receiptEntry(0)).replace(',', ', '))], ['log_entry_noncanonical entry/0']],
    [
      'an entry of another organization',
      [octets(text(receiptEntry(0)).replace('org:acme', 'org:evil'))],
      ['log_entry_organization_mismatch entry/0'],
    ],
    [
      'an entry from the future',
      [receiptEntry(0, { committed_at: '2026-11-20T08:01:01Z' })],
      ['log_entry_time_invalid entry/0'],
    ],
    ['an entry within the tolerance', [receiptEntry(0, { committed_at: '2026-11-20T08:01:00Z' })], []],
  ]
  test.each(rows)('EP-VER-6: %s', async (_, entries, expected) => {
    expect(await codesOf(await logged(entries))).toEqual(expected)
  })

  // Batches are anchored at 08:00:00, 08:01:30, 08:03:00; the receipt looked at is the last entry.
  const used = (head: typeof first, issuedAt: string): ReceiptFacts => ({
    head_hash: headHash(head),
    issued_at: issuedAt,
  })
  const last = receiptEntry(9, { prev_receipt_hash: noHash })
  const receipts: [string, Uint8Array[][], ReceiptFacts, string[]][] = [
    ['the newest head and predecessor', [[headEntry(first)], [last]], used(first, '2026-11-20T08:01:00Z'), []],
    [
      'a head that is not logged',
      [[headEntry(first)], [last]],
      used(second, '2026-11-20T08:01:00Z'),
      ['log_receipt_head_unknown entry/1'],
    ],
    [
      'a head logged after the receipt',
      [[last], [headEntry(first)]],
      used(first, '2026-11-20T08:00:00Z'),
      ['log_receipt_head_order_invalid entry/0'],
    ],
    [
      'a head older than what the predecessor had seen',
      [
        [headEntry(first), headEntry(second), receiptEntry(0)],
        [receiptEntry(9, { prev_receipt_hash: hashOf('receipt 0') })],
      ],
      used(first, '2026-11-20T08:00:00Z'),
      ['log_receipt_head_superseded entry/3'],
    ],
    [
      'a head replaced 60 s before',
      [[headEntry(first), headEntry(second)], [last]],
      used(first, '2026-11-20T08:01:00Z'),
      [],
    ],
    [
      'a head replaced 61 s before',
      [[headEntry(first), headEntry(second)], [last]],
      used(first, '2026-11-20T08:01:01Z'),
      ['log_receipt_head_stale entry/2'],
    ],
    [
      'a predecessor overtaken 60 s before',
      [[headEntry(first), receiptEntry(0)], [last]],
      used(first, '2026-11-20T08:01:00Z'),
      [],
    ],
    [
      'a predecessor overtaken 61 s before',
      [[headEntry(first), receiptEntry(0)], [last]],
      used(first, '2026-11-20T08:01:01Z'),
      ['log_receipt_prev_stale entry/2'],
    ],
  ]
  test.each(receipts)('EP-VER-6: a receipt that used %s', async (_, batches, facts, expected) => {
    const receipt = (hash: string) => (hash === hashOf('receipt 9') ? facts : undefined)
    expect(await codesOf(await logged(...batches), { receipt })).toEqual(expected)
  })
})
