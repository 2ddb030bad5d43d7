import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, httpClient } from '@countersign/adapters/http/client'
import type { Role } from '@countersign/adapters/http/route'
import type { AuthorizationView } from '@countersign/engine/authorization/service'
import { encodeBinary, hashJson, sha256 } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import type { Action } from '@countersign/pure/ep/action'
import { type AuthorizationBundle, hashedBundle } from '@countersign/pure/ep/bundle'
import type { ConsumeRequest } from '@countersign/pure/ep/consumption'
import type { DirectoryHead } from '@countersign/pure/ep/directory-head'
import type { DirectoryLeaf } from '@countersign/pure/ep/directory-leaf'
import type { OutcomeReport } from '@countersign/pure/ep/outcome-report'
import type { Policy } from '@countersign/pure/ep/policy'
import { denialEnvelope } from '@countersign/pure/ep/signoff'
import type { TrustReceipt } from '@countersign/pure/ep/trust-receipt'
import { hashedReceipt } from '@countersign/pure/ep/trust-receipt'
import { octetsOf, type Signer, seal } from '@countersign/simulator/signer'
import { makeWorld, type World } from '@countersign/simulator/world'
import { pino } from 'pino'
import { formatPins } from '../../src/organization/pins.js'
import { createApiKey } from '../../src/server/api-keys.js'
import { openDatabase } from '../../src/server/data-folder.js'
import { type OrganizationFile, organizationFileType } from '../../src/server/organization-file.js'
import { type RunningServer, startServer } from '../../src/server/running-server.js'
import type { ServerOptions } from '../../src/server/server-options.js'

/** A server on a real socket with a real database in a folder of its own, and the organization whose server it is. */
export interface House {
  readonly world: World
  readonly folder: string
  readonly server: RunningServer
  /** Lines of the process's log. */
  readonly lines: string[]
  client(role: Role, subject?: string): Promise<Client>
  /** A new one at each call. */
  key(role: Role, subject?: string): Promise<string>
  /** Stops the server and starts it again on the same folder. */
  restart(): Promise<RunningServer>
  /** Runs while the server and every other connection to its database are down. */
  pause<T>(run: () => T): Promise<T>
  close(): Promise<void>
}

/** Everybody's keys, and a way to the server. */
export type Parties = Pick<House, 'world' | 'client'>

export interface HouseOptions {
  readonly server?: Partial<ServerOptions>
  /** The directory is not published. */
  readonly empty?: boolean
}

export const treasurers = ['anna', 'bela', 'carl']

/**
 * Wires from 100000 on need two of three treasurers; smaller ones pass by.
 *
 * @param payments - the key of the executor, where it is not the usual one
 */
export function makeTreasury(payments?: Signer): World {
  const now = Date.now()
  return makeWorld({
    approvers: treasurers.map((name) => ({ name })),
    entities: [{ name: 'agent-7' }, { name: 'agent-8' }],
    executors: [
      { name: 'payments', ...(payments === undefined ? {} : { signer: payments }) },
      { name: 'deploys', systems: ['cluster.example'] },
    ],
    policies: [
      {
        rules: [
          {
            when: { dec_ge: ['/parameters/amount', '100000'] },
            // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
            then: 'require',
            quorum: { k: 2, roles: ['treasury'] },
          },
          // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
          { when: { dec_ge: ['/parameters/amount', '0'] }, then: 'ungated' },
        ],
      },
    ],
    directoryAt: formatInstant(now - 60_000),
    directoryUntil: formatInstant(now + 60 * 86_400_000),
  })
}

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const world = makeTreasury()
  const folder = mkdtempSync(join(tmpdir(), 'countersign-server-'))
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const start = () =>
    startServer(
      {
        data: folder,
        organizationFile: organizationFileOf(world),
        host: '127.0.0.1',
        port: 0,
        logKeyPassphrase: null,
        publicLog: false,
        version: '0.1.0',
        ...options.server,
      },
      logger,
    )
  let server = await start()
  // As the command line makes them: on the database itself, beside the running server.
  let beside = await openDatabase(folder)
  const keys = new Map<string, Promise<string>>()
  const newKey = async (role: Role, subject?: string) =>
    (await createApiKey(beside, world.organization, role, subject, Date.now())).key
  const house: House = {
    world,
    folder,
    get server() {
      return server
    },
    lines,
    key: newKey,
    async client(role, subject) {
      const known = `${role} ${subject}`
      keys.set(known, keys.get(known) ?? newKey(role, subject))
      return httpClient({ url: server.url, key: await keys.get(known)!, deadlineMilliseconds: 20_000 })
    },
    async restart() {
      await server.stop()
      server = await start()
      return server
    },
    async pause(run) {
      await server.stop()
      await beside.close()
      const result = run()
      server = await start()
      beside = await openDatabase(folder)
      return result
    },
    async close() {
      await beside.close()
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  if (options.empty !== true) await publish(house)
  return house
}

/** What `org public` writes: the group of a trust file before the log has a key. */
export function organizationFileOf(world: World): Uint8Array {
  const [group] = world.trustFile()['organizations'] as [JsonObject]
  const { keys: _keys, ...log } = group['log'] as JsonObject
  return formatPins({ type: organizationFileType, ...group, log } as unknown as OrganizationFile)
}

export function publicationOf(world: World) {
  const { head, leaves } = world.directory.heads.at(-1)!
  return {
    head: head as unknown as DirectoryHead,
    leaves: leaves.map((leaf, leaf_index) => ({ leaf_index, leaf: leaf as unknown as DirectoryLeaf })),
    policies: world.policies.map(({ policy }) => policy as unknown as Policy),
  }
}

export async function publish(house: Parties) {
  const administrator = await house.client('administrator')
  return administrator.call('publishHead', { body: publicationOf(house.world) })
}

export function actionOf(world: World, changes: JsonObject = {}): Action {
  return {
    ep_version: '1.0',
    action_type: 'wire.release',
    target: { system: 'treasury.example', resource: 'wire/8841' },
    parameters: { amount: '2400000.00', currency: 'USD' },
    initiator: 'ep:entity:agent-7',
    policy_id: String(world.policies[0]!.policy['policy_id']),
    requested_at: formatInstant(Date.now()),
    ...changes,
  } as unknown as Action
}

/** The body of a request, sealed by its initiator (EP-ACT-5). */
export function requestOf(world: World, action = actionOf(world)) {
  const { entities, directoryId } = world
  const signer = entities.get(action.initiator.split(':').at(-1)!)!.signer!
  const request = {
    type: 'ep.request.v1',
    directory_id: directoryId,
    action_hash: hashJson(action as unknown as JsonObject),
    requested_at: action.requested_at,
  }
  return { action, initiation: seal(request, signer) as never }
}

export async function request(house: Parties, body: ReturnType<typeof requestOf> = requestOf(house.world)) {
  const client = await house.client('initiator', body.action.initiator)
  const headers = { 'idempotency-key': randomUUID() }
  const { value } = await client.call('requestAuthorization', { headers, body })
  if (value.decision !== 'require') throw new Error('ungated')
  return value.authorization
}

/** What an approver hands in: its signature over its own context, or over the denial of it. */
export async function signatureOf(house: Parties, id: string, name: string, denied?: { readonly reason: string }) {
  const approver = `ep:approver:${name}`
  const client = await house.client('approver', approver)
  const { value } = await client.call('getContexts', { params: { id } })
  const { context, context_hash } = value.contexts.find(({ context }) => context.approver === approver)!
  const { signer, entry } = house.world.approvers.get(name)!
  const signed = denied === undefined ? context : denialEnvelope(context_hash, denied.reason)
  const signature = signer.sign(sha256(canonicalBytes(signed as unknown as JsonObject)))
  const members = { context_hash, ...signature, key_class: String(entry['key_class']), approver_key_id: signer.keyId }
  return { client, members }
}

export async function signOff(house: Parties, id: string, name: string) {
  const { client, members } = await signatureOf(house, id, name)
  return (await client.call('signOff', { params: { id }, body: members })).value
}

export async function deny(house: Parties, id: string, name: string, reason = 'wrong account') {
  const { client, members } = await signatureOf(house, id, name, { reason })
  const body = { ...members, decision: 'denied' as const, reason }
  return (await client.call('deny', { params: { id }, body })).value
}

/** An attempt that two treasurers signed, and its bundle. */
export async function approve(house: Parties, action?: Action) {
  const authorization = await request(house, requestOf(house.world, action))
  for (const name of treasurers.slice(0, 2)) await signOff(house, authorization.id, name)
  const executor = await house.client('executor', 'ep:executor:payments')
  const { value: bundle } = await executor.call('getBundle', { params: { id: authorization.id } })
  return { authorization, bundle, executor }
}

/** What an executor seals (EP-BUN-2). */
export function consumeRequestOf(
  world: World,
  bundle: AuthorizationBundle,
  { nonce }: Pick<AuthorizationView, 'nonce'>,
  consumeId: string = randomUUID(),
  changes: JsonObject = {},
): ConsumeRequest {
  const body = {
    type: 'ep.consume.v1',
    organization: world.organization,
    executor_id: 'ep:executor:payments',
    nonce,
    action_hash: bundle.action_hash,
    policy_hash: hashJson(bundle.policy as unknown as JsonObject),
    bundle_hash: hashJson(hashedBundle(bundle)),
    consume_id: encodeBinary(octetsOf(consumeId, 16)),
    enforcement_class: 'STRONG',
    at: formatInstant(Date.now()),
    ...changes,
  }
  return seal(body, world.executors.get('payments')!.signer) as unknown as ConsumeRequest
}

/** From the request to the trust receipt. */
export async function consumed(house: Parties) {
  const { authorization, bundle, executor } = await approve(house)
  const body = consumeRequestOf(house.world, bundle, authorization)
  const { value: receipt, bytes } = await executor.call('consume', { params: { id: authorization.id }, body })
  return { authorization, bundle, executor, body, receipt, bytes }
}

export function outcomeOf(
  world: World,
  receipt: TrustReceipt,
  outcome: string,
  changes: JsonObject = {},
): OutcomeReport {
  const body = {
    type: 'ep.outcome.v1',
    receipt_hash: hashJson(hashedReceipt(receipt)),
    executor_id: 'ep:executor:payments',
    outcome,
    reported_at: formatInstant(Date.now()),
    ...changes,
  }
  return seal(body, world.executors.get('payments')!.signer) as unknown as OutcomeReport
}
