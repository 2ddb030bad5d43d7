import { Refusal } from '@countersign/pure/core/refusal'

/** What the authorization server answers. Nothing in it is trusted: octets are verified, a code is only passed on. */
export type Answer = { readonly octets: Uint8Array } | { readonly refused: string }

/**
 * The authorization server as an executor sees it. A rejected promise is a fault (network, overload): nothing is known, and the same
 * call may be repeated. An answer that is not final yet (202) is the adapter's affair: it waits, or rejects.
 */
export interface AuthorityPort {
  /** The authorization bundle of an approved attempt. */
  fetchBundle(authorizationId: string): Promise<Answer>
  /** Sends a sealed `ep.consume.v1`; answers the trust receipt with its log proof. The same octets again give the same receipt. */
  consume(request: Uint8Array): Promise<Answer>
  /** Sends a sealed `ep.outcome.v1`; the same octets again change nothing. Answers any octets. */
  reportOutcome(report: Uint8Array): Promise<Answer>
  /** Directory heads behind the one with this hash, oldest first, each sealed; some of them or all, none at the end. */
  fetchHeads(after: string): Promise<readonly Uint8Array[]>
  /** The policy in force for an action type, opened under a head: `{head, policy, opening}`. */
  fetchPolicy(actionType: string): Promise<Answer>
}

/** The server said no. What it said may be a lie: nothing but waiting follows from it. */
export class AuthorityRefused extends Refusal {
  readonly said: string

  constructor(at: string, said: string) {
    super('executor_authority_refused', at, said)
    this.said = said
  }
}

/**
 * Octets of an answer.
 *
 * @param at - names the artifact in the pointers of refusals: `/bundle`, `/receipt`, `/report`, `/policy`
 * @throws Refusal executor_authority_unavailable, executor_authority_refused
 */
export async function octetsOf(at: string, call: () => Promise<Answer>): Promise<Uint8Array> {
  const answer = await reached(at, call)
  if ('refused' in answer) throw new AuthorityRefused(at, answer.refused)
  return answer.octets
}

/** @throws Refusal executor_authority_unavailable for whatever the port throws */
export async function reached<T>(at: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw new Refusal('executor_authority_unavailable', at, cause instanceof Error ? cause.message : String(cause))
  }
}
