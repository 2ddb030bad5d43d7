import { Artifacts } from './artifacts.js'
import { viewOf } from './attempt.js'
import { Attempts } from './attempts.js'
import { consumeAuthorization } from './consume.js'
import { decided } from './decision.js'
import { denyAuthorization } from './deny.js'
import { Directory } from './directory.js'
import { judgeHere } from './judge-receipt.js'
import { outcomeOf, reportOutcome } from './outcome.js'
import { publishDirectory } from './publish.js'
import { bundleOf, contextsView, listAttempts, pendingAttempts } from './read-attempts.js'
import { currentView, entriesPage, entryProof, headView, policyInForce, policyView } from './read-directory.js'
import { requestAuthorization } from './request.js'
import type { Authorizations, AuthorizationsOptions } from './service.js'
import { signOff } from './signoff.js'

const defaultWaitMilliseconds = 20_000

/** Every command over one organization's store and log. Several processes may do so over one database. */
export function createAuthorizations(options: AuthorizationsOptions): Authorizations {
  const { organization, store, log, trust, waitMilliseconds = defaultWaitMilliseconds } = options
  const directory = new Directory(organization, store, log, waitMilliseconds)
  const attempts = new Attempts(organization, store, directory, log, waitMilliseconds)
  const artifacts = new Artifacts(attempts, log)
  const judge = options.judge ?? judgeHere(trust)
  return {
    request: (command, moment) => decided(() => requestAuthorization(attempts, log, trust, command, moment)),
    get: ({ id }, { now }) => decided(async () => viewOf((await attempts.read(id, now)).attempt)),
    list: (query, { now }) => decided(() => listAttempts(attempts, query, now)),
    pendingFor: (query, { now }) => decided(() => pendingAttempts(attempts, query, now)),
    contextsOf: ({ id }, { now }) => decided(async () => contextsView(await attempts.read(id, now))),
    signoff: (command, moment) => decided(() => signOff(attempts, trust, command, moment)),
    deny: (command, moment) => decided(() => denyAuthorization(attempts, artifacts, trust, command, moment)),
    bundle: ({ id }, { now }) => decided(async () => bundleOf(await attempts.read(id, now))),
    consume: ({ body }, moment) =>
      decided(() => consumeAuthorization(attempts, artifacts, trust, judge, options, body, moment)),
    receipt: ({ receiptId }) => decided(() => artifacts.receipt(receiptId)),
    denial: ({ denialId }) => decided(() => artifacts.denial(denialId)),
    outcome: ({ body }, moment) => decided(() => reportOutcome(attempts, artifacts, trust, body, moment)),
    outcomeOf: ({ receiptId }) => decided(() => outcomeOf(attempts, receiptId)),
    publish: ({ body }, moment) => decided(() => publishDirectory(attempts, trust, body, moment)),
    head: () => decided(async () => headView(await currentView(attempts))),
    entries: (query) => decided(async () => entriesPage(await currentView(attempts), query)),
    proof: ({ entryHash }) => decided(async () => entryProof(await currentView(attempts), entryHash)),
    policy: ({ policyId }) => decided(async () => policyView(await currentView(attempts), policyId)),
    policyInForce: ({ actionType }, { now }) =>
      decided(async () => policyInForce(await currentView(attempts), actionType, await attempts.highWater(now))),
  }
}
