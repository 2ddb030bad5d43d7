import type { Worker } from 'node:worker_threads'
import { StoreFault } from '@countersign/engine/ports/store'
import type { Stats } from './group-commit.js'
import type { Call, Failure, FromWorker, Reply } from './messages.js'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly retryIfLost: 'safe' | 'in_doubt'
}

/** Calls to the worker and their answers. A worker that dies fails every call that waits: a lost write is in doubt. */
export class WorkerCalls {
  private readonly worker: Worker
  private readonly waiting = new Map<number, Waiting>()
  private readonly exited: Promise<void>
  /** Calls of this turn of the event loop: they travel together, so that those of many callers share a transaction. */
  private outgoing: Call[] = []
  private nextId = 0
  private ended: string | undefined
  private closing: Promise<void> | undefined
  private newest: Stats = { commits: 0, units: 0 }

  constructor(worker: Worker) {
    this.worker = worker
    worker.on('message', (message: FromWorker) => this.receive(message))
    worker.on('error', (cause) => this.end(`the store's worker died: ${cause}`))
    this.exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.end("the store's worker has ended")
        resolve()
      })
    })
  }

  stats(): Stats {
    return this.newest
  }

  /** @param retryIfLost - what a caller may do if the worker dies before it answers */
  call<T>(method: Call['method'], args: readonly unknown[], retryIfLost: 'safe' | 'in_doubt'): Promise<T> {
    if (this.ended !== undefined) return Promise.reject(new StoreFault(this.ended, 'safe'))
    const id = this.nextId++
    return new Promise<T>((resolve, reject) => {
      if (this.outgoing.length === 0) setImmediate(() => this.send())
      this.outgoing.push({ id, method, args })
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, retryIfLost })
    })
  }

  /** Lets every earlier call be answered, closes the database, ends the thread. */
  close(): Promise<void> {
    this.closing ??= this.drain()
    return this.closing
  }

  private async drain(): Promise<void> {
    if (this.ended === undefined) {
      const closed = this.call('close', [], 'safe')
      this.ended = 'the store is closed'
      // A worker that died before is closed as well.
      await closed.catch(() => undefined)
    }
    await this.exited
  }

  private send(): void {
    const calls = this.outgoing
    this.outgoing = []
    try {
      this.worker.postMessage(calls)
    } catch (cause) {
      // An argument that cannot be copied is a bug of its caller; none of these calls has left.
      for (const { id } of calls) this.waiting.get(id)?.reject(cause as Error)
      for (const { id } of calls) this.waiting.delete(id)
    }
  }

  private receive(message: FromWorker): void {
    if (!('replies' in message)) return
    this.newest = message.stats
    for (const reply of message.replies) this.settle(reply)
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id)
    this.waiting.delete(reply.id)
    if ('failure' in reply) waiting?.reject(errorOf(reply.failure))
    else waiting?.resolve(reply.value)
  }

  private end(why: string): void {
    this.ended ??= why
    for (const { reject, retryIfLost } of this.waiting.values()) reject(new StoreFault(why, retryIfLost))
    this.waiting.clear()
  }
}

export function errorOf({ message, retry }: Failure): Error {
  return retry === undefined ? new Error(message) : new StoreFault(message, retry)
}
