/** One comparison: how fast ours is beside the limit it cannot beat, measured in turn inside the same run. */
export interface Ratio {
  readonly name: string
  /** What is compared with what, for whoever reads the figure. */
  readonly limit: string
  /** Median over the windows of ours / limit, as speeds: 1 is the limit. */
  readonly ratio: number
  readonly windows: readonly number[]
  /** What `--assert` demands; absent: reported only. */
  readonly bar?: number
  /** Absent where counts are compared and not speeds. */
  readonly ours?: Speed
  readonly theirs?: Speed
  readonly notes?: Readonly<Record<string, number | string>>
}

export interface Speed {
  readonly microseconds: number
}

export type About = Pick<Ratio, 'name' | 'limit' | 'bar' | 'notes'>

/** One window of each side, measured one after the other: microseconds for one unit of work. */
export interface Pair {
  readonly ours: number
  readonly limit: number
}

const windowMs = 300
const defaultWindows = 7

/** Times `ours` and `limit` in alternating windows; each call does one unit of work. */
export function compare(about: About, ours: () => void, limit: () => void, windows = defaultWindows): Ratio {
  window(ours)
  window(limit)
  return ratioOf(
    about,
    Array.from({ length: windows }, () => ({ limit: window(limit), ours: window(ours) })),
  )
}

export function ratioOf(about: About, pairs: readonly Pair[]): Ratio {
  const ratios = pairs.map((pair) => pair.limit / pair.ours)
  return {
    ...about,
    ratio: median(ratios),
    windows: ratios.map(rounded),
    ours: { microseconds: rounded(median(pairs.map((pair) => pair.ours))) },
    theirs: { microseconds: rounded(median(pairs.map((pair) => pair.limit))) },
  }
}

/** Microseconds for one call, over about `milliseconds`. */
export function window(run: () => void, milliseconds = windowMs): number {
  const start = process.hrtime.bigint()
  const end = start + BigInt(milliseconds) * 1_000_000n
  let calls = 0
  let now = start
  while (now < end) {
    for (let turn = 0; turn < 16; turn += 1) run()
    calls += 16
    now = process.hrtime.bigint()
  }
  return Number(now - start) / 1000 / calls
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
