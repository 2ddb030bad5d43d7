import { Type } from 'typebox'
import type { Role, Route } from '../route.js'
import { closed, denialRecord, hash, outcomeReport, trustReceipt, wait } from '../schemas.js'

const readers: readonly Role[] = ['initiator', 'approver', 'executor', 'administrator', 'auditor']
const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}'
const receiptId = closed({ id: Type.String({ pattern: `^ep:receipt:${ulid}$` }) })
const denialId = closed({ id: Type.String({ pattern: `^ep:denial:${ulid}$` }) })

const later = {
  description: 'The proof is not there yet: ask again after Retry-After seconds.',
  schema: closed({ status: Type.Literal('not_anchored') }, 'NotAnchored'),
  headers: ['Retry-After'],
} as const

const reported = closed({ receipt_id: Type.String(), outcome_hash: hash, report: outcomeReport }, 'ReportedOutcome')

/** Evidence after the end of an attempt. Proofs are built when asked for, at the newest anchored checkpoint. */
export const receiptRoutes = {
  getReceipt: {
    method: 'GET',
    path: '/v1/receipts/{id}',
    roles: readers,
    summary: 'A trust receipt with its log proof',
    params: receiptId,
    query: closed({ wait: Type.Optional(wait) }),
    answers: { 200: { description: 'The receipt.', schema: trustReceipt }, 202: later },
    problems: ['receipt_unknown'],
  },
  getDenial: {
    method: 'GET',
    path: '/v1/denials/{id}',
    roles: readers,
    summary: 'A denial record with its log proof',
    params: denialId,
    query: closed({ wait: Type.Optional(wait) }),
    answers: { 200: { description: 'The record.', schema: denialRecord }, 202: later },
    problems: ['denial_unknown'],
  },
  reportOutcome: {
    method: 'POST',
    path: '/v1/outcomes',
    roles: ['executor'],
    summary: 'Report what became of the effect, sealed by the executor',
    body: outcomeReport,
    answers: { 201: { description: 'The report, once it is logged.', schema: reported } },
    problems: ['api_key_subject_mismatch'],
  },
  getOutcome: {
    method: 'GET',
    path: '/v1/receipts/{id}/outcome',
    roles: readers,
    summary: 'The outcome that was reported for a receipt',
    params: receiptId,
    answers: { 200: { description: 'The newest report.', schema: reported } },
    problems: ['receipt_unknown'],
  },
} as const satisfies { readonly [name: string]: Route }
