import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type JudgePool, openJudgePool } from '@countersign/adapters/verification/judge-pool'
import { createAuthorizations } from '@countersign/engine/authorization/create-authorizations'
import { createLog, type Log } from '@countersign/engine/log/log'
import type { FastifyBaseLogger } from 'fastify'
import { segmentOf } from '../cli/identifiers.js'
import { type DataFolder, openDataFolder } from './data-folder.js'
import { headHealth } from './handlers/service.js'
import { listen } from './listen.js'
import { onlyGroup, readOrganizationFile, trustFileOf } from './organization-file.js'
import { RollbackGuard } from './rollback-guard.js'
import type { ServerOptions } from './server-options.js'

export interface RunningServer {
  readonly url: string
  /** The trust file that the organization's pins and this server's log key make. */
  readonly trustFile: Uint8Array
  readonly log: Log
  /** Answers what is inside, finishes the log's pass, and closes the database. */
  stop(): Promise<void>
}

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
    organizationFile: options.organizationFile,
    segment: segmentOf(pins.organization),
    logKeyPassphrase: options.logKeyPassphrase,
  })
  const { logKeyId, vkey } = data.logKey
  let judge: JudgePool | undefined
  try {
    const trustFile = trustFileOf(options.organizationFile, [{ log_key_id: logKeyId, vkey }])
    judge = await openJudgePool({ trust: trustFile, organization: pins.organization })
    return await startOn(data, trustFile, judge, pins, options, logger)
  } catch (error) {
    await judge?.close()
    await data.store.close()
    throw error
  }
}

async function startOn(
  data: DataFolder,
  trustFile: Uint8Array,
  judge: JudgePool,
  { organization, origin }: { readonly organization: string; readonly origin: string },
  options: ServerOptions,
  logger: FastifyBaseLogger,
): Promise<RunningServer> {
  const { store, anchorStands } = data
  const log = openLog(data, organization, origin, logger)
  const service = createAuthorizations({
    organization,
    store,
    log,
    trust: onlyGroup(trustFile),
    judge,
    display: { surface: 'client' },
    anchorStands,
  })
  const guard = new RollbackGuard(log, service)
  // EP-SM-4 stands before the first socket.
  await log.start()
  try {
    await guard.checkDirectory()
    const http = await listen({ ...options, organization, origin }, data, log, service, guard, logger)
    tellOperator(log, anchorStands, options.host, logger)
    const stopGuard = guard.onTimer((options.guardSeconds ?? 600) * 1000, logger)
    return {
      url: http.url,
      trustFile,
      log,
      async stop() {
        stopGuard()
        await http.drain()
        await judge.close()
        await log.stop()
        await store.close()
      },
    }
  } catch (error) {
    await log.stop()
    throw error
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
function tellOperator(
  log: Log,
  anchorStands: 'same_device' | 'separate',
  host: string,
  logger: FastifyBaseLogger,
): void {
  if (!['127.0.0.1', '::1', 'localhost'].includes(host))
    logger.warn({ host }, 'API keys travel in the clear: put a proxy that speaks TLS in front')
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
