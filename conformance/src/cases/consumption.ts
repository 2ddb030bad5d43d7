import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import { passkeySigner, type Signer, softwareKey } from '@countersign/simulator/signer'
import { makeWorld } from '@countersign/simulator/world'
import type { VectorCase } from '../vector-case.js'
import { approverKey, executorKey } from './accepted.js'
import { afterChange, malformedSigner, noPoint } from './authority.js'
import {
  bundle,
  drop,
  type Made,
  put,
  receipt,
  refused,
  requiring,
  rules,
  set,
  someHash,
  treasury,
  trusting,
} from './case.js'

/** Steps separation_of_duties and consumption. */
export function consumptionCases(): readonly VectorCase[] {
  return [...separation(), ...records(), ...requests(), ...executors()]
}

function separation(): VectorCase[] {
  const row = (id: string, requirements: string, description: string, code: string, made: Made) =>
    refused(id, requirements, description, ['separation_of_duties', code], made)
  const two = (first: JsonObject, second: JsonObject, keyClass: 'A' | 'B' = 'B') => ({
    policies: [rules(requiring({ k: 2, roles: ['treasury'] }))],
    approvers: [
      { name: 'jchen', keyClass, entry: first },
      { name: 'mlopez', keyClass, entry: second },
    ],
  })
  const bothSigned = { approvers: ['jchen', 'mlopez'], requiredApprovals: 2 }
  const principal = { principal_id: 'ep:principal:0042' }
  const credential = { credential_id: 'b64u:AAAAAAAAAAAAAAAAAAAAAA' }
  const shared = softwareKey('ep:key:shared#1', 'shared')
  const oneKey = { ...two({}, {}), approvers: ['jchen', 'mlopez'].map((name) => ({ name, signer: shared })) }
  const both = rules(requiring({ all: [treasury, { k: 1, roles: ['risk'] }] }))
  const human = { entities: [{ name: 'jchen', kind: 'human' as const }] }
  return [
    row(
      'two-approvers-one-principal',
      'EP-INV-4',
      'Two approver ids of one principal.',
      'approver_principal_duplicate',
      receipt(bothSigned, two(principal, principal)),
    ),
    row(
      'two-approvers-one-key',
      'EP-KEY-X EP-INV-4',
      'Two approver ids with one key.',
      'approver_key_duplicate',
      receipt(bothSigned, oneKey),
    ),
    row(
      'two-approvers-one-credential',
      'EP-INV-4',
      'Two approver ids with one passkey credential.',
      'approver_credential_duplicate',
      receipt(bothSigned, two(credential, credential, 'A')),
    ),
    row(
      'self-approval',
      'EP-INV-4',
      'The human who initiated the action approved it.',
      'self_approval_invalid',
      receipt({}, human),
    ),
    row('bundle-self-approval', 'EP-INV-4', 'The same in a bundle.', 'self_approval_invalid', bundle({}, human)),
    row(
      'superfluous-self-approval',
      'EP-INV-4',
      'The initiator approved too, superfluously.',
      'self_approval_invalid',
      receipt({ approvers: ['mlopez', 'jchen'] }, { ...human, approvers: [{ name: 'jchen' }, { name: 'mlopez' }] }),
    ),
    row(
      'approved-by-responsible',
      'EP-INV-4',
      'The human who is responsible for the agent approved, and the policy excludes that.',
      'responsible_approval_invalid',
      receipt({}, { policies: [{ separation: 'responsible' }], approvers: [{ name: 'jchen', entry: principal }] }),
    ),
    row(
      'approver-has-key-of-initiator',
      'EP-INV-4',
      'Approver and initiator have one key.',
      'initiator_key_duplicate',
      receipt(
        {},
        { entities: [{ name: 'agent-recon-7', signer: shared }], approvers: [{ name: 'jchen', signer: shared }] },
      ),
    ),
    row(
      'quorum-one-of-two',
      'EP-POL-3',
      'One signed where two are required.',
      'quorum_insufficient',
      receipt({ requiredApprovals: 2 }, two({}, {})),
    ),
    row(
      'quorum-one-slot-empty',
      'EP-POL-3',
      'Two of the treasury signed where one of each is required.',
      'quorum_insufficient',
      receipt(bothSigned, { ...two({}, {}), policies: [both] }),
    ),
    row(
      'quorum-one-for-two-slots',
      'EP-POL-3',
      'One approver with both roles cannot fill both slots.',
      'quorum_insufficient',
      receipt(
        { requiredApprovals: 2 },
        { policies: [both], approvers: [{ name: 'jchen', roles: ['treasury', 'risk'] }] },
      ),
    ),
  ]
}

function row(id: string, requirements: string, description: string, code: string, made: Made): VectorCase {
  return refused(id, requirements, description, ['consumption', code], made)
}

const standard = { policies: [{ enforcement_minimum: 'STANDARD' }] }

function records(): VectorCase[] {
  const consumption = (member: string, value: JsonValue) =>
    receipt({ alter: { consumption: [set(`/${member}`, value)] } })
  const pinned = put('/organizations/0/executors', [{ public_key: executorKey(), enforcement_class: 'STRONG' }])
  return [
    row(
      'consumed-other-nonce',
      'EP-INV-1',
      'The consumption record has another nonce than the contexts.',
      'consumption_nonce_mismatch',
      consumption('nonce', 'b64u:LN9ZCNW8P26aDQvhEuNFTMztYwFOIZwpWk2Fah4SCEU'),
    ),
    ...['DENIED', 'EXPIRED', 'APPROVED', 'committed'].map((state) =>
      row(
        `state-${state}`,
        'EP-INV-5',
        `The state is ${state}.`,
        'consumption_state_mismatch',
        consumption('state', state),
      ),
    ),
    row(
      'enforcement-below-policy',
      'EP-ENF-1',
      'STANDARD where the policy demands STRONG.',
      'enforcement_class_insufficient',
      receipt({ enforcementClass: 'STANDARD' }),
    ),
    row(
      'asserted-below-policy',
      'EP-BUN-4',
      "The operator's word where the policy demands STRONG.",
      'enforcement_class_insufficient',
      receipt({ executor: null }),
    ),
    row(
      'strong-without-consume',
      'EP-BUN-4',
      'STRONG, and no executor sealed anything.',
      'consumption_consume_missing',
      receipt({ executor: null, enforcementClass: 'STRONG' }),
    ),
    row(
      'asserted-with-pinned-executors',
      'EP-BUN-4',
      'The trust file pins the executors, and none of them sealed the consumption.',
      'consumption_consume_missing',
      trusting(receipt({ executor: null }, standard), pinned),
    ),
    row(
      'consume-without-entry',
      'EP-BUN-4',
      'A consume request, and no executor entry is named.',
      'consumption_executor_entry_missing',
      receipt(
        { enforcementClass: 'STANDARD', alter: { consumption: [drop('/executor_entry')], openings: [drop('/2')] } },
        standard,
      ),
    ),
    row(
      'entry-without-consume',
      'EP-BUN-4',
      'An executor entry is named, and there is no consume request.',
      'consumption_executor_entry_unknown',
      receipt({ enforcementClass: 'STANDARD', alter: { consumption: [drop('/consume')] } }, standard),
    ),
    row(
      'record-class-raised',
      'EP-ENF-1',
      'The receipt states a higher class than the executor sealed.',
      'consume_enforcement_class_mismatch',
      receipt({ enforcementClass: 'STANDARD', alter: { record: [set('/enforcement_class', 'STRONG')] } }),
    ),
  ]
}

function requests(): VectorCase[] {
  const asked = (member: string, value: JsonValue) => receipt({ alter: { consume: [set(`/${member}`, value)] } })
  return [
    row(
      'consume-other-organization',
      'EP-BUN-2',
      'The executor consumed for another organization.',
      'consume_organization_mismatch',
      asked('organization', 'ep:org:globex'),
    ),
    row(
      'consume-other-nonce',
      'EP-BUN-2 EP-INV-1',
      'The executor consumed another nonce.',
      'consume_nonce_mismatch',
      asked('nonce', 'b64u:LN9ZCNW8P26aDQvhEuNFTMztYwFOIZwpWk2Fah4SCEU'),
    ),
    row(
      'consume-other-action',
      'EP-BUN-2',
      'The executor consumed another action.',
      'consume_action_hash_mismatch',
      asked('action_hash', someHash('1')),
    ),
    row(
      'consume-other-policy',
      'EP-BUN-2',
      'The executor consumed under another policy.',
      'consume_policy_hash_mismatch',
      asked('policy_hash', someHash('1')),
    ),
    row(
      'consume-other-bundle',
      'EP-BUN-2',
      'The executor verified another bundle.',
      'consume_bundle_hash_mismatch',
      asked('bundle_hash', someHash('1')),
    ),
    row(
      'consume-other-executor-named',
      'EP-BUN-2',
      'The record names another executor than the request.',
      'consume_executor_mismatch',
      receipt({ alter: { consumption: [set('/executor_id', 'ep:executor:other')] } }),
    ),
    row(
      'consume-executor-not-named',
      'EP-BUN-2',
      'The record names no executor.',
      'consume_executor_mismatch',
      receipt({ alter: { consumption: [drop('/executor_id')] } }),
    ),
    row(
      'effect-first-but-strong',
      'EP-ENF-1',
      'The effect came before the approval, and the class is STRONG.',
      'consume_effect_order_unsupported',
      receipt({ effectBeforeApproval: true }),
    ),
  ]
}

function executors(): VectorCase[] {
  const keyId = 'ep:key:payments#1'
  const own = makeWorld().executors.get('payments')!.signer
  const by = (executorSigner: Signer) => receipt({ executorSigner })
  const second = { key_id: 'ep:key:payments#2', signature: `b64u:${'A'.repeat(86)}` }
  const passkey = passkeySigner(keyId, { seed: 'executor', rpId: 'acme.example', origin: 'https://acme.example' })
  const pin = (publicKey: string, enforcementClass: string) =>
    put('/organizations/0/executors', [{ public_key: publicKey, enforcement_class: enforcementClass }])
  const otherName = {
    alter: {
      consume: [set('/executor_id', 'ep:executor:other')],
      consumption: [set('/executor_id', 'ep:executor:other')],
    },
  }
  return [
    row(
      'executor-entry-of-other',
      'EP-BUN-2',
      'The opened executor is not the one that sealed the request.',
      'executor_entry_mismatch',
      receipt(otherName),
    ),
    row(
      'executor-other-system',
      'EP-BUN-2',
      'The executor does not serve the system of the action.',
      'executor_system_mismatch',
      receipt({}, { executors: [{ name: 'payments', systems: ['ledger.example'] }] }),
    ),
    row(
      'executor-class-above-leaf',
      'EP-ENF-1',
      'STRONG by an executor that the organization enrolled as STANDARD.',
      'executor_class_insufficient',
      receipt({}, { executors: [{ name: 'payments', enforcementClass: 'STANDARD' }] }),
    ),
    row(
      'executor-class-above-pin',
      'EP-ENF-1',
      'STRONG by an executor that the trust file pins as STANDARD.',
      'executor_class_insufficient',
      trusting(receipt(), pin(executorKey(), 'STANDARD')),
    ),
    row(
      'executor-not-pinned',
      'EP-ENF-1',
      'The trust file pins another executor.',
      'executor_key_unknown',
      trusting(receipt(), pin(approverKey(), 'STRONG')),
    ),
    row(
      'executor-compromised',
      'EP-DIR-6',
      'The key of the executor counts as compromised.',
      'executor_key_compromised',
      afterChange(({ directory }) => directory.setStatus(2, { compromised_at: '2027-01-01T00:00:00Z' })),
    ),
    row(
      'executor-compromised-by-trust',
      'EP-DIR-6',
      'The trust file says so.',
      'executor_key_compromised',
      trusting(
        receipt(),
        put('/organizations/0/compromised/-', { public_key: executorKey(), compromised_at: '2027-01-01T00:00:00Z' }),
      ),
    ),
    row(
      'consume-by-two',
      'EP-BUN-2',
      'Two signatures under the request.',
      'consume_signatures_too_large',
      receipt({ alter: { consumeSeal: [put('/signatures/-', second)] } }),
    ),
    row(
      'consume-key-id',
      'EP-BUN-2',
      'The right key under another id.',
      'consume_key_id_mismatch',
      by({ ...own, keyId: 'ep:key:payments#2' }),
    ),
    row('consume-by-passkey', 'EP-BUN-2', 'The request carries an assertion.', 'consume_webauthn_unknown', by(passkey)),
    row(
      'consume-forged',
      'EP-BUN-2',
      'The operator sealed the request with a key of its own.',
      'consume_signature_invalid',
      by(softwareKey(keyId, 'attacker')),
    ),
    row(
      'executor-key-no-point',
      'EP-ENC-8',
      'The enrolled key of the executor is no point of its curve.',
      'public_key_point_invalid',
      receipt({}, { executors: [{ name: 'payments', entry: { public_key: noPoint } }] }),
    ),
    row(
      'consume-signature-malformed',
      'EP-ENC-8',
      'The signature is none of its algorithm.',
      'consume_signature_malformed',
      by(malformedSigner(own)),
    ),
    row(
      'consume-by-approver',
      'EP-KEY-U',
      "The approver's key sealed the request.",
      'consume_signature_invalid',
      by({ ...makeWorld().approvers.get('jchen')!.signer, keyId }),
    ),
  ]
}
