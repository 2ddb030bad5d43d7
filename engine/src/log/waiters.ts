/** Runs `run` once after `milliseconds`; the answer cancels it. Given by the application: this floor has no timers. */
export type Schedule = (milliseconds: number, run: () => void) => () => void

interface Waiter {
  readonly settle: (index: number | null) => void
  readonly fail: (error: unknown) => void
}

/** Callers that wait until an entry is anchored, woken inside this process. */
export class Waiters {
  readonly #schedule: Schedule
  readonly #waiting = new Map<string, Set<Waiter>>()

  constructor(schedule: Schedule) {
    this.#schedule = schedule
  }

  /** Entries that somebody waits for. */
  entryIds(): string[] {
    return [...this.#waiting.keys()]
  }

  /** The index of the entry once it is anchored; null after the time, or when the log stops. */
  wait(entryId: string, milliseconds: number): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiting.get(entryId) ?? new Set()
      this.#waiting.set(entryId, waiters)
      const leave = () => {
        cancel()
        waiters.delete(waiter)
        if (waiters.size === 0) this.#waiting.delete(entryId)
      }
      const waiter: Waiter = {
        settle: (index) => {
          leave()
          resolve(index)
        },
        fail: (error) => {
          leave()
          reject(error)
        },
      }
      const cancel = this.#schedule(milliseconds, () => waiter.settle(null))
      waiters.add(waiter)
    })
  }

  settle(entryId: string, index: number | null): void {
    for (const waiter of [...(this.#waiting.get(entryId) ?? [])]) waiter.settle(index)
  }

  settleAll(): void {
    for (const entryId of this.entryIds()) this.settle(entryId, null)
  }

  fail(entryId: string, error: unknown): void {
    for (const waiter of [...(this.#waiting.get(entryId) ?? [])]) waiter.fail(error)
  }

  failAll(error: unknown): void {
    for (const entryId of this.entryIds()) this.fail(entryId, error)
  }
}
