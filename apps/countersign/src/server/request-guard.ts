import { contract, type RouteName } from '@countersign/adapters/http/contract'
import type { Route } from '@countersign/adapters/http/route'
import type { Store } from '@countersign/engine/ports/store'
import { Refusal } from '@countersign/pure/core/refusal'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { authenticate, type Caller } from './api-keys.js'
import type { Capacity } from './capacity.js'
import { forbidden } from './decisions.js'
import { Fault } from './fault.js'
import { readIntegers } from './validation.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: RouteName
  }
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

export interface GuardOptions {
  readonly organization: string
  readonly store: Store
  /** Why nothing may be answered (EP-SM-4). */
  readonly halted: () => Error | null
  readonly capacity: Capacity
  /** Requests in a minute: with one key, and with wrong keys from one address. */
  readonly perMinute: { readonly key: number; readonly failures: number }
  /** C2SP clients without a key may read `/log`. */
  readonly publicLog: boolean
}

/** What every request passes before its body is read: a place, a database to trust, a key, its rate, its role. */
export function guardRequests(server: FastifyInstance, options: GuardOptions): void {
  const { organization, store, halted, capacity, perMinute, publicLog } = options
  const timeWindow = 60_000
  const ofKey = server.createRateLimit({
    max: perMinute.key,
    timeWindow,
    keyGenerator: (request) => request.caller!.keyId,
  })
  const ofFailures = server.createRateLimit({ max: perMinute.failures, timeWindow })

  const authenticated = async (request: FastifyRequest): Promise<Caller> => {
    try {
      return await authenticate(store, organization, bearerOf(request))
    } catch (error) {
      // Only failures count against an address, so that nobody can use up the share of others behind the same one.
      if (error instanceof Refusal) requireWithin(await ofFailures(request))
      throw error
    }
  }

  server.decorateRequest('caller', undefined)
  server.addHook('onRequest', async (request, reply) => {
    const route = routeOf(request)
    if (route === undefined || route.roles === 'public') return
    capacity.enter(reply.raw)
    const found = halted()
    if (found !== null) throw found
    if (publicLog && route.path.startsWith('/log/')) return
    request.caller = await authenticated(request)
    requireWithin(await ofKey(request))
    if (!route.roles.includes(request.caller.role)) throw forbidden('api_key_role_insufficient', '')
  })
  server.addHook('onSend', async (_, reply) => {
    // A connection that stays open after its last answer would hold up the end of the process.
    if (capacity.draining) reply.header('connection', 'close')
  })
  server.addHook('preValidation', async (request) => {
    const route = routeOf(request)
    if (route?.body !== undefined && request.body === undefined) throw new Refusal('request_body_missing')
    if (route?.query !== undefined) request.query = readIntegers(request.query, route.query)
  })
}

function routeOf(request: FastifyRequest): Route | undefined {
  const { operation } = request.routeOptions.config
  return operation === undefined ? undefined : contract[operation]
}

function bearerOf(request: FastifyRequest): string {
  const header = request.headers.authorization
  if (header === undefined) throw new Refusal('api_key_missing')
  const match = /^Bearer +(\S+)$/i.exec(header)
  if (match === null) throw new Refusal('api_key_invalid')
  return match[1]!
}

interface Limited {
  readonly isAllowed: boolean
  readonly isExceeded?: boolean
  readonly ttlInSeconds?: number
}

function requireWithin({ isAllowed, isExceeded, ttlInSeconds }: Limited): void {
  if (!isAllowed && isExceeded === true) throw new Fault(429, 'request_rate_too_large', Math.max(1, ttlInSeconds ?? 1))
}
