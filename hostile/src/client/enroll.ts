import { existsSync } from 'node:fs'
import { encodeBinary, hashJson, parseHash } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import type { JsonObject } from '@countersign/pure/core/json'
import type { Answered, Attack, Control } from '../attack.js'
import { Approver } from './approver.js'
import { saidOn } from './said.js'
import { covers, coversHash } from './signed.js'
import { keyId } from './visit.js'

/** An invitation that the operator sends to an approver who already has a key. */
interface Invitation {
  readonly name: string
  readonly requirements: string
  readonly did: string
  readonly expected: string
  readonly members: JsonObject
}

export const itsOwnPossession = 'signed a possession of its own making'

/** The digest that the operator is after: a context of a dear action. */
const wanted = hashJson({ context_type: 'ep.signoff.v1', action_hash: hashJson('a dear action') })

const invitations: readonly Invitation[] = [
  {
    name: 'challenge',
    requirements: 'EP-KEY-U',
    did: 'chose the digest of a context as the challenge of an invitation',
    expected: itsOwnPossession,
    members: { challenge: encodeBinary(parseHash(wanted)) },
  },
  {
    name: 'context in the place of an invitation',
    requirements: 'EP-KEY-U EP-ENC-8',
    did: 'sent a context as an invitation',
    expected: 'type_mismatch',
    members: { type: 'ep.signoff.v1' },
  },
  {
    name: 'invitation with a body',
    requirements: 'EP-KEY-U EP-ENC-7',
    did: 'added the body of an attestation to an invitation, to have it sealed along',
    expected: 'member_unknown',
    members: { body: { type: 'ep.attestation.v1' } },
  },
  {
    name: 'another directory',
    requirements: 'EP-KEY-U',
    did: 'invited to a directory of its own, where the approver named the one they meant',
    expected: 'this invitation is to ep:directory:globex',
    members: { directory_id: 'ep:directory:globex' },
  },
]

export function enrollAttacks(program: readonly string[]): readonly Attack[] {
  return invitations.map(({ members, name, ...attack }) => ({
    ...attack,
    name: `enroll: ${name}`,
    target: 'signing client',
    run: () => enroll(program, members),
  }))
}

export function enrollControl(program: readonly string[]): Control {
  return {
    name: 'enroll: honest',
    target: 'signing client',
    expected: itsOwnPossession,
    run: async () => (await enroll(program, {})).code,
  }
}

async function enroll(program: readonly string[], members: JsonObject): Promise<Answered> {
  const approver = await Approver.at(program, keyId)
  try {
    const invitation = approver.write('invitation.json', { ...invited(), ...members })
    const out = approver.path('request.json')
    const own = ['--key', approver.path('own.key'), '--out', out, '--directory', 'ep:directory:acme']
    const ran = await approver.run('enroll', invitation, ...own)
    if (!existsSync(out)) return { code: saidOn(ran.err), succeeded: false }
    const { body, signatures } = approver.read('request.json') as {
      body: JsonObject
      signatures: { signature: string }[]
    }
    const [{ signature }] = signatures as [{ signature: string }]
    const isPossession = body['type'] === 'ep.possession.v1' && covers(approver.publicKey, signature, body)
    return { code: itsOwnPossession, succeeded: !isPossession || coversHash(approver.publicKey, signature, wanted) }
  } finally {
    approver.leave()
  }
}

function invited(): JsonObject {
  return {
    type: 'countersign.invitation.v1',
    organization: 'ep:org:acme',
    directory_id: 'ep:directory:acme',
    approver_id: 'ep:approver:jchen',
    principal_id: 'ep:principal:jchen',
    roles: ['treasury'],
    challenge: `b64u:${'A'.repeat(43)}`,
    expires_at: formatInstant(Date.now() + 86_400_000),
  }
}
