import type { Worker } from 'node:worker_threads'
import { JudgeFault, type ReceiptDraft } from '@countersign/engine/ports/receipt-judge'
import type { Result } from '@countersign/pure/core/outcome'
import type { DraftCall, FromThread, VerdictReply } from './messages.js'

interface Waiting {
  readonly resolve: (verdict: Result<void>) => void
  readonly reject: (error: Error) => void
}

/** Calls to one thread and their verdicts. A thread that dies fails every call that waits: without a verdict nothing is permitted. */
export class ThreadCalls {
  /** Settled when the thread judges; rejected if it never will. */
  readonly ready: Promise<void>
  /** Settled when the thread is gone. */
  readonly gone: Promise<void>
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  /** Calls of this turn of the event loop: they travel together. */
  #outgoing: DraftCall[] = []
  #nextId = 0
  #ended = false

  constructor(worker: Worker) {
    this.#worker = worker
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if ('replies' in message) for (const reply of message.replies) this.#settle(reply)
        else if (message.ready) resolve()
        else reject(new JudgeFault(`a judging thread does not start: ${message.why}`))
      })
      worker.on('exit', () => reject(new JudgeFault('a judging thread ended before it judged')))
    })
    // Who opens the pool awaits it; a thread that replaces another says by its death that it did not start.
    this.ready.catch(() => void worker.terminate())
    // 'exit' follows.
    worker.on('error', () => this.#end())
    this.gone = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#end()
        resolve()
      })
    })
  }

  /** How many calls wait for their verdict. */
  get load(): number {
    return this.#waiting.size
  }

  judge(draft: ReceiptDraft): Promise<Result<void>> {
    if (this.#ended) return Promise.reject(lost())
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      if (this.#outgoing.length === 0) setImmediate(() => this.#send())
      this.#outgoing.push({ id, draft })
      this.#waiting.set(id, { resolve, reject })
    })
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
    await this.gone
  }

  #send(): void {
    const calls = this.#outgoing
    this.#outgoing = []
    this.#worker.postMessage(calls)
  }

  #settle(reply: VerdictReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('bug' in reply) waiting?.reject(new Error(reply.bug))
    else waiting?.resolve(reply.verdict)
  }

  #end(): void {
    this.#ended = true
    for (const { reject } of this.#waiting.values()) reject(lost())
    this.#waiting.clear()
  }
}

function lost(): JudgeFault {
  return new JudgeFault('a judging thread died before its verdict')
}
