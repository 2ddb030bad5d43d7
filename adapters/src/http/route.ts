import type { Static, TObject, TSchema } from 'typebox'

export type { Static, TObject, TSchema } from 'typebox'

/** What an API key may do; the first three are bound to one identity of the organization directory. */
export const roles = ['initiator', 'approver', 'executor', 'administrator', 'auditor'] as const
export type Role = (typeof roles)[number]

/** One answer of a route. Without a content type it is JSON. */
export interface Answer<S extends TSchema = TSchema> {
  readonly description: string
  readonly schema: S
  readonly contentType?: string
  /** Names of headers that stand in it. */
  readonly headers?: readonly string[]
}

/** One operation of the HTTP interface: what the server validates, the client sends, and the OpenAPI document says. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** Members in braces are path parameters; a last `{*}` takes the rest of the path. */
  readonly path: string
  /** Roles that may call it at all; which objects each may see is decided per object. `public`: no key is asked for. */
  readonly roles: readonly Role[] | 'public'
  readonly summary: string
  readonly params?: TObject
  /** Of strings; integers are written in decimal and read strictly. */
  readonly query?: TObject
  /** Request headers beside the bearer key, by lower-case name. */
  readonly headers?: TObject
  readonly body?: TSchema
  /** Octets; 256 KiB if absent (EP-ENC-1). */
  readonly bodyLimit?: number
  /** By status. Problems (`problem+json`) are answers of every route and not listed. */
  readonly answers: { readonly [status: number]: Answer }
  /** Codes that this route adds to those every route can answer with; codes of artifacts come on top. */
  readonly problems: readonly string[]
}

type StaticOr<S, Otherwise> = S extends TSchema ? Static<S> : Otherwise

/** What a caller gives to a route: `params`, `query`, `headers` and `body` as far as the route has them. */
export type RequestOf<R extends Route> = Part<'params', R['params']> &
  Part<'query', R['query']> &
  Part<'headers', R['headers']> &
  Part<'body', R['body']>

type Part<Name extends string, S> = S extends TSchema
  ? Record<string, never> extends Static<S>
    ? { readonly [K in Name]?: Static<S> }
    : { readonly [K in Name]: Static<S> }
  : unknown

/** The bodies of the final answers of a route: those with a status of 200 or 201. */
export type AnswerOf<R extends Route> = {
  [S in keyof R['answers']]: S extends 200 | 201 ? StaticOr<R['answers'][S]['schema'], never> : never
}[keyof R['answers']]

export const defaultBodyLimit = 256 * 1024
