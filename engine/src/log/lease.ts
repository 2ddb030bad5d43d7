import type { LogStore } from '../ports/store.js'

/**
 * The sequencer's lease. It is renewed only when a third of it has passed: every renewal is a transaction, and publishing is fenced by
 * the epoch in its own transaction, so a lease that lapsed unnoticed can do no harm.
 */
export class HeldLease {
  readonly #store: LogStore
  readonly #organization: string
  readonly #holder: string
  readonly #milliseconds: number
  #held: { readonly epoch: number; readonly renewAt: number } | null = null

  constructor(store: LogStore, organization: string, holder: string, milliseconds: number) {
    this.#store = store
    this.#organization = organization
    this.#holder = holder
    this.#milliseconds = milliseconds
  }

  /** The epoch; null while somebody else holds the lease. */
  async hold(now: number): Promise<number | null> {
    if (this.#held !== null && now < this.#held.renewAt) return this.#held.epoch
    const lease = await this.#store.lease(this.#organization, this.#holder, now, this.#milliseconds)
    this.#held = lease === null ? null : { epoch: lease.epoch, renewAt: now + this.#milliseconds / 3 }
    return lease?.epoch ?? null
  }

  /** Asks again before the next use: somebody published in between. */
  doubt(): void {
    this.#held = null
  }

  /** Lets a successor in at once instead of after the rest of the lease. */
  async release(now: number): Promise<void> {
    if (this.#held === null) return
    this.#held = null
    await this.#store.lease(this.#organization, this.#holder, now, 0)
  }
}
