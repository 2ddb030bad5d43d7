import type { directoryRoutes } from '@countersign/adapters/http/contract/directory'
import type { Authorizations } from '@countersign/engine/authorization/service'
import { Refusal } from '@countersign/pure/core/refusal'
import { accepted, moment } from '../decisions.js'
import type { Handlers } from '../exchange.js'
import type { HeadChain } from '../head-chain.js'
import { paging } from '../paging.js'

export function directoryHandlers(service: Authorizations, chain: HeadChain): Handlers<keyof typeof directoryRoutes> {
  return {
    async publishHead({ bytes }) {
      return { status: 201, body: accepted(await service.publish({ body: bytes }, moment())) }
    },
    async getHead() {
      return { status: 200, body: accepted(await service.head({}, moment())) }
    },
    async listHeads({ query }) {
      const { after = '0', limit } = paging(query)
      if (!/^(0|[1-9][0-9]{0,8})$/.test(after)) throw new Refusal('request_query_malformed', '/after')
      const from = Number(after)
      const { items, more } = await chain.page(from, limit)
      return { status: 200, body: more ? { items, next: String(from + limit) } : { items } }
    },
    async listEntries({ query }) {
      return { status: 200, body: accepted(await service.entries(paging(query), moment())) }
    },
    async getProof({ params }) {
      return { status: 200, body: accepted(await service.proof({ entryHash: params.entry_hash }, moment())) }
    },
    async getPolicyInForce({ query }) {
      return {
        status: 200,
        body: accepted(await service.policyInForce({ actionType: query.action_type }, moment())),
      }
    },
    async getPolicy({ params }) {
      return { status: 200, body: accepted(await service.policy({ policyId: params.policy_id }, moment())) }
    },
  }
}
