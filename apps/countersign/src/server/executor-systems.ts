import type { Authorizations } from '@countersign/engine/authorization/service'
import { parseInstant } from '@countersign/pure/core/instant'
import { accepted, moment } from './decisions.js'

interface Served {
  readonly system: string
  readonly from: number
  readonly to: number
}

/** Which systems an executor serves, by the directory head in effect: the attempts that its key may see. */
export class ExecutorSystems {
  readonly #service: Authorizations
  #known: { readonly headHash: string; readonly byExecutor: ReadonlyMap<string, readonly Served[]> } | null = null

  constructor(service: Authorizations) {
    this.#service = service
  }

  async serves(executorId: string, system: string): Promise<boolean> {
    const now = moment()
    const { head_hash } = accepted(await this.#service.head({}, now))
    if (this.#known?.headHash !== head_hash) await this.#read()
    const served = this.#known!.byExecutor.get(executorId) ?? []
    return served.some((one) => one.system === system && one.from <= now.now && now.now < one.to)
  }

  /** Pages under one head; a head that is published in between begins the reading again. */
  async #read(): Promise<void> {
    const byExecutor = new Map<string, Served[]>()
    let headHash: string | undefined
    let after: string | undefined
    do {
      const query = { limit: 100, ...(after === undefined ? {} : { after }) }
      const page = accepted(await this.#service.entries(query, moment()))
      if (headHash !== undefined && page.head_hash !== headHash) return this.#read()
      headHash = page.head_hash
      for (const { leaf } of page.items) {
        const { entry, status } = leaf
        if (entry.type !== 'ep.executor.v1' || status.compromised_at !== null) continue
        const span = {
          from: parseInstant(entry.valid_from),
          to: status.valid_to === null ? Number.POSITIVE_INFINITY : parseInstant(status.valid_to),
        }
        const served = byExecutor.get(entry.executor_id) ?? []
        byExecutor.set(entry.executor_id, [...served, ...entry.systems.map((system) => ({ system, ...span }))])
      }
      after = page.next
    } while (after !== undefined)
    this.#known = { headHash, byExecutor }
  }
}
