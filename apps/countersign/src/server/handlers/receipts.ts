import type { receiptRoutes } from '@countersign/adapters/http/contract/receipts'
import type { Decision } from '@countersign/engine/authorization/decision'
import type { Authorizations } from '@countersign/engine/authorization/service'
import type { Access } from '../access.js'
import { accepted, forbidden, moment } from '../decisions.js'
import type { Handlers } from '../exchange.js'

/** Even a reader who does not want to wait gives the database the time to answer. */
const leastMilliseconds = 250

export function receiptHandlers(service: Authorizations, access: Access): Handlers<keyof typeof receiptRoutes> {
  return {
    async getReceipt({ caller, params, query }) {
      const receipt = await within(query?.wait, service.receipt({ receiptId: params.id }, moment()))
      if (receipt === undefined) return notYet
      await access.toReceipt(caller, receipt)
      return { status: 200, body: receipt }
    },
    async getDenial({ caller, params, query }) {
      const record = await within(query?.wait, service.denial({ denialId: params.id }, moment()))
      if (record === undefined) return notYet
      await access.toDenial(caller, record)
      return { status: 200, body: record }
    },
    async reportOutcome({ caller, body: sealed, bytes }) {
      const named = (sealed as { body?: { executor_id?: unknown } }).body?.executor_id
      if (typeof named === 'string' && named !== caller.subject)
        throw forbidden('api_key_subject_mismatch', '/body/executor_id')
      return { status: 201, body: accepted(await service.outcome({ body: bytes }, moment())) }
    },
    async getOutcome({ caller, params }) {
      const receiptId = params.id
      await access.toReceipt(caller, accepted(await service.receipt({ receiptId }, moment())))
      return { status: 200, body: accepted(await service.outcomeOf({ receiptId }, moment())) }
    },
  }
}

const notYet = { status: 202, body: { status: 'not_anchored' }, retryAfter: 1 } as const

/** The value, or undefined if it is not anchored in that time (EP-SM-3). What is asked for goes on in the engine. */
async function within<T>(seconds: number | undefined, asked: Promise<Decision<T>>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max((seconds ?? 0) * 1000, leastMilliseconds))
  })
  try {
    const decision = await Promise.race([asked, late])
    if (decision === undefined || (!decision.ok && decision.refusal.code === 'log_anchor_unavailable')) return undefined
    return accepted(decision)
  } finally {
    clearTimeout(timer)
  }
}
