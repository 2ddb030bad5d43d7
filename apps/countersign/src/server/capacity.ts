import type { ServerResponse } from 'node:http'
import { Fault } from './fault.js'

/** Bounds what is answered at the same time: beyond it a request is turned away at once instead of making all others slow. */
export class Capacity {
  readonly #limit: number
  #busy = 0
  #draining = false

  constructor(limit: number) {
    this.#limit = limit
  }

  get busy(): number {
    return this.#busy
  }

  get draining(): boolean {
    return this.#draining
  }

  /** From now on every request is turned away; those inside are answered. */
  drain(): void {
    this.#draining = true
  }

  /** Takes a place until the answer has left or its reader is gone. @throws Fault server_unavailable, server_capacity_insufficient */
  enter(response: ServerResponse): void {
    if (this.#draining) throw new Fault(503, 'server_unavailable', 5)
    if (this.#busy >= this.#limit) throw new Fault(503, 'server_capacity_insufficient', 1)
    this.#busy++
    // `close` comes in every case, also when the reader went away before the answer.
    response.once('close', () => {
      this.#busy--
    })
  }
}
