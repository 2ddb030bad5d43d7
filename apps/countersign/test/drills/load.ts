import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, HttpProblem, HttpUnanswered } from '@countersign/adapters/http/client'
import type { Role } from '@countersign/adapters/http/route'
import { utf8Decode } from '@countersign/pure/core/bytes'
import { parseCheckpointText } from '@countersign/pure/core/checkpoint'
import { parseHash } from '@countersign/pure/core/digest'
import { parseNote } from '@countersign/pure/core/note'
import { decodeEntryBundle, tilePath, tileWidth } from '@countersign/pure/core/tile'
import type { AuthorizationBundle } from '@countersign/pure/ep/bundle'
import type { ConsumeRequest } from '@countersign/pure/ep/consumption'
import { actionOf, consumeRequestOf, deny, outcomeOf, type Parties, requestOf, signOff } from '../server/house.js'
import type { Evidence, History } from './checker.js'
import type { Drill } from './drill.js'
import { pause } from './processes.js'

interface Consumed {
  readonly id: string
  readonly nonce: string
  readonly bundle: AuthorizationBundle
  readonly body: ConsumeRequest
}

/** Wires from request to outcome, one after the other for each worker, by clients that remember what they were told. */
export class Load {
  readonly history: History = { attempts: [], signoffs: [], receipts: [], denials: [], outcomes: [], checkpoints: [] }
  /** Exchanges that broke off: whether they took effect is in doubt. A refused connection is none. */
  inDoubt = 0
  /** Answers to the same consume request, sent once more by an executor that has its receipt already. */
  repeats = 0
  readonly #parties: Parties
  readonly #drill: Drill
  readonly #consumed: Consumed[] = []
  #wires = 0
  #stopped = false

  constructor(drill: Drill) {
    this.#drill = drill
    const clients = new Map<string, Promise<Client>>()
    // One exchange a call: this load itself tries again, and counts.
    const once = { deadlineMilliseconds: 1 }
    const client = (role: Role, subject?: string) => {
      const known = clients.get(`${role} ${subject}`) ?? drill.client(role, subject, once)
      clients.set(`${role} ${subject}`, known)
      return known
    }
    this.#parties = { world: drill.world, client }
  }

  /** Operations that took effect and were answered. */
  get acknowledged(): number {
    const { attempts, signoffs, receipts, denials, outcomes } = this.history
    return [attempts, signoffs, receipts, denials, outcomes].reduce((sum, { length }) => sum + length, 0)
  }

  /** Resolves when every worker has ended the wire it was at, after `stop`. */
  async run(workers: number): Promise<void> {
    const working = Array.from({ length: workers }, () => this.#work())
    await Promise.all([...working, this.#watchLog()])
  }

  stop(): void {
    this.#stopped = true
  }

  /** Every executor sends its request once more, and tries another one for the same nonce. */
  async askAgain(): Promise<void> {
    await inLanes(this.#consumed, async (consumed) => {
      await this.#repeat(consumed)
      const said = await this.#sure(() => this.#replay(consumed))
      if (said !== 'authorization_replayed') throw new Error(`another consume_id for a consumed nonce got ${said}`)
    })
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      await this.#wire(this.#wires++)
      const earlier = this.#consumed[Math.floor(this.#consumed.length / 2)]
      if (earlier !== undefined) await this.#repeat(earlier)
    }
  }

  async #wire(n: number): Promise<void> {
    const { world } = this.#drill
    const target = { system: 'treasury.example', resource: `wire/${n}` }
    const body = requestOf(world, actionOf(world, { target }))
    const headers = { 'idempotency-key': `wire-number-${n}` }
    const initiator = await this.#parties.client('initiator', body.action.initiator)
    const { value } = await this.#sure(() => initiator.call('requestAuthorization', { headers, body }))
    if (value.decision !== 'require') throw new Error('ungated')
    const { id, nonce } = value.authorization
    this.history.attempts.push({ id, nonce })
    await this.#sign(id, 'anna')
    if (n % 5 === 4) {
      const record = await this.#sure(() => deny(this.#parties, id, 'bela'))
      this.history.denials.push({ nonce, bytes: Buffer.from(JSON.stringify(record)) })
      return
    }
    await this.#sign(id, 'bela')
    await this.#consume(id, nonce)
  }

  async #sign(id: string, name: string): Promise<void> {
    const approver = `ep:approver:${name}`
    const { approvers } = await this.#sure(() => signOff(this.#parties, id, name))
    const signedAt = approvers.find((one) => one.approver === approver)?.signed_at
    if (signedAt === undefined) throw new Error('an answer to a signoff without it')
    this.history.signoffs.push({ id, approver, signedAt })
  }

  async #consume(id: string, nonce: string): Promise<void> {
    const { world } = this.#drill
    const params = { id }
    const executor = await this.#executor()
    const { value: bundle } = await this.#sure(() => executor.call('getBundle', { params }))
    const body = consumeRequestOf(world, bundle, { nonce })
    const { value: receipt, bytes } = await this.#sure(() => executor.call('consume', { params, body }))
    this.history.receipts.push({ nonce, bytes })
    this.#consumed.push({ id, nonce, bundle, body })
    const report = outcomeOf(world, receipt, 'executed')
    const { value } = await this.#sure(() => executor.call('reportOutcome', { body: report }))
    this.history.outcomes.push({ receiptId: receipt.receipt_id, outcomeHash: value.outcome_hash })
  }

  async #repeat({ id, nonce, body }: Consumed): Promise<void> {
    const executor = await this.#executor()
    const { bytes } = await this.#sure(() => executor.call('consume', { params: { id }, body }))
    this.history.receipts.push({ nonce, bytes })
    this.repeats++
  }

  async #replay({ id, nonce, bundle }: Consumed): Promise<string> {
    const executor = await this.#executor()
    const body = consumeRequestOf(this.#drill.world, bundle, { nonce })
    try {
      return (await executor.call('consume', { params: { id }, body })).value.receipt_id
    } catch (error) {
      if (error instanceof HttpProblem && error.status !== 503) return error.code
      throw error
    }
  }

  /** Somebody who keeps every checkpoint that the server shows. */
  async #watchLog(): Promise<void> {
    const auditor = await this.#parties.client('auditor')
    while (!this.#stopped) {
      const { bytes } = await this.#sure(() => auditor.call('getCheckpoint'))
      const note = utf8Decode(bytes)
      if (note !== this.history.checkpoints.at(-1)) this.history.checkpoints.push(note)
      await pause(50)
    }
  }

  #executor(): Promise<Client> {
    return this.#parties.client('executor', 'ep:executor:payments')
  }

  /** The same exchange until it is answered. A refusal ends the test: nothing here deserves one. */
  async #sure<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (error instanceof HttpUnanswered) this.inDoubt += wasRefused(error) ? 0 : 1
        else if (!(error instanceof HttpProblem && error.status === 503)) throw error
        await pause(30)
      }
    }
  }
}

/** Nobody listened, so nothing was sent. */
function wasRefused({ cause }: HttpUnanswered): boolean {
  return ((cause as Error | undefined)?.cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED'
}

/** Asks the server for all that it once acknowledged, and for the proofs that its log only grew. */
export async function gather(drill: Drill, history: History): Promise<Evidence> {
  const auditor = await drill.client('auditor')
  const { bytes } = await auditor.call('getCheckpoint')
  const checkpoint = utf8Decode(bytes)
  const { treeSize } = parseCheckpointText(parseNote(checkpoint).text)
  const nonces = new Map<string, string>()
  const signoffs = new Map<string, string>()
  const receipts = new Map<string, Uint8Array>()
  const denials = new Map<string, Uint8Array>()
  const outcomes = new Map<string, string>()
  await inLanes(history.attempts, async ({ id }) => {
    const { value } = await auditor.call('getAuthorization', { params: { id } })
    nonces.set(id, value.nonce)
    for (const { approver, signed_at } of value.approvers)
      if (signed_at !== undefined) signoffs.set(`${id} ${approver}`, signed_at)
    if (value.receipt_id !== undefined) {
      const params = { id: value.receipt_id }
      receipts.set(params.id, (await auditor.call('getReceipt', { params })).bytes)
      outcomes.set(params.id, (await auditor.call('getOutcome', { params })).value.outcome_hash)
    }
    if (value.denial_id !== undefined)
      denials.set(value.denial_id, (await auditor.call('getDenial', { params: { id: value.denial_id } })).bytes)
  })
  const consistency = new Map<number, Uint8Array[]>()
  // Whichever checkpoint somebody saw is of one of these sizes.
  const sizes = Array.from({ length: treeSize }, (_, n) => n + 1)
  await inLanes(sizes, async (from) => {
    const { value } = await auditor.call('getConsistency', { query: { from, to: treeSize } })
    consistency.set(
      from,
      value.consistency_path.map((hash) => parseHash(hash)),
    )
  })
  const entries = entriesOf(join(drill.place.data, 'log'), treeSize)
  const { trustFile } = drill
  return { trustFile, entries, checkpoint, consistency, nonces, signoffs, receipts, denials, outcomes }
}

/** A few at a time. */
async function inLanes<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = all.values()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const one of rest) await work(one)
    }),
  )
}

/** The entries of a log of this size, from its bundles. */
function entriesOf(folder: string, treeSize: number): Uint8Array[] {
  const entries: Uint8Array[] = []
  for (let index = 0; entries.length < treeSize; index++) {
    const path = tilePath('entries', index, Math.min(tileWidth, treeSize - entries.length))
    entries.push(...decodeEntryBundle(readFileSync(join(folder, path))))
  }
  return entries
}
