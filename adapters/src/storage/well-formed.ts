import type { LogStore, Unit } from '@countersign/engine/ports/store'

type Publication = Parameters<LogStore['publish']>[0]

/** Throws unless the unit keeps the port's rules of form: such a unit is a bug of the caller, so no store gives it an answer. */
export function assertUnit(unit: Unit): void {
  assertNames(unit.organization, unit.unitId)
  const put = unit.put ?? []
  const claims = unit.claims ?? []
  const raise = unit.raise ?? []
  const append = unit.append ?? []
  for (const { kind, id, version } of unit.expect ?? []) {
    assertNames(kind, id)
    assertWhole(version)
  }
  for (const row of put) {
    assertNames(row.kind, row.id, ...(row.terms ?? []))
    assertWhole(row.expected)
    assertText(row.body)
  }
  for (const { kind, value } of claims) assertNames(kind, value)
  for (const { counter, to } of raise) {
    assertNames(counter)
    assertWhole(to)
  }
  for (const { entryId } of append) assertNames(entryId)
  if (unit.clock !== undefined) assertWhole(unit.clock)
  if (unit.answer !== undefined) assertText(unit.answer)
  assertDistinct(put.map(({ kind, id }) => JSON.stringify([kind, id])))
  assertDistinct(claims.map(({ kind, value }) => JSON.stringify([kind, value])))
  assertDistinct(raise.map(({ counter }) => counter))
  assertDistinct(append.map(({ entryId }) => entryId))
}

/** Throws unless the sizes of a publication agree and it names no entry twice. */
export function assertPublication({ organization, epoch, fromSize, entryIds, state }: Publication): void {
  assertNames(organization, ...entryIds)
  assertDistinct(entryIds)
  assertWhole(epoch)
  assertWhole(fromSize)
  if (state.treeSize !== fromSize + entryIds.length) throw new Error('publish: treeSize is not fromSize + entries')
}

/** Throws unless `limit` is a whole number >= 1: a page of none would never end. */
export function assertLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new Error(`limit ${limit} is not a whole number >= 1`)
}

/** Throws on what is no safe integer >= 0. */
export function assertWhole(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} is not a whole number >= 0`)
}

function assertNames(...names: readonly string[]): void {
  for (const name of names) {
    if (name === '') throw new Error('an empty name in a unit of work')
    assertText(name)
  }
}

// A lone surrogate has no UTF-8: a database would keep U+FFFD and let two names fall together. U+0000 ends a C string.
function assertText(text: string): void {
  if (text.includes('\0') || !isWellFormed(text))
    throw new Error('text in a unit of work is not Unicode, or has U+0000')
}

function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}

function assertDistinct(names: readonly string[]): void {
  if (names.length > 1 && new Set(names).size !== names.length) throw new Error('a unit of work names one thing twice')
}
