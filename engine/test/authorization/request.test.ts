import { parseBinary } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { seal } from '@countersign/simulator/signer'
import { makeWorld } from '@countersign/simulator/world'
import { afterEach, describe, expect, test } from 'vitest'
import {
  actionOf,
  approved,
  ask,
  bytesOf,
  changeStatus,
  granted,
  type House,
  type HouseOptions,
  openHouse,
  refused,
  requestBody,
  requested,
  requiring,
  sign,
} from './house.js'

const houses: House[] = []
afterEach(async () => {
  for (const house of houses.splice(0)) await house.stop()
})

async function newHouse(options?: HouseOptions): Promise<House> {
  const house = await openHouse(options)
  houses.push(house)
  return house
}

const zeros = `sha256:${'0'.repeat(64)}`

describe('the contexts of an attempt', () => {
  test('EP-CTX-1, EP-CTX-6: one for each eligible approver, equal but for approver and index', async () => {
    const house = await newHouse({ approvers: [{ name: 'zed' }, { name: 'jchen' }, { name: 'mroe' }] })
    const { id } = await requested(house)
    const { contexts, policy } = granted(await house.service.contextsOf({ id }, house.moment()))
    expect(contexts.map(({ context }) => [context.approver_index, context.approver])).toEqual([
      [1, 'ep:approver:jchen'],
      [2, 'ep:approver:mroe'],
      [3, 'ep:approver:zed'],
    ])
    const shared = contexts.map(({ context: { approver: _, approver_index: __, ...rest } }) => JSON.stringify(rest))
    expect(new Set(shared).size).toBe(1)
    expect(policy).toEqual(house.world.policies[0]!.policy)
  })

  test('EP-CTX-2: the nonce has 32 octets, a time prefix and 26 that are drawn', async () => {
    const house = await newHouse()
    const moment = house.moment()
    const action = actionOf(house)
    const command = { caller: String(action['initiator']), body: bytesOf(requestBody(house, action)) }
    const answer = granted(await house.service.request(command, moment))
    const nonce = parseBinary(answer.decision === 'require' ? answer.authorization.nonce : '')
    expect(nonce).toHaveLength(32)
    expect(Number(`0x${Buffer.from(nonce.subarray(0, 6)).toString('hex')}`)).toBe(house.time.now)
    expect(nonce.subarray(6)).toEqual(moment.random.subarray(0, 26))
  })

  test('EP-CTX-7: issued_at is a whole second, not before requested_at; the window is the policy’s', async () => {
    const house = await newHouse()
    const ahead = await requested(house, actionOf(house, { requested_at: '2026-11-20T12:00:59.001Z' }))
    expect(ahead).toMatchObject({ issued_at: '2026-11-20T12:01:00Z', expires_at: '2026-11-20T12:16:00Z' })
    house.time.now += 700
    const behind = await requested(house, actionOf(house, { requested_at: '2026-11-20T12:00:00.500Z' }))
    expect(behind.issued_at).toBe('2026-11-20T12:00:01Z')
    const tooFar = actionOf(house, { requested_at: '2026-11-20T12:01:00.701Z' })
    expect(refused(await ask(house, tooFar))).toBe('requested_at_too_large')
  })

  test('EP-SM-1: a server whose clock fell behind what was acted at makes no attempts', async () => {
    const house = await newHouse()
    await requested(house)
    house.time.now -= 61_000
    expect(refused(await ask(house))).toBe('clock_stale')
  })

  test('EP-CTX-6: required_approvals is the least that can satisfy the quorum', async () => {
    const quorum = {
      any: [
        { k: 3, roles: ['treasury'] },
        {
          all: [
            { k: 1, roles: ['treasury'] },
            { k: 1, roles: ['cfo'] },
          ],
        },
      ],
    }
    const approvers = [{ name: 'a' }, { name: 'b' }, { name: 'c', roles: ['cfo'] }]
    const house = await newHouse({ approvers, policies: [requiring(quorum)] })
    const view = await requested(house)
    expect(view.required_approvals).toBe(2)
    expect(granted(await sign(house, view, 'a')).state).toBe('PARTIALLY_APPROVED')
    expect(granted(await sign(house, view, 'b')).state).toBe('PARTIALLY_APPROVED')
    expect(granted(await sign(house, view, 'c')).state).toBe('APPROVED')
  })
})

describe('EP-INV-4, EP-POL-4: who gets no context', () => {
  const approvers = [{ name: 'jchen' }, { name: 'mroe' }]
  const who: [string, HouseOptions][] = [
    ['the human who initiates', { approvers, entities: [{ name: 'mroe', kind: 'human', withKey: false }] }],
    [
      'who answers for the agent, under `responsible`',
      {
        approvers: [approvers[0]!, { name: 'mroe', entry: { principal_id: 'ep:principal:0042' } }],
        policies: [{ separation: 'responsible' }],
      },
    ],
    ['another role', { approvers: [approvers[0]!, { name: 'mroe', roles: ['audit'] }] }],
    [
      'a class that is too low for the policy',
      { approvers: [{ name: 'jchen', keyClass: 'A' }, approvers[1]!], policies: [{ min_key_class: 'A' }] },
    ],
    ['a key that the operator holds', { approvers: [approvers[0]!, { name: 'mroe', keyClass: 'C' }] }],
    [
      'a key not yet valid',
      { approvers: [approvers[0]!, { name: 'mroe', entry: { valid_from: '2026-12-01T00:00:00Z' } }] },
    ],
  ]
  test.each(who)('%s', async (_, options) => {
    const house = await newHouse(options)
    const view = await requested(house)
    expect(view.approvers.map(({ approver }) => approver)).toEqual(['ep:approver:jchen'])
  })

  test('EP-DIR-6: a key that the trust file lists as compromised', async () => {
    const { public_key } = makeWorld({ approvers }).approvers.get('mroe')!.entry
    const listed = { public_key: public_key!, compromised_at: '2026-11-19T00:00:00Z' }
    const house = await newHouse({
      approvers,
      trust: [{ op: 'add', path: '/organizations/0/compromised/-', value: listed }],
    })
    expect((await requested(house)).approvers.map(({ approver }) => approver)).toEqual(['ep:approver:jchen'])
  })

  test('who answers for the agent may approve under `principal`', async () => {
    const house = await newHouse({ approvers: [{ name: 'mroe', entry: { principal_id: 'ep:principal:0042' } }] })
    expect((await approved(house, ['mroe'])).state).toBe('APPROVED')
  })

  test('too few for the quorum is a refusal, and two ids of one human count once', async () => {
    const policies = [requiring({ k: 2, roles: ['treasury'] })]
    const alone = await newHouse({ approvers: [{ name: 'jchen' }], policies })
    expect(refused(await ask(alone))).toBe('approvers_count_insufficient')
    const twice = [{ name: 'jchen' }, { name: 'jchen-2', entry: { principal_id: 'ep:principal:jchen' } }]
    const same = await newHouse({ approvers: twice, policies })
    expect(refused(await ask(same))).toBe('approvers_count_insufficient')
  })
})

describe('what is refused', () => {
  test('EP-ACT-2: an action hash that is not the action’s', async () => {
    const house = await newHouse()
    expect(refused(await ask(house, actionOf(house), { action_hash: zeros }))).toBe('action_hash_mismatch')
  })

  test('EP-ACT-5: another initiator than the caller, an initiator without a leaf in force', async () => {
    const house = await newHouse({ entities: [{ name: 'agent' }, { name: 'other' }] })
    const body = bytesOf(requestBody(house, actionOf(house)))
    const answer = await house.service.request({ caller: 'ep:entity:other', body }, house.moment())
    expect(answer).toMatchObject({ refusal: { code: 'initiator_caller_mismatch', kind: 'forbidden' } })
    const unknown = actionOf(house, { initiator: 'ep:entity:nobody' })
    expect(refused(await ask(house, unknown))).toBe('initiator_entity_unknown')
    await changeStatus(house, house.world.entities.get('agent')!.entry, { valid_to: '2026-11-20T12:00:01Z' })
    expect(refused(await ask(house))).toBe('initiator_entity_unknown')
  })

  test('EP-ACT-5: a leaf with a key demands its seal over this action; one without knows none', async () => {
    const house = await newHouse({ entities: [{ name: 'agent' }, { name: 'cron', withKey: false }] })
    const action = actionOf(house)
    const send = (members: JsonObject) =>
      house.service.request({ caller: String(members['caller']), body: bytesOf(members['body']) }, house.moment())
    const caller = String(action['initiator'])
    expect(refused(await send({ caller, body: { action } }))).toBe('initiation_missing')
    const other = requestBody(house, actionOf(house, { parameters: { amount: '900000' } }))
    expect(refused(await send({ caller, body: { action, initiation: other['initiation']! } }))).toBe(
      'initiation_action_hash_mismatch',
    )
    const { body } = requestBody(house, action)['initiation'] as { body: JsonObject }
    const stranger = house.world.approvers.get('jchen')!.signer
    const forged = {
      ...seal(body, stranger),
      signatures: [{ ...stranger.sign(new Uint8Array(32)), key_id: 'ep:key:agent#1' }],
    }
    expect(refused(await send({ caller, body: { action, initiation: forged as unknown as JsonObject } }))).toBe(
      'initiation_signature_invalid',
    )
    const cron = actionOf(house, { initiator: 'ep:entity:cron' })
    const sealed = requestBody(house, action)['initiation']!
    expect(refused(await send({ caller: 'ep:entity:cron', body: { action: cron, initiation: sealed } }))).toBe(
      'initiation_key_missing',
    )
    granted(await ask(house, cron))
  })

  test('EP-ACT-1: another policy than the one in force; the refusal carries it', async () => {
    const house = await newHouse()
    const answer = await ask(house, actionOf(house, { policy_id: 'ep:policy:wires@v2' }))
    const { policy_id } = house.world.policies[0]!.policy
    expect(answer).toMatchObject({ refusal: { code: 'policy_in_force_mismatch', info: { policy_id } } })
  })

  test('EP-POL-4: an action type that no policy covers, and one whose policy ended', async () => {
    const house = await newHouse()
    const deploy = actionOf(house, { action_type: 'deploy.production' })
    expect(refused(await ask(house, deploy))).toBe('policy_action_type_unknown')
    await changeStatus(house, house.world.policies[0]!.entry, { valid_to: '2026-11-20T12:00:01Z' })
    expect(refused(await ask(house))).toBe('policy_action_type_unknown')
  })

  test('EP-POL-1: no rule that matches, a rule that refuses, an operand that is missing', async () => {
    const house = await newHouse()
    const small = actionOf(house, { parameters: { amount: '5' } })
    expect(refused(await ask(house, small))).toBe('policy_rule_missing')
    expect(refused(await ask(house, actionOf(house, { parameters: {} })))).toBe('condition_operand_missing')
    // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
    const never = await newHouse({ policies: [{ rules: [{ then: 'refuse' }] }] })
    expect(await ask(never)).toMatchObject({ refusal: { code: 'policy_rule_refused', kind: 'forbidden' } })
  })

  test('EP-POL-1: an ungated action makes no attempt', async () => {
    // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
    const house = await newHouse({ policies: [{ rules: [{ then: 'ungated' }] }] })
    expect(granted(await ask(house))).toMatchObject({ decision: 'ungated', policy_id: 'ep:policy:wires@v1' })
    expect(granted(await house.service.list({ limit: 10 }, house.moment())).items).toEqual([])
  })

  const unbuilt: [JsonObject, string][] = [
    [{ commit_after: { level: 'witnessed', k: 1 } }, 'policy_witnesses_unsupported'],
    [{ evidence_required: ['acme.velocity.v1'] }, 'evidence_required_missing'],
    [{ display: { second_surface: {} } }, 'display_second_surface_unsupported'],
    [{ display: { masking: ['/parameters/iban'] } }, 'display_masking_unsupported'],
  ]
  test.each(unbuilt)('EP-ENC-7: a policy with %j, before anybody signs', async (members, code) => {
    const house = await newHouse({ policies: [members] })
    expect(refused(await ask(house))).toBe(code)
  })

  test('EP-ENC-1: what is no strict JSON is invalid', async () => {
    const house = await newHouse()
    const text = new TextDecoder().decode(bytesOf(requestBody(house, actionOf(house))))
    const twice = new TextEncoder().encode(text.replace('"action":', '"action":{},"action":'))
    const answer = await house.service.request({ caller: 'ep:entity:agent-recon-7', body: twice }, house.moment())
    expect(answer).toMatchObject({ refusal: { code: 'json_member_duplicate', kind: 'invalid' } })
  })

  test('EP-DIR-2: without a directory nothing is requested', async () => {
    const house = await newHouse({ unpublished: true })
    expect(refused(await ask(house))).toBe('directory_head_missing')
  })

  test('EP-DIR-4: a head that only the operator signed, unless class C is accepted', async () => {
    const custody = { op: 'replace', path: '/organizations/0/directory/keys/0/custody', value: 'operator' } as const
    const house = await newHouse({ trust: [custody] })
    expect(refused(await ask(house))).toBe('directory_custody_insufficient')
    const accepting = { op: 'replace', path: '/organizations/0/accept/class_c', value: true } as const
    granted(await ask(await newHouse({ trust: [custody, accepting] })))
  })
})

describe('idempotency', () => {
  test('the same key and body give the same attempt, also at once and at another server', async () => {
    const house = await newHouse()
    const action = actionOf(house)
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(house, action, {}, 'order-1')))
    const ids = answers.map((answer) => {
      const value = granted(answer)
      return value.decision === 'require' ? value.authorization.id : value.decision
    })
    expect(new Set(ids).size).toBe(1)
    expect(granted(await house.service.list({ limit: 10 }, house.moment())).items).toHaveLength(1)
  })

  test('the same key with another body is a conflict; another caller’s key is its own', async () => {
    const house = await newHouse({ entities: [{ name: 'agent' }, { name: 'other' }] })
    granted(await ask(house, actionOf(house), {}, 'order-1'))
    const changed = actionOf(house, { parameters: { amount: '100001', currency: 'USD' } })
    expect(await ask(house, changed, {}, 'order-1')).toMatchObject({
      refusal: { code: 'idempotency_key_mismatch', kind: 'conflict' },
    })
    granted(await ask(house, actionOf(house, { initiator: 'ep:entity:other' }), {}, 'order-1'))
  })

  test('without a key each request is an attempt of its own', async () => {
    const house = await newHouse()
    const [one, two] = [await requested(house), await requested(house)]
    expect(one.id).not.toBe(two.id)
  })
})

test('lists: oldest first, in pages, of one initiator', async () => {
  const house = await newHouse({ entities: [{ name: 'agent' }, { name: 'other' }] })
  const ids: string[] = []
  for (let n = 0; n < 5; n++) {
    house.time.pass(1000)
    ids.push((await requested(house)).id)
  }
  await requested(house, actionOf(house, { initiator: 'ep:entity:other' }))
  const found: string[] = []
  let after: string | undefined
  do {
    const query = { limit: 2, initiator: 'ep:entity:agent', ...(after === undefined ? {} : { after }) }
    const page = granted(await house.service.list(query, house.moment()))
    found.push(...page.items.map(({ id }) => id))
    after = page.next
  } while (after !== undefined)
  expect(found).toEqual(ids)
  expect(refused(await house.service.list({ limit: 0 }, house.moment()))).toBe('page_limit_malformed')
  expect(refused(await house.service.get({ id: 'nothing' }, house.moment()))).toBe('authorization_unknown')
})

describe('EP-ACT-4: a retry with other words', () => {
  const material = { material: ['/parameters/amount', '/parameters/currency'] }
  const reworded = { provenance: { note: 'second try, please' } }

  test('EP-ACT-4: finds the attempt that stands, which approves the first action', async () => {
    const house = await newHouse({ policies: [material] })
    const first = await requested(house, actionOf(house))
    house.time.now += 5_000
    const again = await requested(house, actionOf(house, reworded))
    expect([again.id, again.action_hash]).toEqual([first.id, first.action_hash])
    const other = await requested(house, actionOf(house, { parameters: { amount: '2400000.01', currency: 'USD' } }))
    expect(other.id).not.toBe(first.id)
  })

  test('EP-ACT-4: finds nothing once the attempt has ended, and two at one moment make one', async () => {
    const house = await newHouse({ policies: [material] })
    const [one, two] = await Promise.all([
      requested(house, actionOf(house)),
      requested(house, actionOf(house, reworded)),
    ])
    expect(two!.id).toBe(one!.id)
    house.time.now += 901_000
    const later = await requested(house, actionOf(house))
    expect(later.id).not.toBe(one!.id)
  })

  test('EP-ACT-4: without material members every request is an attempt of its own', async () => {
    const house = await newHouse()
    const first = await requested(house, actionOf(house))
    expect((await requested(house, actionOf(house, reworded))).id).not.toBe(first.id)
  })

  test('EP-ACT-4: what is material must be there', async () => {
    const house = await newHouse({ policies: [{ material: ['/parameters/beneficiary'] }] })
    expect(refused(await ask(house, actionOf(house)))).toBe('material_operand_missing')
  })
})
