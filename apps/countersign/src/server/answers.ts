import { type Problem, problemContentType } from '@countersign/adapters/http/problem'
import type { Route } from '@countersign/adapters/http/route'
import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonValue } from '@countersign/pure/core/json'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerTo, connectionProblem } from './request-errors.js'

/** What a handler answers, whatever its route. */
export interface AnyReply {
  readonly status: number
  readonly body: unknown
  readonly retryAfter?: number
  readonly immutable?: boolean
}

const reasons: { readonly [status: number]: string } = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

/** JSON leaves in canonical form: two answers with the same value are the same octets. */
export function sendReply(route: Route, answer: AnyReply, reply: FastifyReply): FastifyReply {
  const { status, body, retryAfter, immutable } = answer
  const type = route.answers[status]?.contentType
  reply.code(status)
  // Without `public` a shared cache keeps only what was asked for without a key.
  reply.header('cache-control', immutable === true ? 'max-age=31536000, immutable' : 'no-store')
  reply.header('content-type', type ?? 'application/json')
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  return reply.send(Buffer.from(type === undefined ? canonicalString(body as JsonValue) : (body as Uint8Array)))
}

/** Every no, from whatever place, leaves through here. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { problem, retryAfter } = answerTo(error, request.log)
  reply.code(problem.status)
  reply.header('cache-control', 'no-store')
  reply.header('content-type', problemContentType)
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  return reply.send(Buffer.from(JSON.stringify(problem satisfies Problem)))
}

/** The answer to octets that were no request, as it goes over the socket. */
export function rawProblem(code: string | undefined): string {
  const problem = connectionProblem(code)
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${reasons[problem.status]}`,
    `content-type: ${problemContentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
