import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { openApiDocument } from '@countersign/adapters/http/openapi'
import { createAuthorizations } from '@countersign/engine/authorization/create-authorizations'
import type { Authorizations } from '@countersign/engine/authorization/service'
import { createLog, type Log } from '@countersign/engine/log/log'
import type { FastifyBaseLogger } from 'fastify'
import { segmentOf } from '../cli/identifiers.js'
import { Access } from './access.js'
import { Capacity } from './capacity.js'
import { type DataFolder, openDataFolder } from './data-folder.js'
import { ExecutorSystems } from './executor-systems.js'
import { authorizationHandlers } from './handlers/authorizations.js'
import { directoryHandlers } from './handlers/directory.js'
import { logHandlers } from './handlers/log.js'
import { receiptHandlers } from './handlers/receipts.js'
import { headHealth, serviceHandlers } from './handlers/service.js'
import { HeadChain } from './head-chain.js'
import { buildHttpServer } from './http-server.js'
import { createMetrics } from './metrics.js'
import { onlyGroup, readOrganizationFile, trustFileOf } from './organization-file.js'
import { RollbackGuard } from './rollback-guard.js'
import { watch } from './watch.js'

export interface ServerOptions {
  /** The data folder. */
  readonly data: string
  /** The organization's pins, as `org public` writes them. */
  readonly organizationFile: Uint8Array
  readonly anchor?: string
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Where clients reach the server; the address it listens on if absent. */
  readonly publicUrl?: string
  readonly logKeyPassphrase: string | null
  readonly publicLog: boolean
  readonly version: string
  readonly maxInFlight?: number
  readonly perMinute?: { readonly key: number; readonly failures: number }
  readonly guardSeconds?: number
  readonly receiveMilliseconds?: number
}

export interface RunningServer {
  readonly url: string
  /** The trust file that the organization's pins and this server's log key make. */
  readonly trustFile: Uint8Array
  readonly log: Log
  /** Answers what is inside, finishes the log's pass, and closes the database. */
  stop(): Promise<void>
}

const drainMilliseconds = 25_000

/**
 * Opens the data folder, proves the database against the anchor, and listens.
 *
 * @throws LogHalted if the guard refuses the database (EP-SM-4): the caller ends the process; Refusal, Stop, StoreFault
 */
export async function startServer(options: ServerOptions, logger: FastifyBaseLogger): Promise<RunningServer> {
  const pins = readOrganizationFile(options.organizationFile)
  const data = await openDataFolder({
    folder: options.data,
    ...(options.anchor === undefined ? {} : { anchor: options.anchor }),
    origin: pins.origin,
    segment: segmentOf(pins.organization),
    logKeyPassphrase: options.logKeyPassphrase,
  })
  try {
    return await startOn(data, pins, options, logger)
  } catch (error) {
    await data.store.close()
    throw error
  }
}

async function startOn(
  data: DataFolder,
  { organization, origin }: { readonly organization: string; readonly origin: string },
  options: ServerOptions,
  logger: FastifyBaseLogger,
): Promise<RunningServer> {
  const { store, logKey, anchorStands } = data
  const { logKeyId, vkey } = logKey
  const trustFile = trustFileOf(options.organizationFile, [{ log_key_id: logKeyId, vkey }])
  const log = openLog(data, organization, origin, logger)
  const service = createAuthorizations({
    organization,
    store,
    log,
    trust: onlyGroup(trustFile),
    display: { surface: 'client' },
    anchorStands,
  })
  const guard = new RollbackGuard(log, service)
  // EP-SM-4 stands before the first socket.
  await log.start()
  try {
    await guard.checkDirectory()
    const http = await listen({ ...options, organization, origin }, data, log, service, guard, logger)
    tellOperator(log, anchorStands, logger)
    const stopGuard = guard.onTimer((options.guardSeconds ?? 600) * 1000, logger)
    return {
      url: http.url,
      trustFile,
      log,
      async stop() {
        stopGuard()
        await http.drain()
        await log.stop()
        await store.close()
      },
    }
  } catch (error) {
    await log.stop()
    throw error
  }
}

/** Puts the handlers on a socket. `drain` answers what is inside and ends. */
async function listen(
  options: ServerOptions & { readonly organization: string; readonly origin: string },
  { store, tiles, anchorStands }: DataFolder,
  log: Log,
  service: Authorizations,
  guard: RollbackGuard,
  logger: FastifyBaseLogger,
): Promise<{ readonly url: string; drain(): Promise<void> }> {
  const { organization, origin, version, host, port } = options
  const capacity = new Capacity(options.maxInFlight ?? 512)
  const metrics = createMetrics()
  watch(metrics, log, guard, capacity)
  const openApi = openApiDocument(version, options.publicUrl ?? '/') as { openapi: string }
  const about = { version, organization, origin, anchor: anchorStands }
  const access = new Access(new ExecutorSystems(service))
  const http = await buildHttpServer({
    organization,
    store,
    halted: () => guard.halted(),
    capacity,
    metrics,
    logger,
    perMinute: options.perMinute ?? { key: 12_000, failures: 60 },
    publicLog: options.publicLog,
    ...(options.receiveMilliseconds === undefined ? {} : { receiveMilliseconds: options.receiveMilliseconds }),
    handlers: {
      ...authorizationHandlers(service, access),
      ...receiptHandlers(service, access),
      ...directoryHandlers(service, new HeadChain(organization, store, log)),
      ...logHandlers(log, tiles),
      ...serviceHandlers(about, log, guard, capacity, metrics, openApi),
    },
  })
  await http.listen({ host, port })
  const address = http.server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    async drain() {
      capacity.drain()
      const cut = setTimeout(() => http.server.closeAllConnections(), drainMilliseconds)
      // The log runs on meanwhile: a consume that is inside waits for its anchor.
      await http.close()
      clearTimeout(cut)
    },
  }
}

function openLog(data: DataFolder, organization: string, origin: string, logger: FastifyBaseLogger): Log {
  const { signer, logKeyId, vkey } = data.logKey
  return createLog({
    organization,
    origin,
    keys: [{ logKeyId, vkey }],
    signer,
    store: data.store,
    tiles: data.tiles,
    anchor: data.anchor,
    // One running process, never the same name twice: a killed one is waited for until its lease has passed.
    holder: `${hostname()}:${process.pid}:${randomUUID()}`,
    leaseMilliseconds: 3_000,
    clock: Date.now,
    schedule: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds)
      return () => clearTimeout(timer)
    },
    onFault: (fault) => logger.error({ err: fault }, 'the log retries after a fault'),
  })
}

/** What an operator should know at once (EP-SM-3, EP-DIR-2). */
function tellOperator(log: Log, anchorStands: 'same_device' | 'separate', logger: FastifyBaseLogger): void {
  if (anchorStands === 'same_device')
    logger.warn(
      'the anchor is on the same device as the database: it survives a restored database, not a restored disk',
    )
  const head = log.derived().head?.head
  if (head === undefined) {
    logger.warn('no directory head is published yet: nothing can be authorized')
    return
  }
  const { warning, valid_until } = headHealth(head, Date.now())
  if (warning !== undefined) logger.warn({ valid_until }, warning)
}
