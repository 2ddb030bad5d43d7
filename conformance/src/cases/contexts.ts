import type { JsonValue } from '@countersign/pure/core/json'
import type { VectorCase } from '../vector-case.js'
import { bundle, denial, patched, receipt, refused, requiring, rules, set, someHash } from './case.js'

const two = {
  policies: [rules(requiring({ k: 2, roles: ['treasury'] }))],
  approvers: [{ name: 'jchen' }, { name: 'mlopez' }],
}
const bothSigned = { approvers: ['jchen', 'mlopez'], requiredApprovals: 2 }

/** Steps action_hash and contexts: every case but the first two is signed as it stands, by everybody whose turn it is. */
export function contextCases(): readonly VectorCase[] {
  return [
    refused(
      'action-changed',
      'EP-ACT-2 EP-INV-2',
      'The amount was changed after everybody signed.',
      ['action_hash', 'action_hash_mismatch'],
      patched('receipt', 'receipt-usual', set('/action/parameters/amount', '2400000.01')),
    ),
    refused(
      'action-hash-other',
      'EP-ACT-2',
      'action_hash is not the hash of the action.',
      ['action_hash', 'action_hash_mismatch'],
      patched('receipt', 'receipt-usual', set('/action_hash', someHash('1'))),
    ),
    refused(
      'bundle-action-changed',
      'EP-ACT-2 EP-INV-2',
      'The same in a bundle.',
      ['action_hash', 'action_hash_mismatch'],
      patched('bundle', 'bundle-usual', set('/action/parameters/amount', '2400000.01')),
    ),
    refused(
      'denial-action-changed',
      'EP-ACT-2 EP-INV-2',
      'The same in a denial record.',
      ['action_hash', 'action_hash_mismatch'],
      patched('denial', 'denial-usual', set('/action/parameters/amount', '2400000.01')),
    ),
    ...own(),
    ...shared(),
    ...positions(),
  ]
}

function own(): VectorCase[] {
  const rows: readonly (readonly [member: string, value: JsonValue, code: string, requirement: string])[] = [
    ['action_hash', someHash('1'), 'context_action_hash_mismatch', 'EP-INV-2 EP-CTX-5'],
    ['policy_hash', someHash('1'), 'context_policy_hash_mismatch', 'EP-CTX-3'],
    ['policy_id', 'ep:policy:wires@v2', 'context_policy_id_mismatch', 'EP-CTX-3'],
    ['initiator', 'ep:entity:agent-other-1', 'context_initiator_mismatch', 'EP-CTX-6'],
  ]
  return rows.flatMap(([member, value, code, requirement]) => [
    refused(
      `context-${member}-other`,
      requirement,
      `The context, signed as it stands, has another ${member} than action and policy.`,
      ['contexts', code],
      receipt({ alter: { contexts: [set(`/0/${member}`, value)] } }),
    ),
    refused(
      `bundle-context-${member}-other`,
      requirement,
      `The same in a bundle.`,
      ['contexts', code],
      bundle({ alter: { contexts: [set(`/0/${member}`, value)] } }),
    ),
    refused(
      `denial-context-${member}-other`,
      requirement,
      `The same in a denial record.`,
      ['contexts', code],
      denial({ alter: { contexts: [set(`/0/${member}`, value)] } }),
    ),
  ])
}

function shared(): VectorCase[] {
  const rows: readonly (readonly [member: string, value: JsonValue])[] = [
    ['required_approvals', 1],
    ['nonce', 'b64u:LN9ZCNW8P26aDQvhEuNFTMztYwFOIZwpWk2Fah4SCEU'],
    ['issued_at', '2026-11-20T12:00:01Z'],
    ['expires_at', '2026-11-20T12:14:59Z'],
    ['prev_receipt_hash', someHash('1')],
  ]
  return rows.map(([member, value]) =>
    refused(
      `contexts-differ-in-${member}`,
      'EP-CTX-6',
      `Two contexts of one attempt differ in ${member}.`,
      ['contexts', 'context_member_mismatch'],
      receipt({ ...bothSigned, alter: { contexts: [set(`/1/${member}`, value)] } }, two),
    ),
  )
}

function positions(): VectorCase[] {
  return [
    refused(
      'contexts-index-twice',
      'EP-CTX-6',
      'Two contexts have one approver_index.',
      ['contexts', 'context_approver_index_duplicate'],
      receipt({ ...bothSigned, alter: { contexts: [set('/1/approver_index', 1)] } }, two),
    ),
    refused(
      'contexts-out-of-order',
      'EP-REC-1',
      'The context of index 2 stands before the one of index 1.',
      ['contexts', 'context_order_invalid'],
      receipt({ ...bothSigned, alter: { contexts: [set('/0/approver_index', 2), set('/1/approver_index', 1)] } }, two),
    ),
    refused(
      'contexts-approver-twice',
      'EP-INV-4',
      'One approver has two contexts and signed both.',
      ['contexts', 'context_approver_duplicate'],
      receipt({ approvers: ['jchen', 'jchen'], requiredApprovals: 2 }, two),
    ),
  ]
}
