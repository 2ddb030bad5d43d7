import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import type { VectorCase } from '../vector-case.js'
import {
  bundle,
  deciding,
  denial,
  indeterminate,
  type Made,
  patched,
  put,
  receipt,
  refused,
  requiring,
  rules,
  set,
  someHash,
  treasury,
} from './case.js'

function row(id: string, requirements: string, description: string, code: string, made: Made): VectorCase {
  return refused(id, requirements, description, ['policy', code], made)
}

const under = (policy: JsonObject) => receipt({}, { policies: [policy] })

/** Step policy: the document of the leaf, what it covers, what its rules say, and what the contexts carry of it. */
export function policyCases(): readonly VectorCase[] {
  const stronger = { alter: { policy: [set('/max_window_seconds', 901)] } }
  return [
    row(
      'policy-never-signed',
      'EP-POL-4',
      'The organization signed another document than the approvers did: self-consistent, not authorized.',
      'policy_leaf_hash_mismatch',
      receipt(stronger),
    ),
    row(
      'bundle-policy-never-signed',
      'EP-POL-4',
      'The same in a bundle.',
      'policy_leaf_hash_mismatch',
      bundle(stronger),
    ),
    row(
      'denial-policy-never-signed',
      'EP-POL-4',
      'The same in a denial record.',
      'policy_leaf_hash_mismatch',
      denial(stronger),
    ),
    row(
      'policy-leaf-of-other-id',
      'EP-POL-4',
      'The leaf states another policy_id for the document.',
      'policy_leaf_id_mismatch',
      receipt({}, { policyEntry: { policy_id: 'ep:policy:wires@v2' } }),
    ),
    row(
      'policy-id-other',
      'EP-ACT-1',
      'The action names another policy than the one that is applied.',
      'policy_id_mismatch',
      receipt({ action: { policy_id: 'ep:policy:wires@v2' } }),
    ),
    row(
      'policy-for-other-action-type',
      'EP-POL-4',
      'The policy does not cover the type of the action.',
      'policy_action_type_mismatch',
      receipt({ action: { action_type: 'wire.cancel' } }),
    ),
    row(
      'policy-not-covered',
      'EP-POL-1',
      'No rule matches: not covered is never allowed.',
      'policy_rule_missing',
      receipt({ action: { parameters: { amount: '99999.99' } } }),
    ),
    row(
      'policy-says-refuse',
      'EP-POL-1',
      'The first rule that matches says refuse.',
      'policy_rule_refused',
      under(rules(deciding('refuse', { eq: ['/parameters/currency', 'USD'] }), requiring(treasury))),
    ),
    row(
      'policy-says-ungated',
      'EP-POL-1',
      'The first rule that matches demands no signoffs.',
      'policy_rule_ungated',
      under(rules(deciding('ungated'), requiring(treasury))),
    ),
    row(
      'required-approvals-other',
      'EP-CTX-6',
      'The contexts say two where the quorum asks for one.',
      'required_approvals_mismatch',
      receipt({ requiredApprovals: 2 }),
    ),
    row(
      'required-approvals-too-few',
      'EP-CTX-6',
      'The contexts say one where the quorum asks for two.',
      'required_approvals_mismatch',
      under(rules(requiring({ k: 2, roles: ['treasury'] }))),
    ),
    row(
      'window-empty',
      'EP-CTX-7',
      'The contexts end when they begin.',
      'window_length_invalid',
      receipt({ instants: { expiresAt: '2026-11-20T12:00:00Z' } }),
    ),
    row(
      'window-too-long',
      'EP-CTX-7',
      'The window is one second longer than the policy allows.',
      'window_length_too_large',
      receipt({ instants: { expiresAt: '2026-11-20T12:15:01Z' } }),
    ),
    row(
      'display-other-template',
      'EP-SEC-1',
      'The policy names a template, and the approver was shown none.',
      'display_template_mismatch',
      under({ display: { template_hash: someHash('1') } }),
    ),
    row(
      'display-second-surface',
      'EP-SEC-2 EP-ENC-7',
      'A second surface is demanded, which is not built.',
      'display_second_surface_unsupported',
      under({ display: { second_surface: {} } }),
    ),
    row(
      'display-second-surface-when',
      'EP-SEC-2 EP-ENC-7',
      'A second surface is demanded under a condition.',
      'display_second_surface_unsupported',
      under({ display: { second_surface: { when: { exists: ['/parameters/amount'] } } } }),
    ),
    row(
      'display-masking',
      'EP-ENC-7',
      'Masking is demanded, which is not built.',
      'display_masking_unsupported',
      under({ display: { masking: ['/parameters/amount'] } }),
    ),
    row(
      'pinned-missing',
      'EP-ACT-4',
      'A digest-pinned member is absent from the action.',
      'pinned_digest_missing',
      under({ pinned: ['/parameters/artifact'] }),
    ),
    row(
      'pinned-no-digest',
      'EP-ACT-4',
      'A digest-pinned member is no hash string.',
      'pinned_digest_malformed',
      under({ pinned: ['/parameters/currency'] }),
    ),
    row(
      'pinned-in-list',
      'EP-ACT-4',
      'A digest-pinned member is a list that holds a hash string.',
      'pinned_digest_malformed',
      receipt(
        { action: { parameters: { amount: '2400000.00', artifact: [someHash('1')] } } },
        { policies: [{ pinned: ['/parameters/artifact'] }] },
      ),
    ),
    row(
      'evidence-missing',
      'EP-ENC-7',
      'Evidence that the policy requires is absent.',
      'evidence_required_missing',
      under({ evidence_required: ['example.photo.v1'] }),
    ),
    row(
      'evidence-one-missing-one-unknown',
      'EP-ENC-7 EP-VER-2',
      'One required evidence is unknown, another one absent: refused, not indeterminate.',
      'evidence_required_missing',
      receipt(
        { evidence: [{ type: 'example.photo.v1' }] },
        { policies: [{ evidence_required: ['example.photo.v1', 'example.second.v1'] }] },
      ),
    ),
    indeterminate(
      'evidence-unknown',
      'EP-ENC-7 EP-VER-2',
      'Required evidence is there, of a type that is not known.',
      ['policy', 'evidence_required_unknown'],
      receipt(
        { evidence: [{ type: 'example.photo.v1' }] },
        { policies: [{ evidence_required: ['example.photo.v1'] }] },
      ),
    ),
    indeterminate(
      'bundle-evidence-unknown',
      'EP-ENC-7',
      'The same in a bundle: an executor runs nothing on it.',
      ['policy', 'evidence_required_unknown'],
      bundle({ evidence: [{ type: 'example.photo.v1' }] }, { policies: [{ evidence_required: ['example.photo.v1'] }] }),
    ),
    ...conditions(),
    row(
      'action-provenance-not-covered',
      'EP-POL-2',
      'A member that stands in provenance only does not satisfy a condition on parameters.',
      'condition_operand_missing',
      receipt({ action: { parameters: {}, provenance: { amount: '2400000.00' } } }),
    ),
    refused(
      'policy-changed-after',
      'EP-CTX-3',
      'The policy was changed after everybody signed.',
      ['contexts', 'context_policy_hash_mismatch'],
      patched('receipt', 'receipt-usual', put('/policy/material', ['/parameters/amount'])),
    ),
  ]
}

/** An operand that is missing or malformed, wherever it is reached, ends the evaluation with a refusal. */
function conditions(): VectorCase[] {
  const memo = '/parameters/memo'
  const missing: readonly (readonly [place: string, when: JsonValue])[] = [
    ['alone', { eq: [memo, 'x'] }],
    ['under-not', { not: { eq: [memo, 'x'] } }],
    ['under-any', { any: [{ eq: [memo, 'x'] }, { exists: ['/parameters/amount'] }] }],
    ['under-all', { all: [{ exists: ['/parameters/amount'] }, { prefix: [memo, 'x'] }] }],
    ['under-not-any', { not: { any: [{ exists: [memo] }, { in: [memo, ['x']] }] } }],
  ]
  const malformed: readonly (readonly [place: string, when: JsonValue, amount: JsonValue])[] = [
    ['number', { dec_ge: ['/parameters/amount', '1'] }, 2400000],
    ['plus-sign', { dec_ge: ['/parameters/amount', '1'] }, '+5'],
    ['leading-zero', { dec_lt: ['/parameters/amount', '1'] }, '00'],
    ['exponent', { not: { dec_gt: ['/parameters/amount', '1'] } }, '1e9'],
    ['prefix-of-number', { any: [{ prefix: ['/parameters/amount', '2'] }, { exists: ['/parameters'] }] }, 2],
  ]
  return [
    ...missing.map(([place, when]) =>
      row(
        `condition-operand-missing-${place}`,
        'EP-POL-2',
        'A condition asks for a member that the action lacks.',
        'condition_operand_missing',
        under(rules(requiring(treasury, when))),
      ),
    ),
    ...malformed.map(([place, when, amount]) =>
      row(
        `condition-operand-${place}`,
        'EP-POL-2',
        'An operand has not the form that its operator compares.',
        'condition_operand_malformed',
        receipt({ action: { parameters: { amount } } }, { policies: [rules(requiring(treasury, when))] }),
      ),
    ),
  ]
}
