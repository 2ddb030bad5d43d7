import { headHash } from '@countersign/engine/log/derived'
import type { Log } from '@countersign/engine/log/log'
import type { LogStore } from '@countersign/engine/ports/store'
import { utf8Encode } from '@countersign/pure/core/bytes'
import type { DirectoryHead } from '@countersign/pure/ep/directory-head'
import { parseLogEntry } from '@countersign/pure/ep/log-entry'

export interface ChainedHead {
  readonly head: DirectoryHead
  readonly head_hash: string
  readonly log_index: number
}

// Canonical form sorts members, so that no other entry begins like this; it spares parsing the many receipts.
const prefix = utf8Encode('{"head":')
const chunk = 1024

/** Every directory head that the log holds, in its order: read once, then only what was added. Heads are few. */
export class HeadChain {
  readonly #organization: string
  readonly #store: LogStore
  readonly #log: Log
  readonly #heads: ChainedHead[] = []
  #scanned = 0
  #turn: Promise<void> = Promise.resolve()

  constructor(organization: string, store: LogStore, log: Log) {
    this.#organization = organization
    this.#store = store
    this.#log = log
  }

  /** At most `limit` heads from position `from` on; only anchored ones. */
  async page(from: number, limit: number): Promise<{ readonly items: readonly ChainedHead[]; readonly more: boolean }> {
    this.#turn = this.#turn.catch(() => {}).then(() => this.#scan())
    await this.#turn
    const end = from + limit
    return { items: this.#heads.slice(from, end), more: end < this.#heads.length }
  }

  async #scan(): Promise<void> {
    const size = this.#log.newestAnchored()?.treeSize ?? 0
    while (this.#scanned < size) {
      const to = Math.min(size, this.#scanned + chunk)
      const entries = await this.#store.entries(this.#organization, this.#scanned, to)
      for (const [i, entry] of entries.entries()) {
        if (!prefix.every((octet, at) => entry[at] === octet)) continue
        const parsed = parseLogEntry(entry)
        if (parsed.type !== 'ep.log.directory_head.v1') continue
        this.#heads.push({ head: parsed.head, head_hash: headHash(parsed.head), log_index: this.#scanned + i })
      }
      this.#scanned = to
    }
  }
}
