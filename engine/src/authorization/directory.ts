import type { DirectoryHead } from '@countersign/pure/ep/directory-head'
import type { DirectoryLeaf } from '@countersign/pure/ep/directory-leaf'
import { Hashes } from '@countersign/pure/ep/hashes'
import type { Policy } from '@countersign/pure/ep/policy'
import type { LogReader } from '../ports/log-reader.js'
import type { Row, RowKey, RowWrite, Store } from '../ports/store.js'
import { refusal } from './decision.js'
import { DirectoryView } from './directory-view.js'

/** The newest head that was published; it takes effect once its log entry is anchored (EP-DIR-2). */
export interface NewestHead {
  readonly head_hash: string
}

interface HeadRow {
  /** Heads are numbered from 1 in the order of publication. */
  readonly number: number
  readonly head: DirectoryHead
}

interface LeafRow {
  /** Ascending: what the leaf said from the head of this number on. */
  readonly versions: readonly { readonly since: number; readonly leaf: DirectoryLeaf }[]
}

/** The one row that every decision expects unchanged, so that none is committed beside a head that it did not see. */
export const newestHeadKey: RowKey = { kind: 'directory', id: 'newest' }

const pageRows = 1000
const keptViews = 8

export function headEntryId(headHash: string): string {
  return `head:${headHash}`
}

/** What this engine wrote itself: canonical JSON. */
export function readRow<T>(row: Row): T {
  return JSON.parse(row.body) as T
}

/** @param hashes - of a decision that has made texts of what stands in the row */
export function writeRow(
  key: RowKey,
  expected: number,
  body: object,
  terms?: readonly string[],
  hashes: Hashes = new Hashes(),
): RowWrite {
  return { ...key, expected, body: hashes.text(body), ...(terms === undefined ? {} : { terms }) }
}

/** The stored directory: views by head, rebuilt from rows when a head was not seen before by this process. */
export class Directory {
  readonly #organization: string
  readonly #store: Store
  readonly #log: LogReader
  readonly #waitMilliseconds: number
  readonly #views = new Map<string, Promise<DirectoryView>>()
  readonly #headIndices = new Map<string, number>()

  constructor(organization: string, store: Store, log: LogReader, waitMilliseconds: number) {
    this.#organization = organization
    this.#store = store
    this.#log = log
    this.#waitMilliseconds = waitMilliseconds
  }

  /**
   * The view in effect, given the row of the newest published head. While that head waits for its anchor nothing is decided: not
   * under it, because it has no effect yet, and not under its predecessor, because another server may have seen the anchor.
   *
   * @throws Refusal directory_head_missing, directory_head_unavailable
   */
  async current(newest: Row | null): Promise<DirectoryView> {
    if (newest === null) throw refusal('directory_head_missing')
    const { head_hash } = readRow<NewestHead>(newest)
    if (this.#log.derived().head?.head_hash !== head_hash) await this.headIndex(head_hash)
    return this.under(head_hash)
  }

  /** The index of a head's log entry, once it is anchored. */
  async headIndex(headHash: string): Promise<number> {
    const known = this.#headIndices.get(headHash)
    if (known !== undefined) return known
    const index = await this.#log.anchored(headEntryId(headHash), this.#waitMilliseconds)
    if (index === null) throw refusal('directory_head_unavailable')
    this.#headIndices.set(headHash, index)
    return index
  }

  /** The view under a published head, in effect or not. */
  under(headHash: string): Promise<DirectoryView> {
    const known = this.#views.get(headHash)
    if (known !== undefined) return known
    const loading = this.#load(headHash)
    this.#views.set(headHash, loading)
    loading.catch(() => this.#views.delete(headHash))
    if (this.#views.size > keptViews) this.#views.delete(this.#views.keys().next().value!)
    return loading
  }

  /** The number of a published head (0 for none), and the rows of leaves, as a publication needs their versions. */
  async rowsOf(
    headHash: string | undefined,
    indices: readonly number[],
  ): Promise<{ number: number; leaves: readonly (Row | null)[] }> {
    const keys = indices.map(leafKey)
    if (headHash !== undefined) keys.unshift(headKey(headHash))
    const rows = keys.length === 0 ? [] : await this.#store.read(this.#organization, keys)
    if (headHash === undefined) return { number: 0, leaves: rows }
    return { number: readRow<HeadRow>(rows[0]!).number, leaves: rows.slice(1) }
  }

  async #load(headHash: string): Promise<DirectoryView> {
    const [row] = await this.#store.read(this.#organization, [headKey(headHash)])
    if (row === null || row === undefined) throw new Error(`no directory head ${headHash} is stored`)
    const { number, head } = readRow<HeadRow>(row)
    const leaves = await this.#leaves(number)
    return new DirectoryView(head, leaves, await this.#policies(leaves))
  }

  // Not a snapshot, and it need not be: what a leaf said up to a published head never changes.
  async #leaves(number: number): Promise<DirectoryLeaf[]> {
    const leaves: DirectoryLeaf[] = []
    for (let after: string | undefined; ; ) {
      const page = await this.#store.find(this.#organization, 'directory_leaf', {
        ...(after === undefined ? {} : { after }),
        limit: pageRows,
      })
      for (const row of page.rows) {
        const said = readRow<LeafRow>(row).versions.findLast(({ since }) => since <= number)
        if (said !== undefined) leaves.push(said.leaf)
      }
      if (page.next === undefined) return leaves
      after = page.next
    }
  }

  async #policies(leaves: readonly DirectoryLeaf[]): Promise<Map<string, Policy>> {
    const hashes = new Set<string>()
    for (const { entry } of leaves) if (entry.type === 'ep.directory_policy.v1') hashes.add(entry.policy_hash)
    const keys = [...hashes].map(policyKey)
    const rows = keys.length === 0 ? [] : await this.#store.read(this.#organization, keys)
    return new Map(rows.map((row) => [row!.id, readRow<Policy>(row!)]))
  }
}

/** What a publication writes, beside the log entry. */
export function publicationRows(publication: {
  readonly number: number
  readonly head: DirectoryHead
  readonly headHash: string
  /** 0 for the first head. */
  readonly newestVersion: number
  /** New and changed leaves with the rows that they had. */
  readonly leaves: readonly { readonly index: number; readonly leaf: DirectoryLeaf; readonly row: Row | null }[]
  /** Documents that are not stored yet, by hash. */
  readonly policies: ReadonlyMap<string, Policy>
}): RowWrite[] {
  const { number, head, headHash } = publication
  return [
    writeRow(newestHeadKey, publication.newestVersion, { head_hash: headHash } satisfies NewestHead),
    writeRow(headKey(headHash), 0, { number, head } satisfies HeadRow),
    ...publication.leaves.map(({ index, leaf, row }) => {
      const before = row === null ? [] : readRow<LeafRow>(row).versions
      return writeRow(leafKey(index), row?.version ?? 0, { versions: [...before, { since: number, leaf }] })
    }),
    ...[...publication.policies].map(([hash, policy]) => writeRow(policyKey(hash), 0, policy)),
  ]
}

function headKey(headHash: string): RowKey {
  return { kind: 'directory_head', id: headHash }
}

// Padded, so that rows come in the order of indices.
function leafKey(index: number): RowKey {
  return { kind: 'directory_leaf', id: String(index).padStart(12, '0') }
}

function policyKey(hash: string): RowKey {
  return { kind: 'policy', id: hash }
}
