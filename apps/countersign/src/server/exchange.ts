import type { Contract, RouteName } from '@countersign/adapters/http/contract'
import type { RequestOf, Route, Static, TSchema } from '@countersign/adapters/http/route'
import type { Caller } from './api-keys.js'

/** A request that was parsed, validated and authenticated. */
export type Call<R extends Route> = RequestOf<R> & {
  readonly caller: R['roles'] extends 'public' ? undefined : Caller
  /** The body as received: engines parse artifacts themselves. */
  readonly bytes: Uint8Array
}

/** One of the answers that the contract gives to a route. */
export type ReplyOf<R extends Route> = {
  [S in keyof R['answers']]: {
    readonly status: S
    readonly body: R['answers'][S] extends { schema: infer T extends TSchema } ? Static<T> : never
    /** Seconds. */
    readonly retryAfter?: number
    /** Of something that never changes. */
    readonly immutable?: boolean
  }
}[keyof R['answers']]

export type Handlers<Names extends RouteName> = {
  readonly [N in Names]: (call: Call<Contract[N]>) => Promise<ReplyOf<Contract[N]>>
}
