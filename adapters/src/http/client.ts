import { concatBytes } from '@countersign/pure/core/bytes'
import { parseJson } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import { type Contract, contract, type RouteName } from './contract.js'
import type { Problem } from './problem.js'
import type { AnswerOf, RequestOf, Route } from './route.js'

export interface ClientOptions {
  /** Origin of the server, with a path prefix if there is one. */
  readonly url: string
  /** `csk_...`; absent for public operations. */
  readonly key?: string
  /** For one exchange. */
  readonly timeoutMilliseconds?: number
  /** For all exchanges of one call, waiting included. */
  readonly deadlineMilliseconds?: number
  readonly fetch?: typeof fetch
}

export interface Reply<T> {
  readonly status: number
  readonly value: T
  /** The body as received: what a verifier is given. */
  readonly bytes: Uint8Array
}

/** The server said no; `code` and `at` are stable. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly status: number
  readonly code: string
  readonly at: string
  readonly problem: Problem

  constructor(problem: Problem) {
    super(`${problem.code}${problem.at === '' ? '' : ` at ${problem.at}`}: ${problem.title}`)
    this.status = problem.status
    this.code = problem.code
    this.at = problem.at
    this.problem = problem
  }
}

/** No answer came, or none that is ours, until the deadline. Whether a POST took effect is in doubt: the same call again tells. */
export class HttpUnanswered extends Error {
  override readonly name = 'HttpUnanswered'
}

export interface Client {
  /**
   * Calls one operation. What says "later" (202, 429, 503) and lost answers are tried again until the deadline; every operation
   * may be repeated, because each POST carries what makes it one: a nonce, an Idempotency-Key, a consume_id, a signature.
   *
   * @throws HttpProblem, HttpUnanswered
   */
  call<N extends RouteName>(name: N, ...request: Arguments<Contract[N]>): Promise<Reply<AnswerOf<Contract[N]>>>
}

type Arguments<R extends Route> =
  Record<string, never> extends RequestOf<R> ? [request?: RequestOf<R>] : [request: RequestOf<R>]

/** Any request, untyped: what the typed ones are made of. */
interface AnyRequest {
  readonly params?: { readonly [name: string]: string | number }
  readonly query?: { readonly [name: string]: string | number | undefined }
  readonly headers?: { readonly [name: string]: string | undefined }
  readonly body?: unknown
}

type Exchange = { readonly reply: Reply<unknown> } | { readonly later: number; readonly why: Error }

const maxAnswerOctets = 64 * 1024 * 1024
const maxPauseMilliseconds = 5_000

export function httpClient(options: ClientOptions): Client {
  const timeout = options.timeoutMilliseconds ?? 30_000
  const deadline = options.deadlineMilliseconds ?? 60_000
  return {
    async call(name, ...[request]) {
      const route: Route = contract[name]
      const end = Date.now() + deadline
      for (let attempt = 0; ; attempt++) {
        const exchange = await send(options, route, (request ?? {}) as AnyRequest, timeout, attempt)
        if ('reply' in exchange) return exchange.reply as Reply<never>
        if (Date.now() + exchange.later >= end) throw exchange.why
        await new Promise((resolve) => setTimeout(resolve, exchange.later))
      }
    },
  }
}

async function send(
  options: ClientOptions,
  route: Route,
  request: AnyRequest,
  timeout: number,
  attempt: number,
): Promise<Exchange> {
  let response: Response
  let bytes: Uint8Array
  try {
    response = await (options.fetch ?? fetch)(addressOf(options.url, route, request), {
      method: route.method,
      headers: headersOf(options.key, request),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      // Not followed, and no answer either: the key would go wherever it leads.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    })
    bytes = await readBounded(response)
  } catch (cause) {
    if (cause instanceof HttpUnanswered) throw cause
    return { later: pause(null, attempt), why: new HttpUnanswered('no answer from the server', { cause }) }
  }
  const after = response.headers.get('retry-after')
  const { status } = response
  if (status === 202) return { later: pause(after, attempt), why: new HttpUnanswered('the answer is not there yet') }
  if (status >= 400) {
    const why = problemFrom(status, bytes)
    // Without Retry-After waiting changes nothing: somebody has to act.
    if (status === 429 || (status === 503 && after !== null)) return { later: pause(after, attempt), why }
    throw why
  }
  return { reply: { status, bytes, value: readAnswer(route, status, bytes) } }
}

function readAnswer(route: Route, status: number, bytes: Uint8Array): unknown {
  const answer = route.answers[status]
  if (answer === undefined) throw new HttpUnanswered(`an answer with status ${status} is not part of the interface`)
  if (answer.contentType !== undefined) return bytes
  try {
    return parseJson(bytes, { maxBytes: maxAnswerOctets }).value
  } catch (cause) {
    if (cause instanceof Refusal) throw new HttpUnanswered('the answer is not strict JSON', { cause })
    throw cause
  }
}

function problemFrom(status: number, bytes: Uint8Array): HttpProblem | HttpUnanswered {
  try {
    const read = parseJson(bytes).value as Partial<Problem> | null
    if (typeof read?.code === 'string' && typeof read.at === 'string' && typeof read.title === 'string')
      return new HttpProblem({ ...(read as Problem), status })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
  return new HttpUnanswered(`something on the way to the server answered with status ${status}`)
}

function addressOf(url: string, route: Route, { params = {}, query = {} }: AnyRequest): string {
  const path = route.path.replace(/\{([^}]+)\}/g, (_, name: string) =>
    name === '*' ? String(params[name]) : encodeURIComponent(String(params[name])),
  )
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return `${url.replace(/\/+$/, '')}${path}${search.size === 0 ? '' : `?${search}`}`
}

function headersOf(key: string | undefined, { headers = {}, body }: AnyRequest): Headers {
  const all = new Headers()
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) all.set(name, value)
  if (key !== undefined) all.set('authorization', `Bearer ${key}`)
  if (body !== undefined) all.set('content-type', 'application/json')
  return all
}

/** The server's wish, bounded; without one, longer from attempt to attempt. Jitter keeps many clients from returning at once. */
function pause(retryAfter: string | null, attempt: number): number {
  const wished = retryAfter !== null && /^[0-9]{1,4}$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined
  const milliseconds = Math.min(wished ?? 100 * 2 ** Math.min(attempt, 6), maxPauseMilliseconds)
  return milliseconds / 2 + (milliseconds / 2) * Math.random()
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > maxAnswerOctets) throw new HttpUnanswered('the answer is too large')
    chunks.push(chunk)
  }
  return concatBytes(...chunks)
}
