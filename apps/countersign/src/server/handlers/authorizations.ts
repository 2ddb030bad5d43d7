import type { authorizationRoutes } from '@countersign/adapters/http/contract/authorizations'
import type { Authorizations, AuthorizationView } from '@countersign/engine/authorization/service'
import type { Access } from '../access.js'
import type { Caller } from '../api-keys.js'
import { accepted, forbidden, moment, Refused } from '../decisions.js'
import type { Handlers } from '../exchange.js'
import { paging } from '../paging.js'

export function authorizationHandlers(
  service: Authorizations,
  access: Access,
): Handlers<keyof typeof authorizationRoutes> {
  const visible = async (id: string, caller: Caller): Promise<AuthorizationView> => {
    const view = accepted(await service.get({ id }, moment()))
    await access.toAuthorization(caller, view)
    return view
  }
  return {
    async requestAuthorization({ caller, headers, bytes }) {
      const command = { caller: caller.subject!, body: bytes, idempotencyKey: headers['idempotency-key'] }
      const answer = accepted(await service.request(command, moment()))
      return answer.decision === 'require' ? { status: 201, body: answer } : { status: 200, body: answer }
    },
    async listAuthorizations({ caller, query }) {
      const own = caller.role === 'initiator' ? { initiator: caller.subject! } : {}
      return { status: 200, body: accepted(await service.list({ ...paging(query), ...own }, moment())) }
    },
    async listApprovals({ caller, query }) {
      const command = { ...paging(query), approver: caller.subject! }
      return { status: 200, body: accepted(await service.pendingFor(command, moment())) }
    },
    async getAuthorization({ caller, params }) {
      return { status: 200, body: await visible(params.id, caller) }
    },
    async getContexts({ caller, params }) {
      await visible(params.id, caller)
      return { status: 200, body: accepted(await service.contextsOf(params, moment())) }
    },
    async signOff({ caller, params, bytes }) {
      await visible(params.id, caller)
      const command = { id: params.id, approver: caller.subject!, body: bytes }
      return { status: 201, body: accepted(await service.signoff(command, moment())) }
    },
    async deny({ caller, params, bytes }) {
      await visible(params.id, caller)
      const command = { id: params.id, approver: caller.subject!, body: bytes }
      return { status: 201, body: accepted(await service.deny(command, moment())) }
    },
    async getBundle({ caller, params }) {
      await visible(params.id, caller)
      return { status: 200, body: accepted(await service.bundle(params, moment())) }
    },
    async consume({ caller, params, body: sealed, bytes }) {
      const { nonce } = await visible(params.id, caller)
      // The seal is what authenticates; that key and path name the same executor and attempt keeps mistakes from looking like attacks.
      // A member that is missing or malformed is left to the parser, which refuses it under its own code.
      const named = (sealed as { body?: { executor_id?: unknown; nonce?: unknown } }).body
      if (typeof named?.executor_id === 'string' && named.executor_id !== caller.subject)
        throw forbidden('api_key_subject_mismatch', '/body/executor_id')
      if (typeof named?.nonce === 'string' && named.nonce !== nonce)
        throw new Refused({ code: 'consume_authorization_mismatch', at: '/body/nonce', kind: 'unprocessable' })
      return { status: 200, body: accepted(await service.consume({ body: bytes }, moment())) }
    },
  }
}
