import { Type } from 'typebox'
import type { Role, Route } from '../route.js'
import {
  action,
  authorizationBundle,
  authorizationContext,
  closed,
  consumeRequest,
  cursor,
  denialRecord,
  directoryHead,
  hash,
  idempotencyKey,
  initiation,
  instant,
  list,
  opening,
  policy,
  trustReceipt,
} from '../schemas.js'

const parties: readonly Role[] = ['initiator', 'approver', 'executor', 'administrator', 'auditor']

const state = Type.Union([
  Type.Literal('REQUESTED'),
  Type.Literal('PARTIALLY_APPROVED'),
  Type.Literal('APPROVED'),
  Type.Literal('COMMITTED'),
  Type.Literal('DENIED'),
  Type.Literal('EXPIRED'),
])

export const authorization = closed(
  {
    id: Type.String(),
    state,
    action,
    action_hash: hash,
    policy_id: Type.String(),
    policy_hash: hash,
    initiator: Type.String(),
    required_approvals: Type.Integer(),
    nonce: Type.String(),
    issued_at: instant,
    expires_at: instant,
    approvers: list(
      closed({ approver: Type.String(), approver_index: Type.Integer(), signed_at: Type.Optional(instant) }),
    ),
    receipt_id: Type.Optional(Type.String({ description: 'When COMMITTED.' })),
    denial_id: Type.Optional(Type.String({ description: 'When DENIED.' })),
  },
  'Authorization',
)

const authorizations = closed({ items: list(authorization), next: Type.Optional(Type.String()) }, 'AuthorizationPage')

const id = closed({ id: Type.String({ pattern: '^[0-9A-HJKMNP-TV-Z]{26}$' }) })

const psea = Type.Optional(closed({ token: Type.String() }))
const webauthn = Type.Optional(closed({ authenticator_data: Type.String(), client_data_json: Type.String() }))
const signed = {
  context_hash: hash,
  signature: Type.String(),
  key_class: Type.String(),
  approver_key_id: Type.String(),
  webauthn,
  psea,
}

/** One attempt from request to consumption (section 6 of the draft). */
export const authorizationRoutes = {
  requestAuthorization: {
    method: 'POST',
    path: '/v1/authorizations',
    roles: ['initiator'],
    summary: 'Ask for one exact action to be countersigned',
    headers: Type.Object({ 'idempotency-key': idempotencyKey }),
    body: closed(
      { action, action_hash: Type.Optional(hash), initiation: Type.Optional(initiation) },
      'AuthorizationRequest',
    ),
    answers: {
      200: {
        description:
          'The policy in force asks for no signature. This confers nothing: the executor decides from its own policy.',
        schema: closed(
          { decision: Type.Literal('ungated'), policy_id: Type.String(), policy_hash: hash },
          'UngatedDecision',
        ),
      },
      201: {
        description: 'The attempt, with those who may sign. The same key and body give the same attempt again.',
        schema: closed({ decision: Type.Literal('require'), authorization }, 'RequiredDecision'),
      },
    },
    problems: ['api_key_subject_mismatch'],
  },
  listAuthorizations: {
    method: 'GET',
    path: '/v1/authorizations',
    roles: ['initiator', 'administrator', 'auditor'],
    summary: 'Attempts, oldest first: an initiator sees its own',
    query: closed(cursor),
    answers: { 200: { description: 'A page of attempts.', schema: authorizations } },
    problems: [],
  },
  listApprovals: {
    method: 'GET',
    path: '/v1/approvals',
    roles: ['approver'],
    summary: 'Attempts that wait for a signature of the calling approver',
    query: closed(cursor),
    answers: { 200: { description: 'A page of attempts.', schema: authorizations } },
    problems: [],
  },
  getAuthorization: {
    method: 'GET',
    path: '/v1/authorizations/{id}',
    roles: parties,
    summary: 'One attempt',
    params: id,
    answers: { 200: { description: 'The attempt.', schema: authorization } },
    problems: ['authorization_unknown'],
  },
  getContexts: {
    method: 'GET',
    path: '/v1/authorizations/{id}/contexts',
    roles: parties,
    summary: 'What an approver recomputes, is shown, and signs',
    params: id,
    answers: {
      200: {
        description: 'Every context of the attempt with its hash, the policy, and openings under the frozen head.',
        schema: closed(
          {
            authorization,
            policy,
            contexts: list(closed({ context: authorizationContext, context_hash: hash })),
            head: directoryHead,
            openings: list(opening),
            initiation: Type.Optional(initiation),
          },
          'Contexts',
        ),
      },
    },
    problems: ['authorization_unknown'],
  },
  signOff: {
    method: 'POST',
    path: '/v1/authorizations/{id}/signoffs',
    roles: ['approver'],
    summary: 'Hand in a signoff; the server stamps signed_at',
    params: id,
    body: closed(signed, 'SignoffRequest'),
    answers: { 201: { description: 'The attempt after it.', schema: authorization } },
    problems: ['authorization_unknown'],
  },
  deny: {
    method: 'POST',
    path: '/v1/authorizations/{id}/denials',
    roles: ['approver'],
    summary: 'Hand in a denial, which ends the attempt',
    params: id,
    body: closed(
      { ...signed, decision: Type.Literal('denied'), reason: Type.Optional(Type.String()) },
      'DenialRequest',
    ),
    answers: { 201: { description: 'The denial record, once it is logged.', schema: denialRecord } },
    problems: ['authorization_unknown'],
  },
  getBundle: {
    method: 'GET',
    path: '/v1/authorizations/{id}/bundle',
    roles: ['executor', 'initiator', 'administrator', 'auditor'],
    summary: 'The authorization bundle of an approved attempt; it confers nothing by itself',
    params: id,
    answers: { 200: { description: 'The bundle.', schema: authorizationBundle } },
    problems: ['authorization_unknown', 'authorization_approval_insufficient'],
  },
  consume: {
    method: 'POST',
    path: '/v1/authorizations/{id}/consume',
    roles: ['executor'],
    summary: 'Use the attempt once; the same request again gives the same receipt',
    params: id,
    body: consumeRequest,
    answers: { 200: { description: 'The trust receipt, once its log entry is anchored.', schema: trustReceipt } },
    problems: [
      'authorization_unknown',
      'authorization_replayed',
      'api_key_subject_mismatch',
      'consume_authorization_mismatch',
    ],
  },
} as const satisfies { readonly [name: string]: Route }
