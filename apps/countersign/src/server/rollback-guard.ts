import type { Authorizations } from '@countersign/engine/authorization/service'
import { LogHalted } from '@countersign/engine/log/halt'
import type { Log } from '@countersign/engine/log/log'
import { StoreFault } from '@countersign/engine/ports/store'
import type { FastifyBaseLogger } from 'fastify'
import { moment } from './decisions.js'
import { Fault } from './fault.js'

/** EP-SM-4: what contradicts the anchor is neither served nor signed. The log guards its entries; this adds the directory, and a timer. */
export class RollbackGuard {
  readonly #log: Log
  readonly #service: Authorizations
  #found: Fault | null = null

  constructor(log: Log, service: Authorizations) {
    this.#log = log
    this.#service = service
  }

  /** Why nothing is answered; null while all is well. */
  halted(): LogHalted | Fault | null {
    return this.#log.halted() ?? this.#found
  }

  /** Reads everything again. @throws LogHalted, Fault directory_rollback_detected: the same that `halted` answers from then on */
  async check(): Promise<void> {
    await this.#log.check()
    await this.checkDirectory()
  }

  /** The directory in the database must be that of the newest logged head: its leaves give that root, and no older head stands in its place. */
  async checkDirectory(): Promise<void> {
    const before = this.#log.derived().head?.head_hash
    const found = await this.#headHash()
    const after = this.#log.derived().head?.head_hash
    if (found === after || before !== after) return
    this.#found = new Fault(503, 'directory_rollback_detected')
    // Nothing is signed from here on either; this process is of no more use than to say so.
    await this.#log.stop()
    throw this.#found
  }

  /** Checks now and then. @returns ends it */
  onTimer(milliseconds: number, logger: FastifyBaseLogger): () => void {
    let running = false
    const timer = setInterval(async () => {
      if (running || this.halted() !== null) return
      running = true
      try {
        await this.check()
      } catch (err) {
        logger.error(
          { err },
          this.halted() === null ? 'the guard could not look' : 'the database contradicts its anchor',
        )
      }
      running = false
    }, milliseconds)
    return () => clearInterval(timer)
  }

  /** Undefined for none; null where the stored leaves do not give the root of their head. */
  async #headHash(): Promise<string | undefined | null> {
    try {
      const head = await this.#service.head({}, moment())
      if (head.ok) return head.value.head_hash
      return head.refusal.code === 'directory_head_missing' ? undefined : this.#log.derived().head?.head_hash
    } catch (error) {
      if (error instanceof StoreFault || error instanceof LogHalted) throw error
      return null
    }
  }
}
