import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { type JudgePool, openJudgePool } from '@countersign/adapters/verification/judge-pool'
import { createAuthorizations } from '@countersign/engine/authorization/create-authorizations'
import type { Decision } from '@countersign/engine/authorization/decision'
import type { Authorizations, Moment } from '@countersign/engine/authorization/service'
import type { Store } from '@countersign/engine/ports/store'
import { encodeBinary, hashJson, parseHash } from '@countersign/pure/core/digest'
import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonValue } from '@countersign/pure/core/json'
import { hashedBundle } from '@countersign/pure/ep/bundle'
import { Hashes } from '@countersign/pure/ep/hashes'
import { pinTrust } from '@countersign/pure/ep/pinned-trust'
import { type Signer, seal } from '@countersign/simulator/signer'
import { makeWorld, octetsOfJson, type World } from '@countersign/simulator/world'
import { logKeyId, openRealLog, type RealLog } from './real-log.js'

/** An organization with its server in this process: the engine over a real store and log, without HTTP. */
export interface House {
  readonly world: World
  readonly real: RealLog
  readonly judge: JudgePool
  readonly service: Authorizations
  moment(): Moment
}

const approvers = ['jchen', 'mrossi']

/** @param observed - the store as the engine is to see it */
export async function openHouse(observed: (store: Store) => Store): Promise<House> {
  const openedAt = performance.now()
  const now = () => Math.floor(parseInstant('2026-11-20T12:00:00Z') + performance.now() - openedAt)
  const world = makeWorld({
    seed: 'bench',
    approvers: approvers.map((name) => ({ name, signer: newSigner(`ep:key:${name}#1`) })),
    entities: [{ name: 'agent-recon-7', signer: newSigner('ep:key:agent-recon-7#1') }],
    executors: [{ name: 'payments', signer: newSigner('ep:key:payments#1') }],
    // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
    policies: [{ rules: [{ then: 'require', quorum: { k: approvers.length, roles: ['treasury'] } }] }],
  })
  const { organization } = world
  const real = await openRealLog(organization, world.log.origin, now)
  const keys = [{ log_key_id: logKeyId, vkey: real.vkey }]
  const trust = octetsOfJson(world.trustFile({ op: 'replace', path: '/organizations/0/log/keys', value: keys }))
  const judge = await openJudgePool({ trust, organization })
  const service = createAuthorizations({
    organization,
    store: observed(real.store),
    log: real.log,
    trust: pinTrust(trust).groups.get(organization)!,
    judge,
    display: { surface: 'client' },
    anchorStands: 'same_device',
  })
  const house = { world, real, judge, service, moment: () => ({ now: now(), random: randomBytes(64) }) }
  const { head, leaves } = world.directory.heads.at(-1)!
  const publication = {
    head,
    leaves: leaves.map((leaf, leaf_index) => ({ leaf_index, leaf })),
    policies: world.policies.map(({ policy }) => policy),
  }
  granted(await service.publish({ body: bytesOf(publication) }, house.moment()))
  return house
}

/** One attempt that everybody signed, and the consume request that its executor sealed. */
export async function approvedAttempt(house: House): Promise<Uint8Array> {
  const { world, service } = house
  const [initiator] = [...world.entities.values()]
  const action = {
    ep_version: '1.0',
    action_type: 'wire.release',
    target: { system: 'treasury.example', resource: 'wire/8841' },
    parameters: { amount: '2400000.00', currency: 'USD' },
    initiator: initiator!.id,
    policy_id: world.policies[0]!.policy['policy_id']!,
    requested_at: formatInstant(house.moment().now),
  }
  const { directoryId: directory_id } = world
  const request = {
    type: 'ep.request.v1',
    directory_id,
    action_hash: hashJson(action),
    requested_at: action.requested_at,
  }
  const body = bytesOf({ action, initiation: seal(request, initiator!.signer!) })
  const answer = granted(await service.request({ caller: initiator!.id, body }, house.moment()))
  if (answer.decision !== 'require') throw new Error('the action to measure needs no approval')
  const { id } = answer.authorization
  for (const name of approvers) await signOff(house, id, name)
  return sealedConsume(house, id)
}

async function signOff({ world, service, moment }: House, id: string, name: string): Promise<void> {
  const { contexts } = granted(await service.contextsOf({ id }, moment()))
  const { id: approver, entry, signer } = world.approvers.get(name)!
  const { context_hash } = contexts.find(({ context }) => context.approver === approver)!
  const signed = {
    context_hash,
    ...signer.sign(parseHash(context_hash)),
    key_class: entry['key_class']!,
    approver_key_id: signer.keyId,
  }
  granted(await service.signoff({ id, approver, body: bytesOf(signed) }, moment()))
}

async function sealedConsume({ world, service, moment }: House, id: string): Promise<Uint8Array> {
  const bundle = granted(await service.bundle({ id }, moment()))
  const [executor] = [...world.executors.values()]
  const { nonce, policy_hash } = bundle.contexts[0]!
  const body = {
    type: 'ep.consume.v1',
    organization: world.organization,
    executor_id: executor!.id,
    nonce,
    action_hash: bundle.action_hash,
    policy_hash,
    bundle_hash: new Hashes().hash(hashedBundle(bundle)),
    consume_id: encodeBinary(randomBytes(16)),
    enforcement_class: 'STRONG',
    at: formatInstant(moment().now),
  }
  return bytesOf(seal(body, executor!.signer))
}

export function granted<T>(decision: Decision<T>): T {
  if (!decision.ok) throw new Error(`refused: ${decision.refusal.code} at ${decision.refusal.at}`)
  return decision.value
}

function bytesOf(value: unknown): Uint8Array {
  return canonicalBytes(value as JsonValue)
}

/** OpenSSL's keys: those of a simulated world are slower, and thousands of signatures are made before anything is measured. */
function newSigner(keyId: string): Signer {
  const { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ed25519')
  return {
    keyId,
    publicKey: encodeBinary(publicKey.export({ type: 'spki', format: 'der' })),
    sign: (digest) => ({ signature: encodeBinary(sign(null, digest, privateKey)) }),
  }
}
