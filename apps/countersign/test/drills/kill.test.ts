// The server is killed with SIGKILL at 20 moments under load (SLOW: 100), each time started again on the same files. About 40 s, most of
// it the 21 starts of a process; behind a killed sequencer the log also waits for its lease, up to 3 s. The moments come from a seed
// (DRILL_SEED); what the processes are doing then does not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openKeyFile } from '@countersign/adapters/keys/key-file'
import type { ReceiptFacts } from '@countersign/engine/log/fsck-report'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { checkpointText } from '@countersign/pure/core/checkpoint'
import { hashJson } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { leafHash, MerkleTree } from '@countersign/pure/core/merkle'
import { formatNote, parseVerifierKey } from '@countersign/pure/core/note'
import { encodeLogEntry, nonceHash, parseLogEntry } from '@countersign/pure/ep/log-entry'
import { hashedReceipt, type TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import { octetsOf } from '@countersign/simulator/signer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publish } from '../server/house.js'
import { type Evidence, type History, type Violation, violations } from './checker.js'
import { type Drill, openDrill } from './drill.js'
import { gather, Load } from './load.js'
import { pause } from './processes.js'

const kills = process.env['SLOW'] ? 100 : 20
const seed = process.env['DRILL_SEED'] ?? 'the first of May'
const workers = 4

let drill: Drill
let load: Load
let evidence: Evidence

beforeAll(
  async () => {
    drill = await openDrill()
    load = new Load(drill)
    let server = drill.spawn()
    await drill.listening(server)
    await publish(drill)
    const running = load.run(workers)
    // Whatever ends the load early ends the drill.
    const failed = running.then(() => undefined)
    const moments = octetsOf(`${seed} moments`, 64)
    for (let n = 0; n < kills; n++) {
      const draw = moments[n % moments.length]! / 256
      // One in five dies while it starts: before it listens, or while it proves its database and finishes what was interrupted.
      if (n % 5 !== 4) await drill.listening(server)
      await Promise.race([failed, pause(n % 5 === 4 ? draw * 1200 : draw * 1600)])
      expect(await server.kill(), server.stderr()).toEqual({ code: null, signal: 'SIGKILL' })
      server = drill.spawn()
    }
    await drill.listening(server)
    load.stop()
    await running
    await load.askAgain()
    evidence = await gather(drill, load.history)
    expect(await server.kill('SIGTERM'), server.stderr()).toEqual({ code: 0, signal: null })
  },
  kills * 10_000 + 60_000,
)
afterAll(() => drill.close())

describe('20 times kill -9 under load', () => {
  test('EP-SM-3, EP-INV-1: what was acknowledged stands, nothing was consumed twice, and the log only grew', () => {
    const { attempts, receipts, denials, outcomes, checkpoints } = load.history
    const numbers = { kills, acknowledged: load.acknowledged, inDoubt: load.inDoubt, repeats: load.repeats }
    console.log(JSON.stringify({ seed, ...numbers, attempts: attempts.length, denials: denials.length }))
    console.log(
      JSON.stringify({ outcomes: outcomes.length, entries: evidence.entries.length, checkpoints: checkpoints.length }),
    )
    expect(load.acknowledged).toBeGreaterThanOrEqual(100)
    expect(load.inDoubt).toBeGreaterThanOrEqual(kills / 2)
    expect(receipts.length).toBeGreaterThanOrEqual(30)
    expect(denials.length).toBeGreaterThanOrEqual(5)
    expect(checkpoints.length).toBeGreaterThanOrEqual(5)
    expect(violations(load.history, evidence)).toEqual([])
  })

  test('EP-VER-6: the whole log is clean from its files, with every receipt and every anchored checkpoint', async () => {
    const facts = new Map([...evidence.receipts.values()].map(factsOf))
    const report = await drill.fsck(drill.place, facts)
    expect(report.findings).toEqual([])
    expect(report.receipts).toBe(evidence.receipts.size)
    expect(report.entries).toBe(evidence.entries.length)
    // A torn line is what an append leaves that a kill cut off: nobody was answered from it.
    expect(report.warnings.filter(({ code }) => code !== 'log_anchor_record_torn')).toEqual([])
  })
})

describe('the checker is no rubber stamp', () => {
  // Each row spoils what was told or what stands in one way.
  const rows: [
    Violation,
    string,
    (told: History, stands: Evidence) => Promise<{ told?: History; stands?: Evidence }>,
  ][] = [
    [
      'nonce_ended_twice',
      'a nonce consumed twice, in a log that is whole',
      async (told, stands) => {
        const again = changedEntry(entryOf(told, stands), { receipt_hash: hashJson('another receipt') })
        return { stands: await relogged(stands, [...stands.entries, again]) }
      },
    ],
    [
      'nonce_ended_twice',
      'one nonce, two receipts',
      async (told) => {
        const [first, second] = distinct(told)
        return { told: { ...told, receipts: [...told.receipts, { nonce: first.nonce, bytes: second.bytes }] } }
      },
    ],
    [
      'receipt_lost',
      'an acknowledged receipt that is not served',
      async (told, stands) => ({
        stands: { ...stands, receipts: without(stands.receipts, receiptOf(told).receipt_id) },
      }),
    ],
    [
      'receipt_changed',
      'an acknowledged receipt in whose place another is served',
      async (told, stands) => {
        const [first, second] = distinct(told)
        const { receipt_id } = parsed(first.bytes)
        return { stands: { ...stands, receipts: new Map([...stands.receipts, [receipt_id, second.bytes]]) } }
      },
    ],
    [
      'receipt_not_logged',
      'an acknowledged receipt whose entry was replaced before anybody looked',
      async (told, stands) => {
        const lost = entryOf(told, stands)
        const other = changedEntry(lost, { receipt_hash: hashJson('another receipt') })
        const entries = stands.entries.map((entry) => (entry === lost ? other : entry))
        return { told: { ...told, checkpoints: [] }, stands: await relogged(stands, entries) }
      },
    ],
    [
      'log_rewritten',
      'a log that was rewritten after it was shown',
      async (_, stands) => ({ stands: await relogged(stands, stands.entries.with(0, stands.entries[1]!)) }),
    ],
    [
      'log_rewritten',
      'a log that lost its end after it was shown',
      async (told, stands) => ({
        told: { ...told, receipts: [], denials: [], outcomes: [], checkpoints: [stands.checkpoint] },
        stands: await relogged(stands, stands.entries.slice(0, -1)),
      }),
    ],
    [
      'checkpoint_is_not_of_the_entries',
      'entries that are not those of the checkpoint',
      async (_, stands) => ({ stands: { ...stands, entries: stands.entries.slice(0, -1) } }),
    ],
    [
      'checkpoint_forged',
      'a checkpoint that the log did not sign',
      async (told) => ({ told: { ...told, checkpoints: [told.checkpoints[0]!.replace(/\n(\d+)\n/, '\n9$1\n')] } }),
    ],
    [
      'denial_lost',
      'an acknowledged denial that is not served',
      async (_, stands) => ({ stands: { ...stands, denials: new Map() } }),
    ],
    [
      'signoff_lost',
      'an acknowledged signoff with another time',
      async (_, stands) => ({
        stands: {
          ...stands,
          signoffs: new Map([...stands.signoffs.keys()].map((key) => [key, '2026-01-01T00:00:00Z'])),
        },
      }),
    ],
    [
      'attempt_lost',
      'an acknowledged attempt with another nonce',
      async (_, stands) => ({ stands: { ...stands, nonces: new Map() } }),
    ],
    [
      'outcome_lost',
      'an acknowledged outcome that does not stand',
      async (_, stands) => ({ stands: { ...stands, outcomes: new Map() } }),
    ],
  ]

  test.each(rows)('%s: %s', async (violation, _, spoil) => {
    const told = some(load.history)
    expect(violations(told, evidence)).toEqual([])
    const spoiled = await spoil(told, evidence)
    expect(violations(spoiled.told ?? told, spoiled.stands ?? evidence)).toContain(violation)
  })
})

/** A part of a history that is quick to judge. */
function some(history: History): History {
  return {
    attempts: history.attempts.slice(0, 3),
    signoffs: history.signoffs.slice(0, 3),
    receipts: history.receipts
      .filter(({ nonce }, n, all) => all.findIndex((one) => one.nonce === nonce) === n)
      .slice(0, 3),
    denials: history.denials.slice(0, 1),
    outcomes: history.outcomes.slice(0, 1),
    checkpoints: history.checkpoints.slice(0, 2),
  }
}

function distinct({ receipts }: History) {
  const [first, second] = receipts
  return [first!, second!] as const
}

function parsed(bytes: Uint8Array): TrustReceipt {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as TrustReceipt
}

function receiptOf(history: History): TrustReceipt {
  return parsed(history.receipts[0]!.bytes)
}

function entryOf({ receipts }: History, { entries }: Evidence): Uint8Array {
  const hash = nonceHash(receipts[0]!.nonce)
  return entries.find((bytes) => {
    const entry = parseLogEntry(bytes)
    return 'nonce_hash' in entry && entry.nonce_hash === hash
  })!
}

function changedEntry(bytes: Uint8Array, members: JsonObject): Uint8Array {
  return encodeLogEntry({ ...parseLogEntry(bytes), ...members } as never)
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  return new Map([...map].filter(([one]) => one !== key))
}

/** These entries as a log that its owner signed, with all proofs. */
async function relogged(stands: Evidence, entries: readonly Uint8Array[]): Promise<Evidence> {
  const tree = MerkleTree.of(entries.map(leafHash))
  const { name, keyId } = parseVerifierKey(drill.logKey.vkey)
  const text = checkpointText({ origin: name, treeSize: tree.size, rootHash: tree.root() })
  const key = await openKeyFile(readFileSync(join(drill.place.data, 'log.key')), null)
  const checkpoint = formatNote(text, [{ name, keyId, signature: await key.sign(utf8Encode(text)) }])
  const sizes = Array.from({ length: tree.size }, (_, n) => n + 1)
  const consistency = new Map(sizes.map((size) => [size, tree.consistencyPath(size)]))
  return { ...stands, entries, checkpoint, consistency }
}

function factsOf(bytes: Uint8Array): [string, ReceiptFacts] {
  const receipt = parsed(bytes)
  const head_hash = hashJson(receipt.authority.head.body as unknown as JsonObject)
  return [hashJson(hashedReceipt(receipt) as never), { head_hash, issued_at: receipt.contexts[0]!.issued_at }]
}
