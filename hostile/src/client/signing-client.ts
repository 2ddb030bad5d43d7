import type { Answered, Attack, Control } from '../attack.js'
import { enrollAttacks, enrollControl } from './enroll.js'
import { lures, signedWhatItShowed } from './lures.js'
import { requestAttacks, requestControl } from './request.js'
import { hiddenOn, noAnswer, saidNo, saidOn } from './said.js'
import { asServed, isMeant, json, type Say, type Visit, visit } from './visit.js'

/** What the operator's server says in its own words, whatever it serves. */
interface Saying {
  readonly name: string
  readonly requirements: string
  readonly did: string
  readonly expected: string
  readonly say: Say
}

const honest = { bait: () => {} }

const sayings: readonly Saying[] = [
  {
    name: 'member twice',
    requirements: 'EP-ENC-1',
    did: 'gave the answer two actions, one to show and one to hash',
    expected: noAnswer,
    say: (heard, served) => {
      const { body } = asServed(heard, served)
      return { body: String(body).replace('"action":', '"action":{"action_type":"memo.send"},"action":') }
    },
  },
  {
    name: 'too large',
    requirements: 'EP-ENC-1',
    did: 'answered without end',
    expected: noAnswer,
    say: () => ({ body: new Uint8Array(65 * 1024 * 1024).fill(0x20) }),
  },
  {
    name: 'redirected',
    requirements: 'EP-KEY-U',
    did: 'sent the client on to another server',
    expected: noAnswer,
    say: ({ path }) => ({ status: 307, headers: { location: `http://127.0.0.1:9${path}` }, body: '' }),
  },
  {
    name: 'no JSON',
    requirements: 'EP-ENC-1',
    did: 'answered with a page',
    expected: noAnswer,
    say: () => ({ body: '<html>sign in</html>' }),
  },
  {
    name: 'escapes in a refusal',
    requirements: 'EP-CTX-5',
    did: 'said no in words that move the cursor',
    expected: saidNo,
    say: () => json({ code: 'nope', at: '', title: '\u001b[2J\u009b2Jsigned' }, 403),
  },
  {
    name: 'escapes after the signature',
    requirements: 'EP-CTX-5',
    did: 'took the signature, and named a state that clears the screen',
    expected: signedWhatItShowed,
    say: (heard, served) =>
      heard.method === 'GET' ? asServed(heard, served) : json({ state: '\u001b[2J\u202edeined' }, 201),
  },
]

export function signingClientAttacks(program: readonly string[]): readonly Attack[] {
  const target = 'signing client'
  const baited = lures.map((lure): Attack => {
    const { name, requirements, did, expected } = lure
    return {
      name: `approve: ${name}`,
      target,
      requirements,
      did,
      expected,
      run: async () => answeredBy(await visit(program, lure)),
    }
  })
  const said = sayings.map(
    ({ say, ...saying }): Attack => ({
      ...saying,
      name: `approve: ${saying.name}`,
      target,
      run: async () => answeredBy(await visit(program, honest, say)),
    }),
  )
  return [...baited, ...said, ...enrollAttacks(program), ...requestAttacks(program)]
}

export function signingClientControls(program: readonly string[]): readonly Control[] {
  const visits = (['approve', 'deny'] as const).map(
    (command): Control => ({
      name: `${command}: honest`,
      target: 'signing client',
      expected: `${signedWhatItShowed}, ended with 0`,
      run: async () => {
        const done = await visit(program, { ...honest, command })
        return `${answeredBy(done).code}, ended with ${done.ran.exit}`
      },
    }),
  )
  return [...visits, enrollControl(program), requestControl(program)]
}

/** What the operator got out of a visit: it wins with any signature over anything but the context of what was shown. */
function answeredBy(done: Visit): Answered {
  const { ran, signatures } = done
  const succeeded = signatures.some((signature) => !isMeant(done, signature)) || hiddenOn(ran)
  if (signatures.length > 0) return { code: signedWhatItShowed, succeeded }
  return { code: saidOn(ran.err), succeeded }
}
