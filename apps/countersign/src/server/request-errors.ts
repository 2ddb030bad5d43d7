import { randomUUID } from 'node:crypto'
import { type Problem, problemOf } from '@countersign/adapters/http/problem'
import type { RefusalKind } from '@countersign/engine/authorization/codes'
import { LogHalted, TileDamaged } from '@countersign/engine/log/halt'
import { JudgeFault } from '@countersign/engine/ports/receipt-judge'
import { StoreFault } from '@countersign/engine/ports/store'
import { Refusal } from '@countersign/pure/core/refusal'
import type { FastifyBaseLogger } from 'fastify'
import { Refused } from './decisions.js'
import { Fault } from './fault.js'

export interface ProblemAnswer {
  readonly problem: Problem
  /** Seconds. */
  readonly retryAfter?: number
}

const kindStatus: { readonly [kind in RefusalKind]: number } = {
  invalid: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  unprocessable: 422,
  unavailable: 503,
}

/** What a reader finds missing rather than out of order. */
const refusedStatus: { readonly [code: string]: number } = { directory_head_missing: 404 }

/** Refusals that pass by themselves, so that asking again helps. */
const passing: ReadonlySet<string> = new Set([
  'log_anchor_unavailable',
  'directory_head_unavailable',
  'authorization_contention_too_large',
])

/** Refusals of the interface itself that are not simply a malformed request. */
const codeStatus: { readonly [code: string]: number } = {
  api_key_missing: 401,
  api_key_invalid: 401,
  json_size_too_large: 413,
  request_body_type_unsupported: 415,
}

const frameworkCodes: { readonly [code: string]: readonly [status: number, code: string] } = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'json_size_too_large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'request_body_type_unsupported'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'request_body_length_mismatch'],
  FST_ERR_BAD_URL: [400, 'request_path_malformed'],
  FST_ERR_MAX_PARAM_LENGTH: [400, 'request_path_malformed'],
  FST_ERR_HANDLER_TIMEOUT: [503, 'request_answer_unavailable'],
}

/** What a request that was not carried out is answered. What is no refusal and no fault is a bug: it gets an id, and a line in the log. */
export function answerTo(error: unknown, log: FastifyBaseLogger): ProblemAnswer {
  if (error instanceof Refused) {
    const { kind, code, at, info } = error.refusal
    const status = refusedStatus[code] ?? kindStatus[kind]
    const problem = problemOf(status, code, at, info === undefined ? {} : { info })
    return passing.has(code) ? { problem, retryAfter: 1 } : { problem }
  }
  if (error instanceof Refusal) return { problem: problemOf(codeStatus[error.code] ?? 400, error.code, error.at) }
  if (error instanceof Fault) return withRetry(problemOf(error.status, error.code), error.retryAfter)
  if (
    error instanceof StoreFault ||
    error instanceof JudgeFault ||
    error instanceof TileDamaged ||
    error instanceof LogHalted
  )
    return faultAnswer(error, log)
  const known = frameworkCodes[(error as { code?: string }).code ?? '']
  if (known !== undefined) return withRetry(problemOf(...known), known[0] === 503 ? 1 : undefined)
  const errorId = randomUUID()
  log.error({ err: error, error_id: errorId }, 'a bug')
  return { problem: problemOf(500, 'internal_error', '', { error_id: errorId }) }
}

/** Why the octets of a connection were no request; there is no request to hang a problem on. */
export function connectionProblem(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problemOf(408, 'request_expired')
  if (code === 'HPE_HEADER_OVERFLOW') return problemOf(431, 'request_headers_too_large')
  return problemOf(400, 'request_malformed')
}

function faultAnswer(error: StoreFault | JudgeFault | TileDamaged | LogHalted, log: FastifyBaseLogger): ProblemAnswer {
  log.error({ err: error }, 'a fault')
  // An operator has to rule on it (EP-SM-4): nobody is asked to come back.
  if (error instanceof LogHalted) return { problem: problemOf(503, error.code) }
  if (error instanceof TileDamaged) return { problem: problemOf(503, error.code), retryAfter: 1 }
  if (error instanceof JudgeFault) return { problem: problemOf(503, 'judge_unavailable'), retryAfter: 1 }
  const code = error.retry === 'safe' ? 'store_unavailable' : 'request_answer_unavailable'
  return { problem: problemOf(503, code), retryAfter: 1 }
}

function withRetry(problem: Problem, retryAfter: number | undefined): ProblemAnswer {
  return retryAfter === undefined ? { problem } : { problem, retryAfter }
}
