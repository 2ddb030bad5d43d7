import { hashJson } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import type { Answered, Attack, Control } from '../attack.js'
import { dearer } from '../forgeries/contents.js'
import { Approver } from './approver.js'
import { hiddenOn, saidOn } from './said.js'
import { attemptId } from './served.js'
import { covers } from './signed.js'
import { onSocket, type Said } from './socket.js'
import { json, keyId } from './visit.js'

/** What the operator answers to an agent that asks for an action under its seal. */
interface Reply {
  readonly name: string
  readonly requirements: string
  readonly did: string
  readonly expected: string
  readonly reply: (asked: JsonObject) => Said
}

export const whatItAskedFor = 'sealed what it asked for'

const action: JsonObject = {
  ep_version: '1.0',
  action_type: 'wire.release',
  target: { system: 'treasury.example', resource: 'wire/8841' },
  parameters: { amount: '2400000.00', currency: 'USD' },
  initiator: 'ep:entity:agent-recon-7',
  policy_id: 'ep:policy:wires@v1',
  requested_at: '2026-11-20T12:00:00Z',
}

const accepted = (asked: JsonObject): Said => {
  const authorization = {
    id: attemptId,
    state: 'REQUESTED',
    action: asked,
    expires_at: '2026-11-20T12:15:00Z',
    approvers: [],
  }
  return json({ decision: 'require', authorization }, 201)
}

const replies: readonly Reply[] = [
  {
    name: 'another action',
    requirements: 'EP-ACT-5 EP-KEY-U',
    did: 'answered with a dearer action, as if that had been asked for',
    expected: whatItAskedFor,
    reply: (asked) => accepted({ ...asked, ...dearer }),
  },
  {
    name: 'another hash',
    requirements: 'EP-ACT-2 EP-KEY-U',
    did: 'said that the action hash is another one, and that the request is to be sealed again',
    expected: whatItAskedFor,
    reply: () => json({ code: 'action_hash_mismatch', at: '/action_hash', title: hashJson('a dear action') }, 422),
  },
  {
    name: 'escapes in the answer',
    requirements: 'EP-CTX-5',
    did: 'answered with an action whose type clears the screen',
    expected: whatItAskedFor,
    reply: (asked) => accepted({ ...asked, action_type: '\u001b[2J', initiator: '\u009b2J', policy_id: '\u202ex' }),
  },
]

export function requestAttacks(program: readonly string[]): readonly Attack[] {
  return replies.map(({ reply, name, ...attack }) => ({
    ...attack,
    name: `request: ${name}`,
    target: 'signing client',
    run: () => request(program, reply),
  }))
}

export function requestControl(program: readonly string[]): Control {
  return {
    name: 'request: honest',
    target: 'signing client',
    expected: whatItAskedFor,
    run: async () => (await request(program, accepted)).code,
  }
}

async function request(program: readonly string[], reply: Reply['reply']): Promise<Answered> {
  const agent = await Approver.at(program, keyId)
  try {
    const file = agent.write('action.json', action)
    const own = [
      '--key',
      agent.path('own.key'),
      '--directory',
      'ep:directory:acme',
      '--api-key-file',
      agent.path('own.csk'),
    ]
    return await onSocket(
      ({ body }) => reply(JSON.parse(body).action),
      async (url, heard) => {
        const ran = await agent.run('request', file, '--server', url, ...own)
        const sealed = heard.map(({ body }) => JSON.parse(body).initiation)
        if (sealed.length === 0) return { code: saidOn(ran.err), succeeded: false }
        return { code: whatItAskedFor, succeeded: !sealed.every((one) => isOwn(one, agent.publicKey)) || hiddenOn(ran) }
      },
    )
  } finally {
    agent.leave()
  }
}

/** A request for exactly the action that stands in the file. */
function isOwn(
  { body, signatures }: { body: JsonObject; signatures: { signature: string }[] },
  publicKey: string,
): boolean {
  if (body['type'] !== 'ep.request.v1' || body['action_hash'] !== hashJson(action)) return false
  return signatures.every(({ signature }) => covers(publicKey, signature, body))
}
