import { encodeBinary } from '@countersign/pure/core/digest'
import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonValue } from '@countersign/pure/core/json'
import type { Failure } from '@countersign/pure/core/outcome'
import { Refusal } from '@countersign/pure/core/refusal'
import type { ConsumeBody } from '@countersign/pure/ep/consumption'
import { type OutcomeBody, outcomeHash } from '@countersign/pure/ep/outcome-report'
import type { PolicyDecision } from '@countersign/pure/ep/policy'
import type { VerifiedBundle } from '@countersign/pure/ep/verify-bundle'
import { AcceptedHeads } from './accepted-heads.js'
import { admit, type Expected, type Standing } from './admit.js'
import { verifyAnswer } from './answer.js'
import { type AuthorityPort, AuthorityRefused, octetsOf } from './authority-port.js'
import { type Effect, type EffectOutcome, outcomeOf, type Reconcile, reconciled } from './effect.js'
import type { Committed, Execution, Finished } from './execution.js'
import type { Journal } from './journal.js'
import { type ExecutorKey, seal } from './seal.js'
import { judgePolicy, readAction } from './ungated.js'

/** `refused`: the effect did not run because of this call. `said`: the server's own code, which nothing proves. */
export type Refused = { readonly status: 'refused'; readonly failure: Failure; readonly said?: string }

/** What became of one authorization. `reported` false: the server has not taken the report; recovery sends it again. */
export type ExecutionResult =
  | {
      readonly status: EffectOutcome
      readonly receiptHash: string
      readonly reported: boolean
      /** What the effect threw. */
      readonly thrown?: unknown
    }
  | Refused

export interface Executor {
  /**
   * Verifies, consumes once, runs the effect, reports its outcome (EP-BUN-2, EP-BUN-3).
   *
   * @throws whatever journal or signer throw: the authorization is then taken up by `recover`
   */
  execute(authorizationId: string, expected: Expected, effect: Effect): Promise<ExecutionResult>
  /**
   * Takes up what an earlier process, or a fault, left: to be called at every start, before `execute`. Consumes again with the same
   * octets, runs what was never started (if an effect is given), never what was; sends what was not reported.
   */
  recover(hands: { readonly effect?: Effect; readonly reconcile: Reconcile }): Promise<readonly Recovered[]>
  /**
   * What the organization's policy says of an action, from the policy opened under a head that this executor accepts; only `ungated`
   * may run without an authorization (EP-POL-1).
   *
   * @param action - the octets of the action
   */
  decide(
    action: Uint8Array,
  ): Promise<{ readonly status: 'decided'; readonly decision: PolicyDecision['decision'] } | Refused>
}

export interface Recovered {
  readonly authorizationId: string
  readonly result: ExecutionResult
}

export interface ExecutorOptions extends Standing, ExecutorKey {
  readonly authority: AuthorityPort
  /** Of this process alone. */
  readonly journal: Journal
  /** ms. */
  readonly clock: () => number
  /** That many octets from a CSPRNG. */
  readonly random: (octets: number) => Uint8Array
}

/** How long after `expires_at` an effect may still start (EP-BUN-3). */
const startTolerance = 60_000

/** A verifying executor: it trusts signatures that its own trust file leads to, and nothing that the server says (EP-INV-5). */
export function createExecutor(options: ExecutorOptions): Executor {
  return new VerifyingExecutor(options)
}

class VerifyingExecutor implements Executor {
  readonly #options: ExecutorOptions
  readonly #heads: AcceptedHeads
  readonly #running = new Set<string>()

  constructor(options: ExecutorOptions) {
    this.#options = options
    this.#heads = new AcceptedHeads(options.journal, options.authority)
  }

  execute(authorizationId: string, expected: Expected, effect: Effect): Promise<ExecutionResult> {
    return orRefused(async () => {
      const { authority, clock, signer, trust, organization } = this.#options
      const octets = await octetsOf('/bundle', () => authority.fetchBundle(authorizationId))
      const now = clock()
      const verified = admit(octets, this.#options, signer.publicKey, expected, now)
      const group = trust.groups.get(organization)!
      await this.#heads.accept(verified.bundle.authority.head, group, now, '/bundle/authority/head')
      return this.#alone(verified.bundle.contexts[0]!.nonce, async () => {
        const execution = await this.#intend(verified, authorizationId)
        return this.#run(await this.#commit(execution), effect)
      })
    })
  }

  async recover(hands: { readonly effect?: Effect; readonly reconcile: Reconcile }): Promise<readonly Recovered[]> {
    const recovered: Recovered[] = []
    const { journal } = this.#options
    for (const { nonce, authorizationId } of journal.open()) {
      const result = await orRefused(() =>
        // As it stands when its turn has come: `execute` may have gone on meanwhile.
        this.#alone(nonce, () => this.#resume(journal.execution(nonce)!, hands.effect, hands.reconcile)),
      )
      recovered.push({ authorizationId, result })
    }
    return recovered
  }

  decide(octets: Uint8Array): Promise<{ status: 'decided'; decision: PolicyDecision['decision'] } | Refused> {
    return orRefused(async () => {
      const action = readAction(octets)
      const answer = await octetsOf('/policy', () => this.#options.authority.fetchPolicy(action.action_type))
      const now = this.#options.clock()
      const { opened, group, decision } = judgePolicy(answer, action, this.#options, now)
      await this.#heads.accept(opened.head, group, now, '/policy/head')
      return { status: 'decided', decision }
    })
  }

  /** Two calls for one nonce in this process: the second is refused, not queued. Between processes the journal's lock stands. */
  async #alone<T>(nonce: string, work: () => Promise<T>): Promise<T> {
    if (this.#running.has(nonce)) throw new Refusal('executor_nonce_duplicate', '/nonce')
    this.#running.add(nonce)
    try {
      return await work()
    } finally {
      this.#running.delete(nonce)
    }
  }

  /** Makes the consume request, once for a nonce and from nothing but a verified bundle, or finds the one that was made before. */
  async #intend(verified: VerifiedBundle, authorizationId: string): Promise<Execution> {
    const { journal, clock } = this.#options
    const { nonce, expires_at } = verified.bundle.contexts[0]!
    const known = journal.execution(nonce)
    if (known === undefined) {
      const request = await seal(this.#consumeBody(verified), this.#options)
      // Dying before this is durable: nothing was sent. After it: recovery sends the same octets, with the same consume_id.
      return journal.append(
        { kind: 'intended', nonce, authorization_id: authorizationId, expires_at, request },
        clock(),
      )
    }
    if (known.state !== 'closed' && known.request.body.bundle_hash !== verified.bundleHash)
      throw new Refusal('executor_bundle_mismatch', '/bundle')
    return known
  }

  #consumeBody({ bundle, policyHash, bundleHash }: VerifiedBundle): ConsumeBody {
    const { organization, executorId, enforcementClass, clock, random } = this.#options
    return {
      type: 'ep.consume.v1',
      organization,
      executor_id: executorId,
      nonce: bundle.contexts[0]!.nonce,
      action_hash: bundle.action_hash,
      policy_hash: policyHash,
      bundle_hash: bundleHash,
      consume_id: encodeBinary(random(32)),
      enforcement_class: enforcementClass,
      at: formatInstant(clock()),
    }
  }

  /** Consumes what is only intended; what was committed before is taken from the journal. */
  async #commit(execution: Execution): Promise<Committed> {
    if (execution.state === 'committed') return execution
    if (execution.state !== 'intended') throw new Refusal('executor_nonce_replayed', '/nonce')
    const { authority, journal, trust, clock } = this.#options
    const { nonce, request } = execution
    const octets = await octetsOf('/receipt', () => authority.consume(octetsFor(request)))
    const now = clock()
    const { receipt, receiptHash } = verifyAnswer(octets, request, trust, now)
    // Dying before this is durable: consumed, and not known here; the same octets get the same receipt. After it: it may run.
    const committed = { kind: 'committed', nonce, receipt_hash: receiptHash, receipt } as const
    return (await journal.append(committed, now)) as Committed
  }

  async #run(committed: Committed, effect: Effect): Promise<ExecutionResult> {
    const { journal, trust, clock } = this.#options
    const now = clock()
    if (now > committed.expiresAt + startTolerance) return this.#finish(committed, 'failed')
    // Again, from the octets that the journal holds: what runs is what verifies now, whatever happened since it was written.
    const verified = verifyAnswer(octetsFor(committed.receipt), committed.request, trust, now)
    // Dying before this is durable: the effect has not begun, and may run once. After it: it never runs again, but is reconciled.
    const started = (await journal.append({ kind: 'started', nonce: committed.nonce }, now)) as Committed
    const { outcome, ...thrown } = await outcomeOf(effect, verified)
    return { ...(await this.#finish(started, outcome)), ...thrown }
  }

  async #finish(execution: Committed | Finished, outcome: EffectOutcome): Promise<ExecutionResult> {
    const { journal, executorId, clock } = this.#options
    const now = clock()
    // Never before the commit: the clocks of server and executor may differ.
    const reportedAt = Math.max(now, parseInstant(execution.receipt.consumption.committed_at))
    const body: OutcomeBody = {
      type: 'ep.outcome.v1',
      receipt_hash: execution.receiptHash,
      executor_id: executorId,
      outcome,
      reported_at: formatInstant(reportedAt),
      ...('report' in execution ? { supersedes: outcomeHash(execution.report) } : {}),
    }
    const report = await seal(body, this.#options)
    // Dying before this is durable: `started` stands, and the effect is reconciled. After it: the same octets are sent again.
    const finished = await journal.append({ kind: 'finished', nonce: execution.nonce, report }, now)
    return this.#deliver(finished as Finished)
  }

  /** Sends the sealed outcome. That the server does not take it changes nothing about the effect. */
  async #deliver({ nonce, report, receiptHash }: Finished): Promise<ExecutionResult> {
    const { authority, journal, clock } = this.#options
    const status = report.body.outcome
    try {
      await octetsOf('/report', () => authority.reportOutcome(octetsFor(report)))
    } catch (error) {
      if (error instanceof Refusal) return { status, receiptHash, reported: false }
      throw error
    }
    // Dying before this is durable: the same octets are sent once more.
    await journal.append({ kind: 'reported', nonce }, clock())
    return { status, receiptHash, reported: true }
  }

  async #resume(execution: Execution, effect: Effect | undefined, reconcile: Reconcile): Promise<ExecutionResult> {
    switch (execution.state) {
      case 'intended':
      case 'committed': {
        const committed = await this.#commitOrLapse(execution)
        const late = this.#options.clock() > committed.expiresAt + startTolerance
        if (effect === undefined && !late) throw new Refusal('executor_effect_missing')
        return late ? this.#finish(committed, 'failed') : this.#run(committed, effect!)
      }
      case 'started':
        return this.#finish(execution, (await reconciled(execution.receipt, reconcile)) ?? 'indeterminate')
      case 'finished':
        return this.#deliver(execution)
      case 'unsettled': {
        const outcome = await reconciled(execution.receipt, reconcile)
        if (outcome !== undefined) return this.#finish(execution, outcome)
        return { status: 'indeterminate', receiptHash: execution.receiptHash, reported: true }
      }
      case 'closed':
        throw new Refusal('executor_nonce_replayed', '/nonce')
    }
  }

  // A refusal may be a lie, so the request stays open while the authorization could still run, and is closed behind that.
  async #commitOrLapse(
    execution: Extract<Execution, { state: 'intended' | 'committed' | 'started' }>,
  ): Promise<Committed> {
    try {
      return await this.#commit(execution)
    } catch (error) {
      const now = this.#options.clock()
      if (!(error instanceof AuthorityRefused) || now <= execution.expiresAt + startTolerance) throw error
      // Dying here: it is asked, refused and closed once more.
      await this.#options.journal.append({ kind: 'lapsed', nonce: execution.nonce }, now)
      throw new Refusal('executor_authorization_lapsed', '/receipt', error.said)
    }
  }
}

async function orRefused<T>(work: () => Promise<T>): Promise<T | Refused> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const failure = { code: error.code, at: error.at, detail: error.message }
    return { status: 'refused', failure, ...(error instanceof AuthorityRefused ? { said: error.said } : {}) }
  }
}

function octetsFor(value: object): Uint8Array {
  return canonicalBytes(value as JsonValue)
}
