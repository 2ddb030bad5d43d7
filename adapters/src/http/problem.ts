import { engineCodes } from '@countersign/engine/authorization/codes'
import { haltCodes, logCodes } from '@countersign/engine/log/codes'
import { coreCodes } from '@countersign/pure/core/codes'
import type { JsonObject } from '@countersign/pure/core/json'
import { epCodes, preparationCodes } from '@countersign/pure/ep/codes'
import { type Static, Type } from 'typebox'

/** Codes of the HTTP interface itself; those of artifacts and of the log come from below. */
export const httpCodes = {
  api_key_missing: 'The request has no `Authorization: Bearer csk_...` header.',
  api_key_invalid: 'The API key is unknown or revoked.',
  api_key_role_insufficient: 'The role of the API key may not call this operation.',
  api_key_subject_mismatch: 'The API key is bound to another identity than the one that the request names.',
  text_malformed: 'A text is not of the form that the interface describes.',
  api_key_unknown: 'There is no API key of this id.',
  api_key_role_unknown: 'There is no such role.',
  api_key_subject_missing: 'A key of this role is bound to an identity, and none was given.',
  api_key_subject_unsupported: 'A key of this role is bound to no identity.',
  route_unknown: 'There is no operation at this path.',
  route_method_unsupported: 'The path exists, but not for this method.',
  request_malformed: 'The octets received are no HTTP request.',
  request_expired: 'The request did not arrive whole in time.',
  request_headers_too_large: 'The header of the request is too large.',
  request_rate_too_large: 'Too many requests with this key, or from this address; wait as long as Retry-After says.',
  request_header_malformed: 'A request header is missing or not of its form; `at` names it.',
  request_query_malformed: 'A query parameter is unknown, repeated or not of its form; `at` names it.',
  request_path_malformed: 'A path parameter is not of its form; `at` names it.',
  request_body_missing: 'The operation needs a body.',
  request_body_type_unsupported: 'The content type of the body is not application/json.',
  request_body_length_mismatch: 'The body has not the length that the header says.',
  server_capacity_insufficient: 'Too many requests are being answered; wait as long as Retry-After says.',
  server_unavailable: 'The server is starting or stopping.',
  directory_rollback_detected:
    'The directory in the database is not that of the newest logged head: it was rolled back, or altered.',
  store_unavailable: 'The database did not answer; nothing was changed, so that the request can be sent again.',
  judge_unavailable:
    'No verdict was found over what was to be committed; nothing was changed, so that the request can be sent again.',
  request_answer_unavailable:
    'Whether the request took effect is in doubt: send the same request again, with the same Idempotency-Key or consume_id, and its one answer comes.',
  tile_unknown: 'The log has no such tile, or no checkpoint yet.',
  consume_authorization_mismatch: 'The consume request is for another authorization than the path names.',
  tree_size_too_large: 'A tree size is above that of the newest anchored checkpoint.',
  tree_size_order_invalid: 'The older tree size is above the newer one, or an index not below its tree size.',
} as const

const meanings: { readonly [code: string]: string } = {
  ...coreCodes,
  ...epCodes,
  ...preparationCodes,
  ...logCodes,
  ...haltCodes,
  ...Object.fromEntries(Object.entries(engineCodes).map(([code, { meaning }]) => [code, meaning])),
  ...httpCodes,
}

/** An answer that says no (RFC 9457). `code` and `at` are what programs act on. */
export const problem = Type.Object(
  {
    type: Type.String({ description: 'A URN that ends in the code.' }),
    title: Type.String({ description: 'What the code means; the same for every occurrence.' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: Type.String({ pattern: '^[a-z0-9_]+$', description: 'One stable code for one cause.' }),
    at: Type.String({ description: 'JSON Pointer (RFC 6901) into the request body, or `/NAME` of a parameter.' }),
    detail: Type.Optional(Type.String()),
    error_id: Type.Optional(
      Type.String({ description: 'With internal_error: stands beside the cause in the server log.' }),
    ),
    info: Type.Optional(
      Type.Unsafe<JsonObject>({
        type: 'object',
        description: 'What the caller needs to act on it, such as the policy in force (EP-ACT-1).',
      }),
    ),
  },
  { title: 'Problem', additionalProperties: false },
)
export type Problem = Static<typeof problem>

export const problemContentType = 'application/problem+json'

/** Makes the body of a problem. Nothing internal goes in: a code, a pointer, and what the table says of the code. */
export function problemOf(
  status: number,
  code: string,
  at = '',
  members: Pick<Problem, 'detail' | 'error_id' | 'info'> = {},
): Problem {
  const title = meanings[code] ?? code.replaceAll('_', ' ')
  return { type: `urn:countersign:problem:${code}`, title, status, code, at, ...members }
}
