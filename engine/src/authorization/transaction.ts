import { encodeBase64Url } from '@countersign/pure/core/base64'
import { type Conflict, type Store, StoreFault, type Unit } from '../ports/store.js'
import { refusal } from './decision.js'
import type { Moment } from './service.js'

/** What a decision writes; organization, unit id and clock are the transaction's. */
export type Writes = Omit<Unit, 'organization' | 'unitId' | 'clock' | 'answer'>

export interface Decided<T> {
  /** Absent: the command changes nothing. */
  readonly writes?: Writes
  readonly value: T
}

export interface Transaction<S, T> {
  readonly read: () => Promise<S>
  /** Synchronous and pure: everything it may use is in `state` and in the moment that it closes over. Throws Refusal. */
  readonly decide: (state: S) => Decided<T>
  /**
   * What a decision that writes must pass before it is committed, and what takes time: it rests on the decision alone, as the state
   * may have moved on meanwhile, which the commit finds out. Throws Refusal, or a fault: in both cases nothing is written.
   */
  readonly judge?: (value: T) => Promise<void>
  /** Throws the Refusal that a conflict means; otherwise everything is read and decided again. */
  readonly conflict?: (conflict: Conflict) => void
}

/** An approver can lose to every other one that signs at the same moment. */
const maxRounds = 64

/**
 * Reads, decides, judges, commits; on a conflict, or in doubt, reads again, a bounded number of times. Nothing is remembered between
 * rounds: a commit whose answer was lost shows in what is read.
 *
 * @throws Refusal of the decision or of its judge; StoreFault, JudgeFault
 */
export async function transact<S, T>(
  { store, organization }: { readonly store: Store; readonly organization: string },
  moment: Moment,
  { read, decide, judge, conflict }: Transaction<S, T>,
): Promise<T> {
  let doubt: StoreFault | undefined
  for (let round = 0; round < maxRounds; round++) {
    const { writes, value } = decide(await read())
    if (writes === undefined) return value
    await judge?.(value)
    // One id for all rounds: what an earlier round committed unheard cannot be committed twice.
    const unit = { ...writes, organization, unitId: unitId(moment), clock: moment.now }
    try {
      const result = await store.commit(unit)
      if (result.status === 'conflict') conflict?.(result.conflict)
      else if (!result.repeated) return value
    } catch (fault) {
      // The unit may stand or may yet land: what is read next decides, and a second doubt is the caller's.
      if (!(fault instanceof StoreFault) || fault.retry === 'safe' || doubt !== undefined) throw fault
      doubt = fault
    }
  }
  throw doubt ?? refusal('authorization_contention_too_large')
}

function unitId({ random }: Moment): string {
  return `authorization:${encodeBase64Url(random.subarray(48, 64))}`
}
