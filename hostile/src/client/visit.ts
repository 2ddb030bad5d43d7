import type { JsonObject } from '@countersign/pure/core/json'
import { Owners } from '../owners.js'
import { Approver, type Ran } from './approver.js'
import type { Lure } from './lures.js'
import { attemptId, type Served, serve, worldOfToday } from './served.js'
import { covers, envelopeOf, isShown } from './signed.js'
import { type Heard, onSocket, type Said } from './socket.js'

/** What the operator has when an approver has visited its server. */
export interface Visit {
  readonly ran: Ran
  readonly publicKey: string
  readonly served: Served
  /** The signatures that were handed in. */
  readonly signatures: readonly JsonObject[]
}

export type Say = (heard: Heard, served: Served) => Said

export const keyId = 'ep:key:jchen#1'

/** The honest words of a server over what it serves. */
export const asServed: Say = ({ method }, served) =>
  method === 'GET'
    ? json(served as unknown as JsonObject)
    : json({ state: 'APPROVED', denial_id: `ep:denial:${attemptId}` }, 201)

export function json(body: JsonObject, status = 200): Said {
  return { status, body: JSON.stringify(body) }
}

/** An approver runs `approve` or `deny` against the operator's server. */
export async function visit(
  program: readonly string[],
  {
    bait,
    world: options = {},
    action,
    command = 'approve',
    untrusting,
  }: Pick<Lure, 'bait' | 'world' | 'action' | 'command' | 'untrusting'>,
  say: Say = asServed,
): Promise<Visit> {
  const approver = await Approver.at(program, keyId)
  try {
    const owners = new Owners()
    const world = worldOfToday(approver, options, owners)
    const served = serve(world, action === undefined ? {} : { action })
    const { publicKey } = approver
    bait(served, { world, owners, publicKey })
    // The trust file came from the organization, not from the operator.
    const trust = approver.write('trust.json', worldOfToday(approver, {}, owners).trustFile())
    owners.leave()
    return await onSocket(
      (heard) => say(heard, served),
      async (url, heard) => {
        const own = ['--key', approver.path('own.key'), '--api-key-file', approver.path('own.csk')]
        const trusting = untrusting ? [] : ['--trust', trust]
        const ran = await approver.run(command, attemptId, '--yes', '--server', url, ...own, ...trusting)
        const signatures = heard.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body))
        return { ran, publicKey, served, signatures }
      },
    )
  } finally {
    approver.leave()
  }
}

/** Whether a signature covers one of the contexts that were served, of an action that stood on the screen; nothing else is meant. */
export function isMeant({ ran, publicKey, served }: Visit, signature: JsonObject): boolean {
  const { action, action_hash } = served.authorization
  const denies = signature['decision'] === 'denied'
  return served.contexts.some(({ context }) => {
    const signed = denies ? envelopeOf(context, signature['reason'] as string | undefined) : context
    const covered = covers(publicKey, String(signature['signature']), signed)
    return (
      covered &&
      context['approver'] === 'ep:approver:jchen' &&
      context['action_hash'] === action_hash &&
      isShown(ran.out, action)
    )
  })
}
