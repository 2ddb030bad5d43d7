import { encodeBinary, hashJson } from '@countersign/pure/core/digest'
import { decodeHex } from '@countersign/pure/core/hex'
import type { JsonArray, JsonObject, JsonValue } from '@countersign/pure/core/json'
import type { PatchOperation } from '@countersign/pure/core/json-patch'
import { type AttemptOptions, makeReceipt } from '@countersign/simulator/attempt'
import { passkeySigner, type Signer, softwareKey } from '@countersign/simulator/signer'
import { makeWorld, type World, type WorldOptions } from '@countersign/simulator/world'
import type { VectorCase } from '../vector-case.js'
import { directoryPasskey, headByPasskey } from './accepted.js'
import {
  bundle,
  denial,
  drop,
  type Made,
  patched,
  put,
  receipt,
  refused,
  set,
  someHash,
  trusting,
  usualTrust,
} from './case.js'

/** Step authority: the organization, its head, what stands under it, attestations, and the initiator's own word. */
export function authorityCases(): readonly VectorCase[] {
  return [
    ...organizations(),
    ...heads(),
    ...headSeals(),
    ...openings(),
    ...entries(),
    ...attestations(),
    ...initiations(),
  ]
}

const attacker = (keyId: string) => softwareKey(keyId, 'attacker')

/** SPKI of an Ed25519 key whose y = 2 has no x. */
export const noPoint = encodeBinary(decodeHex(`302a300506032b657003210002${'00'.repeat(31)}`))

/** Signs with octets that are no signature of its algorithm: s is not below the order of the group. */
export function malformedSigner(own: Pick<Signer, 'keyId' | 'publicKey'>): Signer {
  return { ...own, sign: () => ({ signature: encodeBinary(new Uint8Array(64).fill(0xff)) }) }
}

function row(id: string, requirements: string, description: string, code: string, made: Made): VectorCase {
  return refused(id, requirements, description, ['authority', code], made)
}

function organizations(): VectorCase[] {
  return [
    row(
      'organization-foreign',
      'EP-VER-2',
      'A receipt of an organization that is not in the trust file.',
      'organization_unknown',
      receipt({}, { organization: 'globex' }),
    ),
    row(
      'bundle-organization-foreign',
      'EP-VER-2',
      'The same in a bundle.',
      'organization_unknown',
      bundle({}, { organization: 'globex' }),
    ),
    row(
      'denial-organization-foreign',
      'EP-VER-2',
      'The same in a denial record.',
      'organization_unknown',
      denial({}, { organization: 'globex' }),
    ),
    row(
      'policy-of-other-directory',
      'EP-VER-2',
      'The policy names the directory of another organization.',
      'policy_directory_mismatch',
      {
        ...receipt({}, { policies: [{ directory_id: 'ep:directory:globex' }] }),
        trust: 'trust/two-organizations.json',
      },
    ),
    row(
      'policy-of-other-log',
      'EP-VER-2',
      'The policy names the log of another organization.',
      'policy_log_origin_mismatch',
      {
        ...receipt({}, { policies: [{ log_origin: 'log.globex.example/1' }] }),
        trust: 'trust/two-organizations.json',
      },
    ),
    row(
      'authority-delegation',
      'EP-DEL-1 EP-ENC-7',
      'The authority names a delegation: k would be met by a delegate and its delegator. Delegation is not built.',
      'delegation_unsupported',
      receipt({ alter: { authority: [put('/delegations/-', someHash('1'))] } }),
    ),
  ]
}

function heads(): VectorCase[] {
  const compromised = (from: string) =>
    put('/organizations/0/compromised/-', { public_key: makeWorld().directoryKeys[0]!.publicKey, compromised_at: from })
  const custody = '/organizations/0/directory/keys/0/custody'
  return [
    row(
      'head-of-other-directory',
      'EP-VER-2',
      'The head, signed by the right key, is of another directory.',
      'head_directory_mismatch',
      receipt({}, { headBody: { directory_id: 'ep:directory:globex' } }),
    ),
    row(
      'head-ends-at-once',
      'EP-DIR-2',
      'The head ends when it begins.',
      'head_validity_invalid',
      receipt({}, { directoryUntil: '2026-11-01T00:00:00Z' }),
    ),
    row(
      'head-91-days',
      'EP-DIR-2',
      'The head is valid for more than 90 days.',
      'head_validity_too_large',
      receipt({}, { directoryUntil: '2027-01-30T00:00:01Z' }),
    ),
    row(
      'head-after-contexts',
      'EP-DIR-5',
      'The head was issued one second after the contexts.',
      'head_issued_at_invalid',
      receipt({}, { directoryAt: '2026-11-20T12:00:01Z' }),
    ),
    row(
      'head-expired',
      'EP-DIR-5',
      'The head ended one second before the contexts were issued.',
      'head_valid_until_expired',
      receipt({}, { directoryUntil: '2026-11-20T11:59:59Z' }),
    ),
    row(
      'head-by-unknown-key',
      'EP-DIR-2',
      'A key that nobody pinned signed the head.',
      'head_key_unknown',
      receipt({}, { headSigners: [attacker('ep:key:attacker#1')] }),
    ),
    row(
      'head-key-ended',
      'EP-DIR-2',
      'The trust file ends the directory key before the head.',
      'head_key_expired',
      trusting(receipt(), put('/organizations/0/directory/keys/0/not_after', '2026-10-31T23:59:59Z')),
    ),
    row(
      'head-key-compromised',
      'EP-DIR-6',
      'The directory key counts as compromised, and no witness saw the receipt before.',
      'head_key_compromised',
      trusting(receipt(), compromised('2027-01-01T00:00:00Z')),
    ),
    row(
      'bundle-head-key-compromised',
      'EP-DIR-6',
      'The same in a bundle.',
      'head_key_compromised',
      trusting(bundle(), compromised('2027-01-01T00:00:00Z')),
    ),
    row(
      'head-below-threshold',
      'EP-DIR-2',
      'One of two directory keys signed, and the trust file asks for both.',
      'head_threshold_insufficient',
      {
        ...receipt({}, { directoryKeys: 2, headSigners: makeWorld({ directoryKeys: 2 }).directoryKeys.slice(0, 1) }),
        trust: 'trust/acme-threshold.json',
      },
    ),
    row(
      'head-by-operator',
      'EP-DIR-4',
      'The only key that signed the head is held by the operator.',
      'directory_custody_insufficient',
      trusting(receipt(), set(custody, 'operator')),
    ),
    row(
      'head-custody-not-stated',
      'EP-DIR-4',
      'The trust file does not say who holds the directory key.',
      'directory_custody_insufficient',
      trusting(receipt(), drop(custody)),
    ),
    row(
      'head-by-listed-operator-key',
      'EP-DIR-4',
      'The directory key is one of the operator keys.',
      'directory_custody_insufficient',
      trusting(receipt(), put('/organizations/0/operator_keys/-', makeWorld().directoryKeys[0]!.publicKey)),
    ),
    row(
      'head-by-log-key',
      'EP-DIR-4',
      "The directory key is the log's key.",
      'directory_custody_insufficient',
      headByLogKey(),
    ),
  ]
}

function headByLogKey(): Made {
  const { key } = makeWorld().log
  const keyId = 'ep:key:acme-directory#1'
  const made = receipt({}, { headSigners: [{ ...key, keyId }] })
  return trusting(made, set('/organizations/0/directory/keys/0/public_key', key.publicKey))
}

function headSeals(): VectorCase[] {
  const keyId = 'ep:key:acme-directory#1'
  const passkeyPins = [
    put('/organizations/0/directory/keys/0/rp_id', 'admin.acme.example'),
    put('/organizations/0/directory/keys/0/origins', ['https://admin.acme.example']),
  ]
  const own = directoryPasskey()
  const withoutPins = headByPasskey()
  const plainKey = { key_id: keyId, public_key: own.publicKey, custody: 'file', surface: 'independent' }
  return [
    row(
      'head-forged',
      'EP-DIR-2',
      'Another key signed the head under the id of the pinned one.',
      'head_signature_invalid',
      receipt({}, { headSigners: [attacker(keyId)] }),
    ),
    row(
      'head-signature-malformed',
      'EP-ENC-8',
      'The signature of the head is none of its algorithm.',
      'head_signature_malformed',
      receipt({}, { headSigners: [malformedSigner(makeWorld().directoryKeys[0]!)] }),
    ),
    row(
      'head-passkey-without-assertion',
      'EP-DIR-2',
      'The trust file pins a passkey, and the head has a bare signature.',
      'head_webauthn_missing',
      trusting(receipt(), ...passkeyPins),
    ),
    row(
      'head-assertion-by-file-key',
      'EP-DIR-2',
      'The head has an assertion, and the trust file pins no passkey.',
      'head_webauthn_unknown',
      trusting({ ...withoutPins, trust_patch: [] }, set('/organizations/0/directory/keys/0', plainKey)),
    ),
    row(
      'head-passkey-other-origin',
      'EP-DIR-2',
      'The assertion was made on another origin than the trust file gives for this key.',
      'webauthn_origin_mismatch',
      headByPasskey(own.with({ origin: 'https://approve.acme.example' })),
    ),
    row(
      'head-passkey-without-uv',
      'EP-DIR-2',
      'The authenticator did not verify its user.',
      'webauthn_user_verification_missing',
      headByPasskey(own.with({ flags: 0x01 })),
    ),
  ]
}

function openings(): VectorCase[] {
  const open = (...operations: readonly PatchOperation[]) => receipt({ alter: { openings: operations } })
  const world = makeWorld({ leaves: 5 })
  const surplus = world.currentHead().published.opening(hashJson(world.directory.leaves[4]!['entry']!))!
  const named = ['policy', 'initiator', 'executor', 'approver']
  return [
    ...named.map((noun, index) =>
      row(
        `opening-${noun}-missing`,
        'EP-REC-2',
        `The ${noun} is named and not opened.`,
        'opening_missing',
        open(drop(`/${index}`)),
      ),
    ),
    row(
      'opening-surplus',
      'EP-REC-2',
      'An entry is opened that nothing names.',
      'opening_entry_unknown',
      receipt({ alter: { openings: [put('/-', surplus)] } }, { leaves: 5 }),
    ),
    row(
      'opening-twice',
      'EP-REC-2',
      'An entry is opened twice.',
      'opening_entry_duplicate',
      receipt({ alter: { openings: (draft) => [...(draft as JsonArray), (draft as JsonArray)[0]!] } }),
    ),
    row(
      'opening-of-other-type',
      'EP-REC-2',
      'The approver stands where the policy leaf is named.',
      'opening_type_mismatch',
      receipt({ alter: { authority: [set('/policy', hashJson(world.approvers.get('jchen')!.entry))] } }),
    ),
    row(
      'opening-path-empty',
      'EP-VER-5',
      'An empty inclusion path in a tree of four leaves.',
      'inclusion_path_malformed',
      open(set('/0/inclusion_path', [])),
    ),
    row(
      'opening-path-long',
      'EP-VER-5',
      'A path with one hash too many.',
      'inclusion_path_malformed',
      open(put('/0/inclusion_path/-', someHash('1'))),
    ),
    row(
      'opening-index-beyond',
      'EP-VER-5',
      'The leaf index is the tree size.',
      'inclusion_index_too_large',
      open(set('/0/leaf_index', 4)),
    ),
    row(
      'opening-index-other',
      'EP-VER-5',
      'The index of another leaf.',
      'inclusion_root_mismatch',
      open(set('/0/leaf_index', 1)),
    ),
    row(
      'opening-status-other',
      'EP-DIR-1',
      'The status was changed: the leaf is not the one under the head.',
      'inclusion_root_mismatch',
      open(set('/3/leaf/status/valid_to', '2027-01-01T00:00:00Z')),
    ),
    row(
      'opening-entry-changed',
      'EP-DIR-1',
      'A role was added to the entry: it is not the one that is named.',
      'opening_missing',
      open(put('/3/leaf/entry/roles/-', 'cfo')),
    ),
    row(
      'opening-attestation-object-surplus',
      'EP-REC-2',
      'An attestation object that the entry does not commit to.',
      'attestation_object_unknown',
      open(put('/3/attestation_object', 'b64u:AAAA')),
    ),
    row(
      'opening-attestation-object-other',
      'EP-REC-2',
      'Another attestation object than the entry commits to.',
      'attestation_object_mismatch',
      receipt(
        { alter: { openings: [put('/3/attestation_object', 'b64u:AAAA')] } },
        { approvers: [{ name: 'jchen', entry: { attestation_hash: someHash('1') } }] },
      ),
    ),
    row(
      'initiator-other',
      'EP-ACT-5',
      'The authority opens another entity than the action names.',
      'initiator_entity_mismatch',
      otherInitiator(),
    ),
    row(
      'authority-without-policy',
      'EP-POL-4',
      'No policy leaf is named, and the trust file pins none.',
      'authority_policy_missing',
      receipt({ pinnedPolicy: true }),
    ),
    row(
      'policy-pin-of-other-document',
      'EP-POL-4',
      'The trust file pins another document.',
      'authority_policy_missing',
      trusting(receipt({ pinnedPolicy: true }), set('/organizations/0/policy_pins', [someHash('1')])),
    ),
    row(
      'denial-initiator-opening-missing',
      'EP-REC-2',
      'The initiator is not opened in a denial record.',
      'opening_missing',
      denial({ alter: { openings: [drop('/1')] } }),
    ),
    row(
      'denial-executor-opened',
      'EP-REC-2',
      'A denial record opens an entry that nothing names.',
      'opening_entry_unknown',
      patched('denial', 'denial-usual', put('/approver_key_proofs/-', executorOpening())),
    ),
  ]
}

function otherInitiator(): Made {
  const world = { entities: [{ name: 'agent-recon-7' }, { name: 'agent-recon-8' }] }
  const other = hashJson(makeWorld(world).entities.get('agent-recon-8')!.entry)
  return receipt({ alter: { authority: [set('/initiator', other)] } }, world)
}

function executorOpening(): JsonObject {
  const world = makeWorld()
  return world.currentHead().published.opening(hashJson(world.executors.get('payments')!.entry))!
}

/** Under the second head of a world, whose directory was changed before. */
export function afterChange(
  change: (world: World) => void,
  attempt: AttemptOptions = {},
  options: WorldOptions = {},
): Made {
  const world = makeWorld(options)
  change(world)
  world.publishHead({ issuedAt: '2026-11-10T00:00:00Z', validUntil: '2027-02-01T00:00:00Z' })
  return { kind: 'receipt', input: makeReceipt(world, attempt).receipt, trust: usualTrust }
}

function entries(): VectorCase[] {
  const later = { valid_from: '2026-11-20T12:00:01Z' }
  const elsewhere = { directory_id: 'ep:directory:globex' }
  const changed = (entry: JsonObject): readonly (readonly [noun: string, world: WorldOptions])[] => [
    ['policy', { policyEntry: entry }],
    ['initiator', { entities: [{ name: 'agent-recon-7', entry }] }],
    ['executor', { executors: [{ name: 'payments', entry }] }],
    ['approver', { approvers: [{ name: 'jchen', entry }] }],
  ]
  const nouns = ['policy', 'initiator', 'executor', 'approver']
  const ended = (index: number) =>
    afterChange(({ directory }) => directory.setStatus(index, { valid_to: '2026-11-20T12:00:00Z' }))
  const compromised = (index: number) =>
    afterChange(({ directory }) => directory.setStatus(index, { compromised_at: '2026-11-05T00:00:00Z' }))
  return [
    ...changed(later).map(([noun, world]) =>
      row(
        `${noun}-not-yet-in-force`,
        'EP-DIR-5 EP-POL-4',
        `The entry of the ${noun} begins one second after the contexts were issued.`,
        'entry_valid_from_invalid',
        receipt({}, world),
      ),
    ),
    ...nouns.map((noun, index) =>
      row(
        `${noun}-ended`,
        'EP-DIR-5 EP-POL-4',
        `The entry of the ${noun} ended when the contexts were issued.`,
        'entry_valid_to_expired',
        ended(index),
      ),
    ),
    ...changed(elsewhere).map(([noun, world]) =>
      row(
        `${noun}-entry-of-other-directory`,
        'EP-VER-2',
        `The entry of the ${noun} says that it belongs to another directory.`,
        'opening_directory_mismatch',
        receipt({}, world),
      ),
    ),
    row(
      'policy-compromised',
      'EP-DIR-6',
      'The policy leaf counts as compromised.',
      'policy_leaf_compromised',
      compromised(0),
    ),
    row(
      'initiator-compromised',
      'EP-DIR-6',
      'The key of the initiator counts as compromised.',
      'initiator_key_compromised',
      compromised(1),
    ),
    row(
      'initiator-compromised-by-trust',
      'EP-DIR-6',
      'The same, said by the trust file.',
      'initiator_key_compromised',
      trusting(
        receipt(),
        put('/organizations/0/compromised/-', {
          public_key: makeWorld().entities.get('agent-recon-7')!.signer!.publicKey,
          compromised_at: '2027-01-01T00:00:00Z',
        }),
      ),
    ),
  ]
}

function attestations(): VectorCase[] {
  const world = { administrators: 2, attestedBy: 2 }
  const { administrators } = makeWorld(world)
  const attested = (options: WorldOptions): Made => ({
    ...receipt({}, { ...world, ...options }),
    trust: 'trust/acme-attested.json',
  })
  const admin = '/organizations/0/administrators/keys/0'
  const passkey = passkeySigner('ep:key:acme-administrator#1', {
    seed: 'administrator',
    rpId: 'admin.acme.example',
    origin: 'https://admin.acme.example',
  })
  return [
    row(
      'attestation-missing',
      'EP-DIR-3',
      'No entry is attested, and the trust file asks for two administrators.',
      'attestation_missing',
      attested({ attestedBy: 0 }),
    ),
    row(
      'attestation-too-few',
      'EP-DIR-3',
      'One administrator attested where two are asked for.',
      'attestation_count_insufficient',
      attested({ attestedBy: 1 }),
    ),
    row(
      'attestation-twice-by-one',
      'EP-DIR-3',
      'One administrator attested twice.',
      'attestation_count_insufficient',
      attested({ attestationSigners: [administrators[0]!, administrators[0]!] }),
    ),
    row(
      'attestation-late',
      'EP-DIR-3',
      'The entries were attested one second after the contexts were issued.',
      'attestation_at_invalid',
      attested({ attestedAt: '2026-11-20T12:00:01Z' }),
    ),
    row(
      'attestation-of-other-directory',
      'EP-DIR-3',
      'The attestations are for another directory.',
      'attestation_directory_mismatch',
      attested({ attestationBody: { directory_id: 'ep:directory:globex' } }),
    ),
    row(
      'attestation-of-other-entry',
      'EP-DIR-3',
      'The attestations are for another entry.',
      'attestation_entry_mismatch',
      attested({ attestationBody: { entry_hash: someHash('1') } }),
    ),
    row(
      'attestation-by-approvers',
      'EP-DIR-3 EP-ENC-7',
      'An attestation by a quorum of approvers is not built.',
      'attestation_quorum_unsupported',
      attested({ attestationBody: { by: 'approvers' } }),
    ),
    row(
      'attestation-by-unknown',
      'EP-DIR-3',
      'An administrator whom nobody pinned.',
      'attestation_administrator_unknown',
      attested({ attestationSigners: [attacker('ep:key:attacker#1')] }),
    ),
    row(
      'attestation-by-operator',
      'EP-DIR-3',
      'The administrator key is held by the operator.',
      'attestation_administrator_insufficient',
      trusting(attested({}), put('/organizations/0/operator_keys/-', administrators[0]!.publicKey)),
    ),
    row(
      'attestation-key-compromised',
      'EP-DIR-6',
      'The key of the administrator counts as compromised.',
      'attestation_key_compromised',
      trusting(
        attested({}),
        put('/organizations/0/compromised/-', {
          public_key: administrators[0]!.publicKey,
          compromised_at: '2027-01-01T00:00:00Z',
        }),
      ),
    ),
    row(
      'attestation-forged',
      'EP-DIR-3',
      'Another key signed under the id of the administrator.',
      'attestation_signature_invalid',
      attested({ attestationSigners: [attacker('ep:key:acme-administrator#1')] }),
    ),
    row(
      'attestation-signature-malformed',
      'EP-ENC-8',
      'The signature is none of its algorithm.',
      'attestation_signature_malformed',
      attested({ attestationSigners: [malformedSigner(administrators[0]!)] }),
    ),
    row(
      'attestation-without-assertion',
      'EP-DIR-3',
      'The trust file pins a passkey, and the attestation has a bare signature.',
      'attestation_webauthn_missing',
      trusting(
        attested({}),
        put(`${admin}/rp_id`, 'admin.acme.example'),
        put(`${admin}/origins`, ['https://admin.acme.example']),
      ),
    ),
    row(
      'attestation-with-assertion',
      'EP-DIR-3',
      'The attestation has an assertion, and the trust file pins no passkey.',
      'attestation_webauthn_unknown',
      trusting(attested({ attestationSigners: [passkey] }), set(`${admin}/public_key`, passkey.publicKey)),
    ),
  ]
}

function initiations(): VectorCase[] {
  const keyId = 'ep:key:agent-recon-7#1'
  const asked = (member: string, value: JsonValue) => receipt({ alter: { request: [set(`/${member}`, value)] } })
  const by = (initiatorSigner: Signer, world: WorldOptions = {}) => receipt({ initiatorSigner }, world)
  const own = makeWorld().entities.get('agent-recon-7')!.signer!
  const second = { key_id: 'ep:key:agent-recon-7#2', signature: `b64u:${'A'.repeat(86)}` }
  const passkey = passkeySigner(keyId, { seed: 'initiator', rpId: 'acme.example', origin: 'https://acme.example' })
  return [
    row(
      'initiation-missing',
      'EP-ACT-5',
      'The initiator has a key, and its request is not there.',
      'initiation_missing',
      receipt({ alter: { bundle: [drop('/initiation')] } }),
    ),
    row(
      'bundle-initiation-missing',
      'EP-ACT-5',
      'The same in a bundle.',
      'initiation_missing',
      bundle({ alter: { bundle: [drop('/initiation')] } }),
    ),
    row(
      'initiation-without-key',
      'EP-ACT-5',
      'A sealed request of an initiator without key.',
      'initiation_key_missing',
      by(own, { entities: [{ name: 'agent-recon-7', withKey: false }] }),
    ),
    row(
      'initiation-of-other-directory',
      'EP-ACT-5',
      'The request is for another directory.',
      'initiation_directory_mismatch',
      asked('directory_id', 'ep:directory:globex'),
    ),
    row(
      'initiation-of-other-action',
      'EP-ACT-5',
      'The request is for another action.',
      'initiation_action_hash_mismatch',
      asked('action_hash', someHash('1')),
    ),
    row(
      'initiation-at-other-time',
      'EP-ACT-5',
      'The request states another instant than the action.',
      'initiation_requested_at_mismatch',
      asked('requested_at', '2026-11-20T11:59:59Z'),
    ),
    row(
      'initiation-by-two',
      'EP-ACT-5',
      'Two signatures under the request.',
      'initiation_signatures_too_large',
      receipt({ alter: { initiation: [put('/signatures/-', second)] } }),
    ),
    row(
      'initiation-key-id',
      'EP-ACT-5',
      'The right key under another id.',
      'initiation_key_id_mismatch',
      by({ ...own, keyId: 'ep:key:agent-recon-7#2' }),
    ),
    row(
      'initiation-by-passkey',
      'EP-ACT-5',
      'The request carries an assertion.',
      'initiation_webauthn_unknown',
      by(passkey),
    ),
    row(
      'initiation-forged',
      'EP-ACT-5',
      'The operator sealed the request with a key of its own.',
      'initiation_signature_invalid',
      by(attacker(keyId)),
    ),
    row(
      'initiator-key-no-point',
      'EP-ENC-8',
      'The enrolled key of the initiator is no point of its curve.',
      'public_key_point_invalid',
      receipt({}, { entities: [{ name: 'agent-recon-7', entry: { public_key: noPoint } }] }),
    ),
    row(
      'initiation-signature-malformed',
      'EP-ENC-8',
      'The signature is none of its algorithm.',
      'initiation_signature_malformed',
      by(malformedSigner(own)),
    ),
  ]
}
