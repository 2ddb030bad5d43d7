import type { AuthorizationBundle } from '@countersign/pure/ep/bundle'
import {
  type Attempt,
  approvedMembersOf,
  attemptKey,
  attemptTerms,
  contextAt,
  contextHash,
  initiatorTerm,
  namedEntries,
  pendingTerm,
  policyOf,
  viewOf,
} from './attempt.js'
import type { Attempts, Standing } from './attempts.js'
import { refusal } from './decision.js'
import { writeRow } from './directory.js'
import type { AuthorizationView, ContextsView, Page, Paging } from './service.js'
import { isTerminal, nextState } from './state-machine.js'

const maxPage = 100

export function requirePage({ limit }: Paging): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxPage) throw refusal('page_limit_malformed', '/limit')
}

/** Attempts by ascending id, which is by time; of one initiator, or all. */
export async function listAttempts(
  attempts: Attempts,
  query: Paging & { readonly initiator?: string },
  now: number,
): Promise<Page<AuthorizationView>> {
  const term = query.initiator === undefined ? undefined : initiatorTerm(query.initiator)
  const page = await found(attempts, query, term, now)
  return { ...page, items: page.items.map(({ attempt }) => viewOf(attempt)) }
}

/** Open attempts that wait for this approver's signature. */
export async function pendingAttempts(
  attempts: Attempts,
  query: Paging & { readonly approver: string },
  now: number,
): Promise<Page<AuthorizationView>> {
  const page = await found(attempts, query, pendingTerm(query.approver), now)
  await Promise.all(page.items.filter(({ attempt }) => isTerminal(attempt.state)).map((one) => settle(attempts, one)))
  const open = page.items.filter(({ attempt }) => !isTerminal(attempt.state))
  return { ...page, items: open.map(({ attempt }) => viewOf(attempt)) }
}

/** What an approver's client needs to recompute, to render and to sign (EP-CTX-5, EP-SEC-1). */
export function contextsView({ attempt, frozen }: Standing): ContextsView {
  const entries = attempt.approvers.flatMap((one) => one.entries)
  const { initiation } = attempt
  return {
    authorization: viewOf(attempt),
    policy: policyOf(attempt, frozen),
    contexts: attempt.approvers.map((_, i) => ({
      context: contextAt(attempt, i + 1),
      context_hash: contextHash(attempt, i + 1),
    })),
    head: frozen.head,
    openings: frozen.open([attempt.policy_entry, attempt.initiator_entry, ...entries]),
    ...(initiation === undefined ? {} : { initiation }),
  }
}

/** The evidence before commitment (EP-BUN-1). @throws Refusal unless the attempt is APPROVED */
export function bundleOf({ attempt, frozen }: Standing): AuthorizationBundle {
  requireApproved(attempt)
  const members = approvedMembersOf(attempt, frozen)
  return {
    type: 'ep.bundle.v1',
    state: 'APPROVED',
    ...members,
    approver_key_proofs: frozen.open(namedEntries(members.authority)),
  }
}

// What may be committed has a bundle, and nothing else.
function requireApproved({ state }: Attempt): void {
  if (state === 'COMMITTED') throw refusal('authorization_committed')
  nextState(state, 'commit')
}

async function found(
  attempts: Attempts,
  query: Paging,
  term: string | undefined,
  now: number,
): Promise<Page<Standing>> {
  requirePage(query)
  const { organization, store } = attempts
  const { rows, next } = await store.find(organization, 'authorization', {
    ...(term === undefined ? {} : { term }),
    ...(query.after === undefined ? {} : { after: query.after }),
    limit: query.limit,
  })
  const high = await attempts.highWater(now)
  const items = await Promise.all(rows.map((row) => attempts.standing(row.id, row, high)))
  return next === undefined ? { items } : { items, next }
}

/** Takes a denied attempt out of the lists, now that its denial is anchored and may be told. */
async function settle(attempts: Attempts, { id, version, attempt }: Standing): Promise<void> {
  // A conflict, or dying here: the next list does it.
  await attempts.store.commit({
    organization: attempts.organization,
    unitId: `settle:${id}:${version}`,
    put: [writeRow(attemptKey(id), version, attempt, attemptTerms(attempt))],
  })
}
