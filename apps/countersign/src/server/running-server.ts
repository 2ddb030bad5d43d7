import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { openApiDocument } from '@countersign/adapters/http/openapi'
import { createAuthorizations } from '@countersign/engine/authorization/authorizations'
import { LogHalted } from '@countersign/engine/log/halt'
import { createLog, type Log } from '@countersign/engine/log/log'
import type { FastifyBaseLogger } from 'fastify'
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
import { createMetrics, type Metrics } from './metrics.js'
import { onlyGroup, readOrganizationFile, trustFileOf } from './organization-file.js'

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
  const { organization, origin } = readOrganizationFile(options.organizationFile)
  const data = await openDataFolder({
    folder: options.data,
    ...(options.anchor === undefined ? {} : { anchor: options.anchor }),
    origin,
    segment: organization.split(':').at(-1)!,
    logKeyPassphrase: options.logKeyPassphrase,
  })
  try {
    return await startOn(data, organization, origin, options, logger)
  } catch (error) {
    await data.store.close()
    throw error
  }
}

async function startOn(
  data: DataFolder,
  organization: string,
  origin: string,
  options: ServerOptions,
  logger: FastifyBaseLogger,
): Promise<RunningServer> {
  const { store, logKey, anchorStands } = data
  const { logKeyId, vkey } = logKey
  const trustFile = trustFileOf(options.organizationFile, [{ log_key_id: logKeyId, vkey }])
  const log = openLog(data, organization, origin, logger)
  // The guard (EP-SM-4) stands before the first socket.
  await log.start()
  const service = createAuthorizations({
    organization,
    store,
    log,
    trust: onlyGroup(trustFile),
    display: { surface: 'client' },
    anchorStands,
  })
  const capacity = new Capacity(options.maxInFlight ?? 512)
  const metrics = createMetrics()
  watch(metrics, log, capacity)
  const address = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}`
  const openApi = openApiDocument(options.version, options.publicUrl ?? address) as { openapi: string }
  const about = { version: options.version, organization, origin, anchor: anchorStands }
  const access = new Access(new ExecutorSystems(service))
  const http = await buildHttpServer({
    organization,
    store,
    log,
    capacity,
    metrics,
    logger,
    perMinute: options.perMinute ?? { key: 6_000, failures: 60 },
    publicLog: options.publicLog,
    handlers: {
      ...authorizationHandlers(service, access),
      ...receiptHandlers(service, access),
      ...directoryHandlers(service, new HeadChain(organization, store, log)),
      ...logHandlers(log, data.tiles),
      ...serviceHandlers(about, log, capacity, metrics, openApi),
    },
  })
  const stopGuard = guardOnTimer(log, (options.guardSeconds ?? 600) * 1000, logger)
  await http.listen({ host: options.host, port: options.port })
  tellOperator(log, anchorStands, logger)
  const { port } = http.server.address() as AddressInfo
  return {
    url: `${address}:${port}`,
    trustFile,
    log,
    async stop() {
      capacity.drain()
      stopGuard()
      const cut = setTimeout(() => http.server.closeAllConnections(), drainMilliseconds)
      // The log runs on until the last answer has left: a consume that is inside waits for its anchor.
      await http.close()
      clearTimeout(cut)
      await log.stop()
      await store.close()
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

/** EP-SM-4, on a timer: everything is read again. What it finds stops the log, and with it every answer. */
function guardOnTimer(log: Log, milliseconds: number, logger: FastifyBaseLogger): () => void {
  const timer = setInterval(async () => {
    if (log.halted() !== null) return
    try {
      await log.check()
    } catch (error) {
      const halted = error instanceof LogHalted
      logger.error(
        { err: error },
        halted ? 'the database contradicts its anchor: nothing is served' : 'the guard failed',
      )
    }
  }, milliseconds)
  return () => clearInterval(timer)
}

function watch(metrics: Metrics, log: Log, capacity: Capacity): void {
  const whileRunning = (read: () => number) => () => (log.halted() === null ? read() : 0)
  metrics.gauge('countersign_http_requests_in_flight', 'Requests being answered.', () => capacity.busy)
  metrics.gauge('countersign_log_halted', '1 once the log has stopped.', () => (log.halted() === null ? 0 : 1))
  metrics.gauge(
    'countersign_log_tree_size',
    'Entries under the newest anchored checkpoint.',
    whileRunning(() => log.newestAnchored()?.treeSize ?? 0),
  )
  metrics.gauge(
    'countersign_directory_head_expires_in_days',
    'Days until the directory head in effect ends.',
    whileRunning(() => {
      const head = log.derived().head?.head
      return head === undefined ? 0 : headHealth(head, Date.now()).expires_in_days
    }),
  )
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
