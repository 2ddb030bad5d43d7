import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type Client, type ClientOptions, httpClient } from '@countersign/adapters/http/client'
import type { Role } from '@countersign/adapters/http/route'
import { folderFiles } from '@countersign/adapters/storage/files'
import { connect } from '@countersign/adapters/storage/sqlite/driver'
import { fsckLog } from '@countersign/engine/log/fsck'
import type { FsckReport, ReceiptFacts } from '@countersign/engine/log/fsck-report'
import type { Signer } from '@countersign/simulator/signer'
import { createApiKey } from '../../src/server/api-keys.js'
import { openDataFolder } from '../../src/server/data-folder.js'
import { trustFileOf } from '../../src/server/organization-file.js'
import { makeTreasury, organizationFileOf, type Parties } from '../server/house.js'
import { countersign, type Running, run } from './processes.js'

/** Where a server keeps what it has; the anchor is a file in another folder. */
export interface Place {
  readonly data: string
  readonly anchor: string
}

export interface Served extends Running {
  readonly url: string
}

/**
 * One organization, and its server as processes of the real program over real files, which a test may kill, freeze, start again, and
 * start on copies. Clients talk to the server that listened last, copies apart.
 */
export interface Drill extends Parties {
  readonly folder: string
  readonly place: Place
  readonly trustFile: Uint8Array
  readonly logKey: { readonly logKeyId: string; readonly vkey: string }
  /** A server from the moment on at which its process was made. */
  spawn(place?: Place): Running
  /** Where that server listens; null if it ended first. */
  listening(server: Running): Promise<Served | null>
  /** Both. @throws Error with what the server said, if it ended instead */
  start(place?: Place): Promise<Served>
  /** Clients talk to this one from now on. */
  use(server: Served): void
  client(role: Role, subject?: string, options?: Partial<ClientOptions>): Promise<Client>
  /** The API key of one of the parties. */
  key(role: Role, subject?: string): string
  /** Data and anchor as they stand on the disk, while nobody writes. */
  copy(name: string, place?: Place): Place
  /** The process id of the server that holds the sequencer's lease. */
  leader(): Promise<number>
  /** The whole log from its files. */
  fsck(place?: Place, receipts?: ReadonlyMap<string, ReceiptFacts>): Promise<FsckReport>
  close(): Promise<void>
}

const subjects = [
  ['administrator'],
  ['auditor'],
  ['initiator', 'ep:entity:agent-7'],
  ['approver', 'ep:approver:anna'],
  ['approver', 'ep:approver:bela'],
  ['executor', 'ep:executor:payments'],
] as const

/** @param payments - the key of the executor, where it is not the usual one */
export async function openDrill(payments?: Signer): Promise<Drill> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-drill-'))
  const place: Place = { data: join(folder, 'data'), anchor: join(folder, 'elsewhere', 'anchor') }
  const world = makeTreasury(payments)
  const { organization } = world
  const organizationFile = organizationFileOf(world)
  writeFileSync(join(folder, 'organization.json'), organizationFile)
  const { store, logKey } = await openDataFolder({
    folder: place.data,
    anchor: place.anchor,
    origin: world.log.origin,
    organizationFile,
    segment: 'acme',
    logKeyPassphrase: null,
  })
  // Before any copy of the database is made, so that every copy knows them.
  const keys = new Map<string, string>()
  for (const [role, subject] of subjects)
    keys.set(`${role} ${subject}`, (await createApiKey(store, organization, role, subject, Date.now())).key)
  await store.close()

  const servers = new Map<Running, Place>()
  let url = 'http://127.0.0.1:9'
  const drill: Drill = {
    world,
    folder,
    place,
    logKey,
    trustFile: trustFileOf(organizationFile, [{ log_key_id: logKey.logKeyId, vkey: logKey.vkey }]),
    spawn(at = place) {
      const { data, anchor } = at
      const words = ['--data', data, '--organization', join(folder, 'organization.json'), '--anchor', anchor]
      const server = run(countersign, 'serve', ...words, '--port', '0', '--log-level', 'error')
      servers.set(server, at)
      server.ended.then(() => servers.delete(server))
      return server
    },
    async listening(server) {
      const found = await server.said(/^listening on (http:\S+)\n/m)
      if (found === null) return null
      const here = found[1]!
      if (servers.get(server) === place) url = here
      return { ...server, url: here }
    },
    async start(at) {
      const server = drill.spawn(at)
      const served = await drill.listening(server)
      if (served === null) throw new Error(`the server ended: ${JSON.stringify(await server.ended)} ${server.stderr()}`)
      return served
    },
    use(server) {
      url = server.url
    },
    key: (role, subject) => keys.get(`${role} ${subject}`)!,
    client: async (role, subject, options) =>
      httpClient({
        url: 'http://server',
        key: drill.key(role, subject),
        fetch: (asked, init) => fetch(String(asked).replace('http://server', url), init),
        ...options,
      }),
    copy(name, { data, anchor } = place) {
      const copy = { data: join(folder, name, 'data'), anchor: join(folder, name, 'elsewhere', 'anchor') }
      cpSync(data, copy.data, { recursive: true })
      cpSync(dirname(anchor), dirname(copy.anchor), { recursive: true })
      return copy
    },
    async leader() {
      const database = await connect(join(place.data, 'countersign.db'))
      const { holder } = database.get<{ holder: string }>('SELECT holder FROM leases')!
      database.close()
      // HOST:PID:UUID
      return Number(holder.split(':').at(-2))
    },
    fsck: ({ data, anchor } = place, receipts) =>
      fsckLog(folderFiles(join(data, 'log')), {
        origin: world.log.origin,
        keys: [logKey],
        organization,
        anchor: { files: folderFiles(dirname(anchor)), path: basename(anchor) },
        ...(receipts === undefined ? {} : { receipt: (hash: string) => receipts.get(hash) }),
      }),
    async close() {
      await Promise.all([...servers.keys()].map((server) => server.kill()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return drill
}
