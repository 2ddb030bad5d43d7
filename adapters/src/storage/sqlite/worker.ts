import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { StoreFault } from '@countersign/engine/ports/store'
import type { Connection } from './driver.js'
import { asFault } from './faults.js'
import { GroupCommit, type Settled, type WriteCall, writes } from './group-commit.js'
import type { Call, Failure, FromWorker, Reply } from './messages.js'
import { openConnection, type SqliteOptions } from './open-connection.js'
import { reads } from './reads.js'

// The thread that owns the connection: an fsync blocks it, never the thread that serves requests.

/** Calls of one transaction at most, so that the first of a long queue does not wait for the last. */
const LARGEST_GROUP = 512

async function main(port: MessagePort): Promise<void> {
  try {
    const db = await openConnection(workerData as SqliteOptions)
    post(port, { opened: true })
    serve(port, db)
  } catch (cause) {
    const fault = cause instanceof StoreFault ? cause : new StoreFault(`the database does not open: ${cause}`, 'safe')
    post(port, { opened: false, failure: failureOf(fault) })
  }
}

function serve(port: MessagePort, db: Connection): void {
  const group = new GroupCommit(db)
  port.on('message', (first: readonly Call[]) => {
    const calls = [...first, ...waiting(port)]
    const reading = calls.filter(({ method }) => method in reads)
    const writing = calls.filter(({ method }) => method in writes)
    // Reads go first: none of these writes is acknowledged yet, and a reader need not wait for their fsync.
    if (reading.length > 0)
      answer(
        reading,
        reading.map((call) => (group.stopped() ? stopped(group) : read(db, call))),
      )
    for (let at = 0; at < writing.length; at += LARGEST_GROUP) {
      const part = writing.slice(at, at + LARGEST_GROUP)
      answer(part, group.run(part as readonly (Call & WriteCall)[]))
    }
    const closing = calls.find(({ method }) => method === 'close')
    if (closing !== undefined) close(closing)
  })

  function answer(calls: readonly Call[], settled: readonly Settled[]): void {
    const replies = calls.map(({ id }, index) => replyOf(id, settled[index]!))
    post(port, { replies, stats: group.stats() })
  }

  function close(call: Call): void {
    db.close()
    answer([call], [{ ok: true, value: undefined }])
    port.close()
  }
}

function waiting(port: MessagePort): readonly Call[] {
  const calls: Call[] = []
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
    calls.push(...(next.message as readonly Call[]))
  return calls
}

function read(db: Connection, { method, args }: Call): Settled {
  try {
    const ask = reads[method as keyof typeof reads] as (db: Connection, ...args: readonly unknown[]) => unknown
    return { ok: true, value: ask(db, ...args) }
  } catch (cause) {
    return { ok: false, error: asFault(cause, 'safe') }
  }
}

function stopped(group: GroupCommit): Settled {
  return { ok: false, error: group.stopped()! }
}

function replyOf(id: number, settled: Settled): Reply {
  return settled.ok ? { id, value: settled.value } : { id, failure: failureOf(settled.error) }
}

function failureOf(error: Error): Failure {
  return error instanceof StoreFault ? { message: error.message, retry: error.retry } : { message: error.message }
}

function post(port: MessagePort, message: FromWorker): void {
  port.postMessage(message)
}

if (parentPort !== null) await main(parentPort)
