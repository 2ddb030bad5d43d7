import type { AddressInfo } from 'node:net'
import { openApiDocument } from '@countersign/adapters/http/openapi'
import type { Authorizations } from '@countersign/engine/authorization/service'
import type { Log } from '@countersign/engine/log/log'
import type { FastifyBaseLogger } from 'fastify'
import { Access } from './access.js'
import { Capacity } from './capacity.js'
import type { DataFolder } from './data-folder.js'
import { ExecutorSystems } from './executor-systems.js'
import { authorizationHandlers } from './handlers/authorizations.js'
import { directoryHandlers } from './handlers/directory.js'
import { logHandlers } from './handlers/log.js'
import { receiptHandlers } from './handlers/receipts.js'
import { serviceHandlers } from './handlers/service.js'
import { HeadChain } from './head-chain.js'
import { buildHttpServer } from './http-server.js'
import { createMetrics } from './metrics.js'
import type { RollbackGuard } from './rollback-guard.js'
import type { ServerOptions } from './server-options.js'
import { watch } from './watch.js'

const drainMilliseconds = 25_000

/** Puts the handlers on a socket. `drain` answers what is inside and ends. */
export async function listen(
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
