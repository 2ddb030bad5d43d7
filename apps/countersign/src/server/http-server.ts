import { contract, type RouteName } from '@countersign/adapters/http/contract'
import { type Problem, problemContentType } from '@countersign/adapters/http/problem'
import { defaultBodyLimit, type Route } from '@countersign/adapters/http/route'
import type { Log } from '@countersign/engine/log/log'
import type { Store } from '@countersign/engine/ports/store'
import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonValue } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import rateLimit from '@fastify/rate-limit'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { authenticate, type Caller } from './api-keys.js'
import type { Capacity } from './capacity.js'
import { forbidden } from './decisions.js'
import type { Handlers } from './exchange.js'
import { Fault } from './fault.js'
import { parseBodiesStrictly } from './json-body.js'
import type { Metrics } from './metrics.js'
import { answerTo, connectionProblem } from './request-errors.js'
import { readIntegers, schemaRefusal, strictAjv } from './validation.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: RouteName
  }
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

export interface HttpOptions {
  readonly organization: string
  readonly store: Store
  readonly log: Log
  readonly handlers: Handlers<RouteName>
  readonly capacity: Capacity
  readonly metrics: Metrics
  readonly logger: FastifyBaseLogger
  /** Requests in a minute: with one key, and with wrong keys from one address. */
  readonly perMinute: { readonly key: number; readonly failures: number }
  /** C2SP clients without a key may read `/log`. */
  readonly publicLog: boolean
}

/** The interface over sockets: every route of the contract, nothing else. It decides nothing; handlers do. */
export async function buildHttpServer(options: HttpOptions): Promise<FastifyInstance> {
  const server: FastifyInstance = Fastify({
    loggerInstance: options.logger,
    disableRequestLogging: true,
    ajv: strictAjv,
    bodyLimit: defaultBodyLimit,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // A header or a body that comes octet by octet holds a socket at most so long; an answer may wait for the anchor.
    requestTimeout: 15_000,
    keepAliveTimeout: 30_000,
    handlerTimeout: 40_000,
    clientErrorHandler: (error, socket) => {
      if (!socket.writable) return
      const problem = connectionProblem(error.code)
      const body = JSON.stringify(problem)
      socket.end(
        `HTTP/1.1 ${problem.status} ${problem.status === 408 ? 'Request Timeout' : 'Bad Request'}\r\ncontent-type: ${problemContentType}\r\n` +
          `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      )
    },
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
    schemaErrorFormatter: schemaRefusal,
  })
  parseBodiesStrictly(server)
  server.decorateRequest('caller', undefined)
  await server.register(rateLimit, { global: false, hook: 'onRequest' })
  guardRequests(server, options)
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply))
  server.setNotFoundHandler((request, reply) => {
    const allowed = methodsAt(request.url)
    if (allowed.length === 0) return sendError(new Fault(404, 'route_unknown'), request, reply)
    reply.header('allow', allowed.join(', '))
    return sendError(new Fault(405, 'route_method_unsupported'), request, reply)
  })
  for (const name of Object.keys(contract) as RouteName[]) addRoute(server, name, options.handlers)
  return server
}

/** What every request passes before its body is read. */
function guardRequests(server: FastifyInstance, options: HttpOptions): void {
  const { organization, store, log, capacity, metrics, perMinute } = options
  const ofKey = server.createRateLimit({
    max: perMinute.key,
    timeWindow: 60_000,
    keyGenerator: (request) => request.caller!.keyId,
  })
  const ofFailures = server.createRateLimit({ max: perMinute.failures, timeWindow: 60_000 })
  const isPublic = (route: Route) => route.roles === 'public' || (options.publicLog && route.path.startsWith('/log/'))

  server.addHook('onRequest', async (request, reply) => {
    const operation = request.routeOptions.config.operation
    if (operation === undefined) return
    const route: Route = contract[operation]
    if (route.roles === 'public') return
    capacity.enter(reply.raw)
    // EP-SM-4: nothing is answered from a database that contradicts its anchor.
    const halted = log.halted()
    if (halted !== null) throw halted
    if (isPublic(route)) return
    try {
      request.caller = await authenticate(store, organization, bearerOf(request))
    } catch (error) {
      // Only failures count against an address, so that nobody can use up the share of others behind the same one.
      if (error instanceof Refusal) requireWithin(await ofFailures(request))
      throw error
    }
    requireWithin(await ofKey(request))
    if (!route.roles.includes(request.caller.role)) throw forbidden('api_key_role_insufficient', '')
  })
  server.addHook('preValidation', async (request) => {
    const operation = request.routeOptions.config.operation
    if (operation === undefined) return
    const route: Route = contract[operation]
    if (route.body !== undefined && request.body === undefined) throw new Refusal('request_body_missing')
    if (route.query !== undefined) request.query = readIntegers(request.query, route.query)
  })
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.config.operation ?? 'unknown'
    metrics.answered(route, reply.statusCode, reply.elapsedTime / 1000)
    const line = { route, status: reply.statusCode, ms: Math.round(reply.elapsedTime), key_id: request.caller?.keyId }
    request.log.info(line, 'answered')
  })
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

interface AnyReply {
  readonly status: number
  readonly body: unknown
  readonly retryAfter?: number
  readonly immutable?: boolean
}

function sendReply(route: Route, { status, body, retryAfter, immutable }: AnyReply, reply: FastifyReply): FastifyReply {
  const type = route.answers[status]?.contentType
  reply.code(status)
  reply.header('cache-control', immutable === true ? 'public, max-age=31536000, immutable' : 'no-store')
  reply.header('content-type', type ?? 'application/json')
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  if (type !== undefined) return reply.send(Buffer.from(body as Uint8Array))
  return reply.send(Buffer.from(canonicalString(body as JsonValue)))
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { problem, retryAfter } = answerTo(error, request.log)
  reply.code(problem.status)
  reply.header('cache-control', 'no-store')
  reply.header('content-type', problemContentType)
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  return reply.send(Buffer.from(JSON.stringify(problem satisfies Problem)))
}

function bearerOf(request: FastifyRequest): string {
  const header = request.headers.authorization
  if (header === undefined) throw new Refusal('api_key_missing')
  const match = /^Bearer +(\S+)$/i.exec(header)
  if (match === null) throw new Refusal('api_key_invalid')
  return match[1]!
}

function requireWithin(limit: {
  readonly isAllowed: boolean
  readonly isExceeded?: boolean
  readonly ttlInSeconds?: number
}) {
  if (!limit.isAllowed && limit.isExceeded === true)
    throw new Fault(429, 'request_rate_too_large', Math.max(1, limit.ttlInSeconds ?? 1))
}

const paths = Object.values<Route>(contract).map(({ method, path }) => ({
  method,
  form: new RegExp(`^${path.replace('{*}', '.+').replace(/\{[^}]+\}/g, '[^/]+')}$`),
}))

function methodsAt(url: string): string[] {
  const path = url.split('?')[0]!
  return paths.filter(({ form }) => form.test(path)).map(({ method }) => method)
}
