import { contract, type RouteName } from '@countersign/adapters/http/contract'
import { defaultBodyLimit, type Route } from '@countersign/adapters/http/route'
import rateLimit from '@fastify/rate-limit'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { type AnyReply, rawProblem, sendProblem, sendReply } from './answers.js'
import type { Handlers } from './exchange.js'
import { Fault } from './fault.js'
import { parseBodiesStrictly } from './json-body.js'
import type { Metrics } from './metrics.js'
import { type GuardOptions, guardRequests } from './request-guard.js'
import { schemaRefusal, strictAjv } from './validation.js'

export interface HttpOptions extends GuardOptions {
  readonly handlers: Handlers<RouteName>
  readonly metrics: Metrics
  readonly logger: FastifyBaseLogger
  /** How long a request may take to arrive whole; 15 000 if absent. */
  readonly receiveMilliseconds?: number
}

/** The interface over sockets: every route of the contract, nothing else. It decides nothing; handlers do. */
export async function buildHttpServer(options: HttpOptions): Promise<FastifyInstance> {
  const { receiveMilliseconds = 15_000 } = options
  const server: FastifyInstance = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    ajv: strictAjv,
    bodyLimit: defaultBodyLimit,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // A request that comes octet by octet holds a socket at most so long; an answer may wait for the anchor.
    requestTimeout: receiveMilliseconds,
    http: { connectionsCheckingInterval: receiveMilliseconds / 3 },
    keepAliveTimeout: 30_000,
    handlerTimeout: 40_000,
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(rawProblem(error.code))
    },
    frameworkErrors: sendProblem,
    schemaErrorFormatter: schemaRefusal,
  })
  parseBodiesStrictly(server)
  await server.register(rateLimit, { global: false })
  guardRequests(server, options)
  count(server, options.metrics)
  server.setErrorHandler(sendProblem)
  server.setNotFoundHandler((request, reply) => {
    const methods = methodsAt(request.url)
    if (methods.length === 0) return sendProblem(new Fault(404, 'route_unknown'), request, reply)
    reply.header('allow', methods.join(', '))
    return sendProblem(new Fault(405, 'route_method_unsupported'), request, reply)
  })
  for (const name of Object.keys(contract) as RouteName[]) addRoute(server, name, options.handlers)
  return server
}

function addRoute(server: FastifyInstance, name: RouteName, handlers: Handlers<RouteName>): void {
  const route: Route = contract[name]
  const handle = handlers[name] as (call: unknown) => Promise<AnyReply>
  server.route({
    method: route.method,
    url: route.path.replace('{*}', '*').replace(/\{([^}]+)\}/g, ':$1'),
    config: { operation: name },
    bodyLimit: route.bodyLimit ?? defaultBodyLimit,
    schema: {
      ...(route.params === undefined ? {} : { params: route.params }),
      querystring: route.query ?? { type: 'object', additionalProperties: false },
      ...(route.headers === undefined ? {} : { headers: route.headers }),
      ...(route.body === undefined ? {} : { body: route.body }),
    },
    handler: async ({ params, query, headers, body, caller, bodyBytes }, reply) =>
      sendReply(route, await handle({ params, query, headers, body, caller, bytes: bodyBytes }), reply),
  })
}

/** One line and one count for each answer; what was in the request stands in neither. */
function count(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.config.operation ?? 'unknown'
    metrics.answered(route, reply.statusCode, reply.elapsedTime / 1000)
    const line = { route, status: reply.statusCode, ms: Math.round(reply.elapsedTime), key_id: request.caller?.keyId }
    request.log.info(line, 'answered')
  })
}

const paths = Object.values<Route>(contract).map(({ method, path }) => ({
  method,
  form: new RegExp(`^${path.replace('{*}', '.+').replace(/\{[^}]+\}/g, '[^/]+')}$`),
}))

/** The methods of the routes at a path. */
function methodsAt(url: string): string[] {
  const path = url.split('?')[0]!
  return paths.filter(({ form }) => form.test(path)).map(({ method }) => method)
}
