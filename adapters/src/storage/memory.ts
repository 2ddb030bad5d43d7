import {
  type Claim,
  type CommitResult,
  type Conflict,
  type Found,
  type Lease,
  type LogState,
  type LogStore,
  type OutboxEntry,
  type Row,
  type RowKey,
  type Store,
  StoreFault,
  type Unit,
} from '@countersign/engine/ports/store'
import { assertLimit, assertPublication, assertUnit, assertWhole } from './well-formed.js'

interface Entry {
  readonly bytes: Uint8Array
  index: number | null
}

/** What one organization owns. Maps keep insertion order: the outbox is in order of commits. */
class Organization {
  readonly units = new Map<string, string | undefined>()
  readonly rows = new Map<string, Row>()
  readonly terms = new Map<string, ReadonlySet<string>>()
  readonly claims = new Set<string>()
  readonly counters = new Map<string, number>()
  readonly entries = new Map<string, Entry>()
  readonly log: Uint8Array[] = []
  clock = 0
  lease: (Lease & { readonly holder: string }) | null = null
  state: LogState | null = null
}

/**
 * The reference of the store port: everything in memory, lost with the process. Each method runs to its end before another
 * starts, so every commit is atomic. The other stores are held against it (the contract suite and its property test).
 */
export function memoryStore(): Store & LogStore {
  return new MemoryStore()
}

class MemoryStore implements Store, LogStore {
  private readonly organizations = new Map<string, Organization>()
  private closed = false

  async read(organization: string, keys: readonly RowKey[]): Promise<readonly (Row | null)[]> {
    const { rows } = this.of(organization)
    return keys.map((key) => rows.get(rowName(key)) ?? null)
  }

  async find(
    organization: string,
    kind: string,
    { term, after, limit }: { readonly term?: string; readonly after?: string; readonly limit: number },
  ): Promise<Found> {
    assertLimit(limit)
    const { rows, terms } = this.of(organization)
    const matching = [...rows.values()]
      .filter((row) => row.kind === kind)
      .filter((row) => term === undefined || terms.get(rowName(row))?.has(term) === true)
      .filter((row) => after === undefined || byCodePoints(row.id, after) > 0)
      .sort((a, b) => byCodePoints(a.id, b.id))
    const page = matching.slice(0, limit)
    return matching.length > limit ? { rows: page, next: page.at(-1)!.id } : { rows: page }
  }

  async claimed(organization: string, claim: Claim): Promise<boolean> {
    return this.of(organization).claims.has(claimName(claim))
  }

  async clock(organization: string): Promise<number> {
    return this.of(organization).clock
  }

  async commit(unit: Unit): Promise<CommitResult> {
    assertUnit(unit)
    const at = this.of(unit.organization)
    if (at.units.has(unit.unitId)) return { status: 'committed', answer: at.units.get(unit.unitId), repeated: true }
    const conflict = firstConflict(at, unit)
    if (conflict !== undefined) return { status: 'conflict', conflict }
    write(at, unit)
    return { status: 'committed', answer: unit.answer, repeated: false }
  }

  async lease(organization: string, holder: string, now: number, ttl: number): Promise<Lease | null> {
    assertWhole(now)
    assertWhole(ttl)
    const at = this.of(organization)
    const held = at.lease
    if (held !== null && held.holder !== holder && held.expiresAt > now) return null
    const epoch = held === null ? 1 : held.holder === holder ? held.epoch : held.epoch + 1
    at.lease = { holder, epoch, expiresAt: now + ttl }
    return { epoch, expiresAt: now + ttl }
  }

  async outbox(organization: string, limit: number): Promise<readonly OutboxEntry[]> {
    assertLimit(limit)
    const waiting = [...this.of(organization).entries].filter(([, entry]) => entry.index === null)
    return waiting.slice(0, limit).map(([entryId, { bytes }]) => ({ entryId, entry: bytes.slice() }))
  }

  async publish(update: Parameters<LogStore['publish']>[0]): Promise<boolean> {
    assertPublication(update)
    const at = this.of(update.organization)
    if (at.lease?.epoch !== update.epoch || (at.state?.treeSize ?? 0) !== update.fromSize) return false
    const entries = update.entryIds.map((entryId) => at.entries.get(entryId))
    if (entries.some((entry) => entry?.index !== null)) throw new Error('publish: an entry does not wait in the outbox')
    for (const entry of entries) {
      entry!.index = at.log.length
      at.log.push(entry!.bytes)
    }
    at.state = copyState(update.state)
    return true
  }

  async state(organization: string): Promise<LogState | null> {
    const { state } = this.of(organization)
    return state === null ? null : copyState(state)
  }

  async entries(organization: string, from: number, to: number): Promise<readonly Uint8Array[]> {
    assertWhole(from)
    assertWhole(to)
    const { log } = this.of(organization)
    return log.slice(from, to).map((bytes) => bytes.slice())
  }

  async indexOf(organization: string, entryId: string): Promise<number | null | undefined> {
    return this.of(organization).entries.get(entryId)?.index
  }

  async close(): Promise<void> {
    this.closed = true
  }

  private of(organization: string): Organization {
    if (this.closed) throw new StoreFault('the store is closed', 'safe')
    const known = this.organizations.get(organization) ?? new Organization()
    this.organizations.set(organization, known)
    return known
  }
}

function firstConflict(at: Organization, unit: Unit): Conflict | undefined {
  const versions = [
    ...(unit.expect ?? []),
    ...(unit.put ?? []).map(({ kind, id, expected }) => ({ kind, id, version: expected })),
  ]
  for (const { kind, id, version } of versions) {
    const found = at.rows.get(rowName({ kind, id }))?.version ?? 0
    if (found !== version) return { on: 'row', kind, id, found }
  }
  for (const { kind, value } of unit.claims ?? []) {
    if (at.claims.has(claimName({ kind, value }))) return { on: 'claim', kind, value }
  }
  for (const { counter, to } of unit.raise ?? []) {
    const found = at.counters.get(counter)
    if (found !== undefined && to <= found) return { on: 'counter', counter, found }
  }
  for (const { entryId } of unit.append ?? []) {
    if (at.entries.has(entryId)) return { on: 'entry', entryId }
  }
  return undefined
}

function write(at: Organization, unit: Unit): void {
  at.units.set(unit.unitId, unit.answer)
  for (const { kind, id, expected, body, terms } of unit.put ?? []) {
    at.rows.set(rowName({ kind, id }), { kind, id, version: expected + 1, body })
    if (terms !== undefined) at.terms.set(rowName({ kind, id }), new Set(terms))
  }
  for (const claim of unit.claims ?? []) at.claims.add(claimName(claim))
  for (const { counter, to } of unit.raise ?? []) at.counters.set(counter, to)
  at.clock = Math.max(at.clock, unit.clock ?? 0)
  for (const { entryId, entry } of unit.append ?? []) at.entries.set(entryId, { bytes: entry.slice(), index: null })
}

function rowName({ kind, id }: RowKey): string {
  return JSON.stringify([kind, id])
}

function claimName({ kind, value }: Claim): string {
  return JSON.stringify([kind, value])
}

// JavaScript compares UTF-16 units, databases compare UTF-8 octets, which is the order of code points.
function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function copyState({ treeSize, checkpoint, derived }: LogState): LogState {
  return { treeSize, checkpoint, derived }
}
