import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Row, Store, Unit } from '@countersign/engine/ports/store'
import { approvedAttempt, granted, type House, openHouse } from './approved-attempts.js'
import { bareCheck, bareSignature } from './bare-signatures.js'
import { median, type Pair, type Ratio, ratioOf, rounded, window } from './measure.js'
import { openRawGroups } from './raw-groups.js'
import { type Counts, since } from './real-log.js'

const callers = 32
const cores = availableParallelism()
const perWindow = 384
const windows = 7
/** Thrown away: several threads compile what they run, and a server runs for longer than that. */
const warmUpWindows = 3

interface Measured extends Pair {
  readonly raw: number
  readonly signatures: number
  readonly counts: Counts
}

/** Approved authorizations consumed by 32 callers at once, through the engine, its log and SQLite with fsync, in one process. */
export async function consumeBench(): Promise<Ratio[]> {
  const sampled: { unit?: Unit; before?: Row | null } = {}
  const house = await openHouse((store) => sampling(store, sampled))
  try {
    const requests = await inParallel((windows + warmUpWindows) * perWindow, () => approvedAttempt(house))
    const consumeWindow = () => consumeAll(house, requests.splice(0, perWindow))
    for (let i = 0; i < warmUpWindows; i += 1) await consumeWindow()
    const raw = await openRawGroups(join(house.real.folder, 'raw.db'), sampled.unit!, [sampled.before!])
    raw.window(perWindow)
    const signatures = bareSignatures()
    const measured: Measured[] = []
    for (let i = 0; i < windows; i += 1) {
      const limits = { raw: raw.window(perWindow), signatures: signatures() }
      const { microseconds, counts } = await consumeWindow()
      const sharedSignature = (limits.signatures.sign * counts.publishes) / perWindow
      const needed = limits.signatures.checks + sharedSignature
      measured.push({
        raw: limits.raw,
        signatures: needed,
        limit: Math.max(limits.raw, needed),
        ours: microseconds,
        counts,
      })
    }
    raw.close()
    return [ratio(measured), commits(measured)]
  } finally {
    await house.judge.close()
    await house.real.stop()
  }
}

function ratio(measured: readonly Measured[]): Ratio {
  const of = (pick: (one: Measured) => number) => rounded(median(measured.map(pick)))
  return ratioOf(
    {
      name: `consume, ${callers} callers, SQLite with fsync, two class B signoffs, sealed initiation`,
      limit:
        'the slower of the same lines in bare transactions of 32 units, and the bare signature work on one core: Ed25519 checks of ' +
        'head, initiation, two signoffs and consume request, and a share of the checkpoint signature',
      bar: 0.6,
      notes: {
        'consumes/s': of(({ ours }) => 1e6 / ours),
        'raw grouped transactions, units/s': of(({ raw }) => 1e6 / raw),
        'signatures allow on one core, consumes/s': of(({ signatures }) => 1e6 / signatures),
        // The checks alone, had they every core to themselves and lost nothing by sharing it.
        [`signatures allow on all ${cores} cores, consumes/s`]: of(({ signatures }) => (cores * 1e6) / signatures),
        'ratio to the signatures on all cores': of(({ ours, signatures }) => signatures / cores / ours),
      },
    },
    measured,
  )
}

function commits(measured: readonly Measured[]): Ratio {
  const perCommit = measured.map(({ counts }) => perWindow / counts.commits)
  const of = (pick: (one: Counts) => number) => rounded(median(measured.map(({ counts }) => perWindow / pick(counts))))
  return {
    name: `consumes for each database commit, ${callers} callers`,
    limit: 'every transaction that wrote, the publications of the log among them',
    ratio: median(perCommit),
    windows: perCommit.map(rounded),
    bar: 8,
    notes: {
      'consumes for each fsync of the anchor': of(({ publishes }) => publishes),
      'consumes for each fsync of a tile': of(({ tileFsyncs }) => tileFsyncs),
    },
  }
}

async function consumeAll({ real, service, moment }: House, requests: readonly Uint8Array[]) {
  const before = real.counts()
  const start = performance.now()
  await inParallel(requests.length, async (i) => {
    granted(await service.consume({ body: requests[i]! }, moment()))
  })
  const microseconds = ((performance.now() - start) * 1000) / requests.length
  return { microseconds, counts: since(before, real.counts()) }
}

/** What 32 callers make of `count` calls, each beginning its next one when it has its answer. */
export async function inParallel<T>(count: number, run: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const caller = async () => {
    while (next < count) {
      const index = next++
      results[index] = await run(index)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return results
}

function bareSignatures(): () => { checks: number; sign: number } {
  const check = bareCheck('ed25519')
  const sign = bareSignature()
  const checks = 5
  return () => ({ checks: window(check, 150) * checks, sign: window(sign, 50) })
}

/** Keeps the first unit that consumes, and the attempt's row as it stood before. */
function sampling(store: Store, sampled: { unit?: Unit; before?: Row | null }): Store {
  const commit = async (unit: Unit) => {
    const consumes = unit.claims?.some(({ kind }) => kind === 'consume_id') ?? false
    if (consumes && sampled.unit === undefined) {
      sampled.unit = unit
      const [changed] = unit.put!.filter(({ expected }) => expected > 0)
      sampled.before = (await store.read(unit.organization, [changed!]))[0] ?? null
    }
    return store.commit(unit)
  }
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'commit') return commit
      return (target[name as keyof Store] as (...args: unknown[]) => unknown).bind(target)
    },
  })
}
