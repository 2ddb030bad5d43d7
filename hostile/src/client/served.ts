import { hashJson } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import type { JsonArray, JsonObject } from '@countersign/pure/core/json'
import { type AttemptOptions, makeBundle } from '@countersign/simulator/attempt'
import type { World, WorldOptions } from '@countersign/simulator/world'
import { KeyNotHeld, makeOwnedWorld, type Owners, operatorKey } from '../owners.js'
import type { Approver } from './approver.js'

/** The answer to `getContexts`, for a program that shows and signs. */
export interface Served {
  authorization: JsonObject & { action: JsonObject; action_hash: string }
  policy: JsonObject
  contexts: { context: JsonObject; context_hash: string }[]
  head: JsonObject
  openings: JsonObject[]
  initiation?: JsonObject
}

const day = 86_400_000

/** The instants of an attempt that waits for its approvers now. */
function instantsAround(now: number) {
  const at = (seconds: number) => formatInstant(Math.floor(now / 1000) * 1000 + seconds * 1000)
  return { requestedAt: at(-60), issuedAt: at(-60), expiresAt: at(780) }
}

/** An organization of today in which the approver, and a second one, may sign. Of the approver the operator has the public key only. */
export function worldOfToday(approver: Approver, options: WorldOptions, owners: Owners): World {
  const now = Date.now()
  const signer = {
    keyId: 'ep:key:jchen#1',
    publicKey: approver.publicKey,
    sign: () => {
      throw new KeyNotHeld('the approver signs at their own machine')
    },
  }
  return makeOwnedWorld(
    {
      directoryAt: formatInstant(now - day),
      directoryUntil: formatInstant(now + 30 * day),
      approvers: [{ name: 'jchen', signer }, { name: 'mlopez' }],
      ...options,
    },
    owners,
  )
}

/** What an honest server would show of an attempt in this world. */
export function serve(world: World, options: AttemptOptions = {}): Served {
  const { bundle } = makeBundle(world, {
    approvers: ['jchen', 'mlopez'],
    instants: instantsAround(Date.now()),
    // Only what comes before the signatures is used.
    approverSigner: ({ keyId }) => operatorKey(keyId),
    ...options,
  })
  const contexts = bundle['contexts'] as JsonObject[]
  const { nonce, issued_at, expires_at, policy_id, policy_hash, initiator, required_approvals } = contexts[0]!
  const action = bundle['action'] as JsonObject
  const action_hash = bundle['action_hash'] as string
  return {
    authorization: {
      ...{ id: attemptId, state: 'REQUESTED', action, action_hash, policy_id: policy_id!, policy_hash: policy_hash! },
      ...{ initiator: initiator!, required_approvals: required_approvals!, nonce: nonce! },
      ...{ issued_at: issued_at!, expires_at: expires_at! },
      approvers: contexts.map(({ approver, approver_index }) => ({ approver, approver_index })) as JsonArray,
    },
    policy: bundle['policy'] as JsonObject,
    contexts: contexts.map((context) => ({ context, context_hash: hashJson(context) })),
    head: (bundle['authority'] as JsonObject)['head'] as JsonObject,
    openings: bundle['approver_key_proofs'] as JsonObject[],
    ...(bundle['initiation'] === undefined ? {} : { initiation: bundle['initiation'] as JsonObject }),
  }
}

export const attemptId = '01J9Z3K5V8Q2W4X6Y7A8B9C0DE'

/** Makes contexts and hashes fit what was changed, as far as the operator can. */
export function refit(served: Served, changes: JsonObject = {}): void {
  const action_hash = hashJson(served.authorization.action)
  served.authorization.action_hash = action_hash
  served.contexts = served.contexts.map(({ context }) => {
    const fitted = { ...context, action_hash, policy_hash: hashJson(served.policy), ...changes }
    return { context: fitted, context_hash: hashJson(fitted) }
  })
}
