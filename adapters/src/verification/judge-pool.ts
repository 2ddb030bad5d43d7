import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { JudgeFault, type ReceiptDraft, type ReceiptJudge } from '@countersign/engine/ports/receipt-judge'
import type { Result } from '@countersign/pure/core/outcome'
import type { JudgeTrust } from './messages.js'
import { ThreadCalls } from './thread-calls.js'

export interface JudgePoolOptions extends JudgeTrust {
  /** One less than the cores, at least one, if absent: the thread that serves requests needs a core as well. */
  readonly threads?: number
}

export interface JudgePool extends ReceiptJudge {
  /** Refuses new drafts, lets every earlier one get its verdict, and ends the threads. */
  close(): Promise<void>
}

/** Threads that may die in the life of a pool before it goes on with fewer: what kills this many is no accident. */
const replacements = 16

/**
 * Threads that judge receipts, each by the trust file that it pinned at its start.
 *
 * @throws JudgeFault if the trust file is refused or does not know the organization
 */
export async function openJudgePool(options: JudgePoolOptions): Promise<JudgePool> {
  const { trust, organization, threads = Math.max(1, availableParallelism() - 1) } = options
  // A view would cross with its whole buffer.
  const workerData: JudgeTrust = { trust: new Uint8Array(trust), organization }
  const pool = new ThreadPool(
    () => new Worker(new URL('./thread.js', import.meta.url), { workerData, name: 'judge' }),
    threads,
  )
  try {
    await pool.ready()
    return pool
  } catch (cause) {
    await pool.close()
    throw cause
  }
}

/** `openJudgePool` makes one of threads that judge. */
export class ThreadPool implements JudgePool {
  readonly #startWorker: () => Worker
  readonly #threads = new Set<ThreadCalls>()
  readonly #judging = new Set<Promise<unknown>>()
  #replacements = replacements
  #closing: Promise<void> | undefined

  constructor(startWorker: () => Worker, threads: number) {
    this.#startWorker = startWorker
    for (let i = 0; i < threads; i += 1) this.#start()
  }

  /** @throws JudgeFault if a thread does not start */
  async ready(): Promise<void> {
    await Promise.all([...this.#threads].map(({ ready }) => ready))
  }

  judge(draft: ReceiptDraft): Promise<Result<void>> {
    if (this.#closing !== undefined) return Promise.reject(new JudgeFault('the judge is closed'))
    const thread = this.#idlest()
    if (thread === undefined) return Promise.reject(new JudgeFault('every judging thread has died'))
    const verdict = thread.judge(draft)
    this.#judging.add(verdict)
    return verdict.finally(() => this.#judging.delete(verdict))
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  async #drain(): Promise<void> {
    await Promise.allSettled(this.#judging)
    await Promise.all([...this.#threads].map((thread) => thread.terminate()))
  }

  #idlest(): ThreadCalls | undefined {
    let idlest: ThreadCalls | undefined
    for (const thread of this.#threads) if (idlest === undefined || thread.load < idlest.load) idlest = thread
    return idlest
  }

  #start(): void {
    const thread = new ThreadCalls(this.#startWorker())
    this.#threads.add(thread)
    void thread.gone.then(() => {
      this.#threads.delete(thread)
      if (this.#closing !== undefined || this.#replacements === 0) return
      this.#replacements -= 1
      this.#start()
    })
  }
}
