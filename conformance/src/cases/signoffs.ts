import { encodeBase64Url } from '@countersign/pure/core/base64'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { encodeBinary, hashJson } from '@countersign/pure/core/digest'
import { decodeHex } from '@countersign/pure/core/hex'
import type { JsonArray, JsonObject } from '@countersign/pure/core/json'
import type { PatchOperation } from '@countersign/pure/core/json-patch'
import { denialEnvelope } from '@countersign/pure/ep/signoff'
import { type AssertionRequest, authenticatorFlags } from '@countersign/simulator/authenticator'
import type { ApproverSpec } from '@countersign/simulator/members'
import { type PasskeySigner, type Signer, softwareKey } from '@countersign/simulator/signer'
import { makeWorld } from '@countersign/simulator/world'
import type { VectorCase } from '../vector-case.js'
import { approverKey, cosignedLate } from './accepted.js'
import { afterChange, malformedSigner } from './authority.js'
import {
  acceptClassC,
  bundle,
  denial,
  drop,
  type Made,
  put,
  receipt,
  refused,
  requiring,
  rules,
  set,
  someHash,
  trusting,
} from './case.js'

function row(id: string, requirements: string, description: string, code: string, made: Made): VectorCase {
  return refused(id, requirements, description, ['signoffs', code], made)
}

const two = {
  policies: [rules(requiring({ k: 2, roles: ['treasury'] }))],
  approvers: [{ name: 'jchen' }, { name: 'mlopez' }],
}
const bothSigned = { approvers: ['jchen', 'mlopez'], requiredApprovals: 2 }
const entryOf = (name: string) => hashJson(makeWorld(two).approvers.get(name)!.entry)
const one = (spec: Partial<ApproverSpec>) => ({ approvers: [{ name: 'jchen', ...spec }] })
const altered = (...operations: readonly PatchOperation[]) => receipt({ alter: { signoffs: operations } })

/** Steps signoffs and denial: who signed what, with which key, of which class. */
export function signoffCases(): readonly VectorCase[] {
  return [...matching(), ...classes(), ...wrongObjects(), ...publicKeys(), ...compromise(), ...passkeys(), ...denials()]
}

function matching(): VectorCase[] {
  const other = softwareKey('ep:key:jchen#1', 'attacker')
  return [
    row(
      'authority-approver-surplus',
      'EP-REC-2',
      'The authority names an approver who did not sign.',
      'authority_approvers_mismatch',
      receipt({ alter: { authority: [put('/approvers/-', entryOf('mlopez'))] } }, { approvers: two.approvers }),
    ),
    row(
      'signoff-context-unknown',
      'EP-SIG-1',
      'A signoff for no context that is there.',
      'signoff_context_unknown',
      altered(set('/0/context_hash', someHash('1'))),
    ),
    row(
      'signoff-twice',
      'EP-SIG-1',
      'One signoff stands twice, and would make two of one approver.',
      'signoff_context_duplicate',
      receipt(
        {
          alter: {
            signoffs: (draft) => [(draft as JsonArray)[0]!, (draft as JsonArray)[0]!],
            authority: [put('/approvers/-', entryOf('jchen'))],
          },
        },
        one({}),
      ),
    ),
    row(
      'context-not-signed',
      'EP-REC-1',
      'A context that nobody signed.',
      'context_signoff_missing',
      receipt({ ...bothSigned, alter: { signoffs: [drop('/1')], authority: [drop('/approvers/1')] } }, two),
    ),
    row(
      'signoff-of-other-approver',
      'EP-INV-2 EP-SIG-1',
      "B's signature, under B's entry, over A's context.",
      'signoff_approver_mismatch',
      receipt(
        {
          alter: {
            signoffs: [set('/0/approver_key_id', 'ep:key:mlopez#1')],
            authority: [set('/approvers/0', entryOf('mlopez'))],
          },
          approverSigner: () => makeWorld(two).approvers.get('mlopez')!.signer,
        },
        { approvers: two.approvers },
      ),
    ),
    row(
      'signoff-by-other-approver',
      'EP-INV-2',
      "B's signature under A's context and A's name.",
      'signoff_signature_invalid',
      receipt({ approverSigner: () => makeWorld(two).approvers.get('mlopez')!.signer }, { approvers: two.approvers }),
    ),
    row(
      'signoffs-swapped',
      'EP-INV-2',
      'Two approvers signed the context of each other.',
      'signoff_signature_invalid',
      receipt(
        {
          ...bothSigned,
          approverSigner: (_, name) => makeWorld(two).approvers.get(name === 'jchen' ? 'mlopez' : 'jchen')!.signer,
        },
        two,
      ),
    ),
    row(
      'signoff-key-id-other',
      'EP-SIG-1',
      'The signoff names another key id than the entry.',
      'signoff_key_id_mismatch',
      altered(set('/0/approver_key_id', 'ep:key:jchen#2')),
    ),
    row(
      'signoff-forged',
      'EP-SIG-1',
      'A key that is not the enrolled one.',
      'signoff_signature_invalid',
      receipt({ approverSigner: () => other }),
    ),
    row(
      'bundle-signoff-forged',
      'EP-SIG-1 EP-BUN-1',
      'The same in a bundle.',
      'signoff_signature_invalid',
      bundle({ approverSigner: () => other }),
    ),
    row(
      'superfluous-signoff-invalid',
      'EP-SIG-1',
      'A superfluous signoff that does not verify: invalid ones are never allowed.',
      'signoff_signature_invalid',
      receipt(
        { approvers: ['jchen', 'mlopez'], approverSigner: (own, name) => (name === 'mlopez' ? other : own) },
        { approvers: two.approvers },
      ),
    ),
    row(
      'signoff-signature-malformed',
      'EP-ENC-8',
      'The signature is none of its algorithm: s is not below the order.',
      'signoff_signature_malformed',
      receipt({ approverSigner: malformedSigner }),
    ),
    row(
      'signoff-r-small-order',
      'EP-ENC-8',
      'R is a point of small order.',
      'signoff_signature_malformed',
      altered(set('/0/signature', encodeBinary(universalSignature))),
    ),
    row(
      'signoff-psea',
      'EP-ENC-7',
      'A PSEA proof in place of a signature is not judged.',
      'psea_unsupported',
      altered(put('/0/psea', { token: 'eyJ' })),
    ),
    row(
      'signoff-role-missing',
      'EP-POL-4',
      'The approver has no role that the quorum accepts.',
      'signoff_role_insufficient',
      receipt({}, one({ roles: ['audit'] })),
    ),
    row(
      'superfluous-signoff-role-missing',
      'EP-POL-4',
      'A superfluous signoff by somebody without any role of the quorum.',
      'signoff_role_insufficient',
      receipt(
        { approvers: ['jchen', 'mlopez'] },
        { approvers: [{ name: 'jchen' }, { name: 'mlopez', roles: ['audit'] }] },
      ),
    ),
  ]
}

// A = R = the neutral element, S = 0: valid over every message for whoever does not look.
const neutral = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 1 : 0))
const universalSignature = Uint8Array.from({ length: 64 }, (_, index) => (index === 0 ? 1 : 0))

function classes(): VectorCase[] {
  const policyA = { policies: [{ min_key_class: 'A' }] }
  const policyC = { policies: [{ min_key_class: 'C' }] }
  const software = softwareKey('ep:key:jchen#1', 'countersign/acme/approver/jchen', 'ES256')
  const webauthn = {
    authenticator_data: encodeBinary(new Uint8Array(37)),
    client_data_json: encodeBinary(utf8Encode('{}')),
  }
  return [
    row(
      'class-raised',
      'EP-KEY-X',
      'A signoff of class B that declares A.',
      'signoff_key_class_mismatch',
      altered(set('/0/key_class', 'A')),
    ),
    row(
      'class-lowered',
      'EP-KEY-X',
      'A signoff of class B that declares C.',
      'signoff_key_class_mismatch',
      trusting(altered(set('/0/key_class', 'C')), ...acceptClassC),
    ),
    row(
      'class-c-without-label',
      'EP-KEY-C EP-KEY-X',
      'A key of class C whose signoff says B.',
      'signoff_key_class_mismatch',
      receipt({ alter: { signoffs: [set('/0/key_class', 'B')] } }, { ...policyC, ...one({ keyClass: 'C' }) }),
    ),
    row(
      'class-c-not-accepted',
      'EP-KEY-C',
      'Class C, labelled, and a trust file that does not accept it.',
      'assurance_insufficient',
      receipt({}, { ...policyC, ...one({ keyClass: 'C' }) }),
    ),
    row(
      'class-c-not-accepted-as-such',
      'EP-KEY-C',
      'Class C, and a trust file that asks for no class and does not accept keys of the operator.',
      'assurance_insufficient',
      trusting(
        receipt({}, { ...policyC, ...one({ keyClass: 'C' }) }),
        set('/organizations/0/accept/min_key_class', 'C'),
      ),
    ),
    row(
      'class-b-held-by-operator',
      'EP-KEY-C EP-DIR-4',
      'A key of the operator, enrolled as class B.',
      'assurance_insufficient',
      trusting(receipt(), set('/organizations/0/operator_keys', [approverKey()])),
    ),
    row(
      'class-below-policy',
      'EP-POL-4',
      'The policy demands class A.',
      'signoff_key_class_insufficient',
      receipt({}, policyA),
    ),
    row(
      'class-below-trust',
      'EP-VER-2',
      'The trust file demands class A.',
      'assurance_insufficient',
      trusting(receipt(), set('/organizations/0/accept/min_key_class', 'A')),
    ),
    row(
      'class-b-with-p256',
      'EP-KEY-B',
      'A P-256 key where the class says Ed25519.',
      'signoff_key_algorithm_mismatch',
      receipt({}, one({ algorithm: 'ES256' })),
    ),
    row(
      'class-a-without-assertion',
      'EP-KEY-A',
      'Class A with a bare signature.',
      'signoff_webauthn_missing',
      receipt({ approverSigner: () => software }, one({ keyClass: 'A' })),
    ),
    row(
      'class-a-ed25519-bare',
      'EP-KEY-A',
      'An Ed25519 key of class A with a bare signature: no assertion, no class A.',
      'signoff_webauthn_missing',
      receipt({ alter: { signoffs: [drop('/0/webauthn')] } }, one({ keyClass: 'A', algorithm: 'Ed25519' })),
    ),
    row(
      'class-b-with-assertion',
      'EP-KEY-B',
      'Class B with an assertion.',
      'signoff_webauthn_unknown',
      altered(put('/0/webauthn', webauthn)),
    ),
    row(
      'class-a-without-rp-id',
      'EP-KEY-A',
      'The entry of a passkey has no RP id.',
      'signoff_rp_id_missing',
      receipt({}, one({ keyClass: 'A', entry: { rp_id: null } })),
    ),
  ]
}

/** Signatures that the approver's key made over something else: none can be read as an approval (EP-ENC-8, EP-KEY-U). */
function wrongObjects(): VectorCase[] {
  const objects: readonly (readonly [noun: string, object: (context: JsonObject) => JsonObject])[] = [
    ['denial', (context) => denialEnvelope(hashJson(context), undefined)],
    [
      'signin',
      () => ({
        type: 'ep.signin.v1',
        directory_id: 'ep:directory:acme',
        approver_id: 'ep:approver:jchen',
        challenge: 'b64u:AAAAAAAAAAAAAAAAAAAAAA',
        at: '2026-11-20T12:01:00Z',
      }),
    ],
    [
      'possession',
      () => ({
        type: 'ep.possession.v1',
        directory_id: 'ep:directory:acme',
        approver_id: 'ep:approver:jchen',
        public_key: approverKey(),
        challenge: 'b64u:AAAAAAAAAAAAAAAAAAAAAA',
        at: '2026-11-20T12:01:00Z',
      }),
    ],
    ['head', () => makeWorld().currentHead().published.head['body'] as JsonObject],
    [
      'attestation',
      () => ({
        type: 'ep.attestation.v1',
        directory_id: 'ep:directory:acme',
        entry_hash: someHash('1'),
        head_hash: someHash('2'),
        at: '2026-11-20T12:01:00Z',
      }),
    ],
    ['drill', (context) => ({ ...context, context_type: 'ep.drill.v1' })],
    ['other-context', (context) => ({ ...context, nonce: 'b64u:LN9ZCNW8P26aDQvhEuNFTMztYwFOIZwpWk2Fah4SCEU' })],
  ]
  return objects.flatMap(([noun, signedObject]) => [
    row(
      `signed-${noun}-as-approval`,
      'EP-ENC-8 EP-KEY-U',
      `The approver's signature over a ${noun} stands as an approval.`,
      'signoff_signature_invalid',
      receipt({ signedObject }),
    ),
    row(
      `signed-${noun}-as-approval-by-passkey`,
      'EP-ENC-8 EP-KEY-U',
      'The same by passkey.',
      'webauthn_challenge_mismatch',
      receipt({ signedObject }, one({ keyClass: 'A' })),
    ),
  ])
}

function publicKeys(): VectorCase[] {
  const enrolled = (octets: Uint8Array, keyClass: 'A' | 'B' = 'B') =>
    receipt({}, one({ keyClass, entry: { public_key: encodeBinary(octets) } }))
  const ed25519 = (hex: string) => decodeHex(`302a300506032b6570032100${hex}`)
  const p256 = softwareKey('ep:key:jchen#1', 'p256', 'ES256').raw
  const compressed = Uint8Array.of(
    ...decodeHex('3039301306072a8648ce3d020106082a8648ce3d030107032200'),
    2 + (p256[63]! & 1),
    ...p256.slice(0, 32),
  )
  const offCurve = Uint8Array.of(
    ...decodeHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004'),
    ...p256.slice(0, 63),
    p256[63]! ^ 1,
  )
  const universal: Signer = {
    keyId: 'ep:key:jchen#1',
    publicKey: encodeBinary(ed25519(hexOf(neutral))),
    sign: () => ({ signature: encodeBinary(universalSignature) }),
  }
  return [
    row(
      'public-key-universal',
      'EP-ENC-8',
      'The universal Ed25519 key: A and R neutral, S zero.',
      'public_key_order_insufficient',
      receipt({}, one({ signer: universal })),
    ),
    row(
      'public-key-compressed',
      'EP-ENC-8',
      'A P-256 key in compressed form.',
      'public_key_compressed_unsupported',
      enrolled(compressed, 'A'),
    ),
    row(
      'public-key-trailing',
      'EP-ENC-8',
      'An octet behind the SPKI.',
      'public_key_trailing_malformed',
      enrolled(Uint8Array.of(...ed25519(hexOf(neutral)), 0)),
    ),
    row(
      'public-key-malformed',
      'EP-ENC-8',
      '50 octets that are no SPKI.',
      'public_key_malformed',
      enrolled(new Uint8Array(50)),
    ),
    row(
      'public-key-no-point',
      'EP-ENC-8',
      'y has no x on the curve.',
      'public_key_point_invalid',
      enrolled(ed25519(`02${'00'.repeat(31)}`)),
    ),
    row(
      'public-key-p256-off-curve',
      'EP-ENC-8',
      'x and y are no point of P-256.',
      'public_key_point_invalid',
      enrolled(offCurve, 'A'),
    ),
    row(
      'public-key-noncanonical',
      'EP-ENC-8',
      'y is not reduced.',
      'public_key_point_noncanonical',
      enrolled(ed25519(`f0${'ff'.repeat(30)}7f`)),
    ),
    row(
      'same-key-compressed',
      'EP-KEY-X',
      'Two approvers with one P-256 key, once in compressed form.',
      'public_key_compressed_unsupported',
      sameKeyCompressed(compressed),
    ),
  ]
}

function sameKeyCompressed(compressed: Uint8Array): Made {
  const signer = softwareKey('ep:key:jchen#1', 'p256', 'ES256')
  const approvers = [
    { name: 'jchen', keyClass: 'A' as const, signer: { ...signer, publicKey: encodeBinary(compressed) } },
    { name: 'mlopez', keyClass: 'A' as const, signer },
  ]
  const assertion = {
    authenticator_data: encodeBinary(new Uint8Array(37)),
    client_data_json: encodeBinary(utf8Encode('{}')),
  }
  return receipt({ ...bothSigned, alter: { signoffs: [put('/0/webauthn', assertion)] } }, { ...two, approvers })
}

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')
}

function compromise(): VectorCase[] {
  const from = (instant: string) =>
    put('/organizations/0/compromised/-', { public_key: approverKey(), compromised_at: instant })
  const witnesses = makeWorld({ witnesses: 3 }).witnesses.slice(0, 2)
  const witnessed = { ...receipt({ checkpoint: { witnesses } }, { witnesses: 3 }), trust: 'trust/acme-witnessed.json' }
  const byLeaf = (instant: string) => ({
    ...afterChange(
      ({ directory }) => directory.setStatus(3, { compromised_at: instant }),
      { checkpoint: { witnesses } },
      { witnesses: 3 },
    ),
    trust: 'trust/acme-witnessed.json',
  })
  return [
    row(
      'approver-compromised',
      'EP-DIR-6',
      'The leaf says that the key counts as compromised.',
      'signoff_key_compromised',
      afterChange(({ directory }) => directory.setStatus(3, { compromised_at: '2027-01-01T00:00:00Z' })),
    ),
    row(
      'approver-compromised-by-trust',
      'EP-DIR-6',
      'The trust file says so, from an instant after the commitment.',
      'signoff_key_compromised',
      trusting(receipt(), from('2027-01-01T00:00:00Z')),
    ),
    row(
      'approver-compromised-listed-twice',
      'EP-DIR-6',
      'The trust file lists the key twice: the earlier instant counts.',
      'signoff_key_compromised',
      trusting(witnessed, from('2026-11-20T11:59:59Z'), from('2027-01-01T00:00:00Z')),
    ),
    row(
      'approver-compromised-before-witnessed',
      'EP-DIR-6',
      'The witnesses saw the checkpoint at the very instant of the compromise.',
      'signoff_key_compromised',
      trusting(witnessed, from('2026-11-20T12:00:00Z')),
    ),
    row(
      'approver-compromised-by-leaf-before-witnessed',
      'EP-DIR-6',
      'Only the leaf says so, from an instant before the witnesses saw the checkpoint.',
      'signoff_key_compromised',
      byLeaf('2026-11-20T11:59:59Z'),
    ),
    row(
      'approver-compromised-before-enough-for-policy',
      'EP-DIR-6',
      'The policy asks for two witnesses, the trust file for one: one of them saw the checkpoint before the compromise.',
      'signoff_key_compromised',
      trusting(
        {
          ...receipt(
            { checkpoint: { witnesses }, alter: { logProof: (draft) => cosignedLate(draft, witnesses[0]!) } },
            { policies: [{ commit_after: { level: 'witnessed', k: 2 } }], witnesses: 3 },
          ),
          trust: 'trust/acme-witnessed.json',
        },
        set('/organizations/0/witnesses/k', 1),
        from('2026-11-20T12:00:01Z'),
      ),
    ),
    row(
      'approver-compromised-cosignature-forged',
      'EP-DIR-6 EP-SEC-3',
      'A cosignature that should show the time before the compromise does not hold.',
      'cosignature_signature_invalid',
      trusting(
        {
          ...receipt(
            { checkpoint: { witnesses }, alter: { logProof: [set('/checkpoint/cosignatures/0/timestamp', 1)] } },
            { witnesses: 3 },
          ),
          trust: 'trust/acme-witnessed.json',
        },
        from('2026-11-20T12:00:01Z'),
      ),
    ),
    row(
      'approver-compromised-by-trust-first',
      'EP-DIR-6',
      'Leaf and trust file say so, the trust file from an instant before the witnesses saw the checkpoint.',
      'signoff_key_compromised',
      trusting(byLeaf('2027-01-01T00:00:00Z'), from('2026-11-20T11:59:59Z')),
    ),
    row(
      'approver-compromised-by-leaf-first',
      'EP-DIR-6',
      'Leaf and trust file say so, the leaf from an instant before the witnesses saw the checkpoint.',
      'signoff_key_compromised',
      trusting(byLeaf('2026-11-20T11:59:59Z'), from('2027-01-01T00:00:00Z')),
    ),
    row(
      'approver-compromised-before-enough-witnessed',
      'EP-DIR-6',
      'Only one of two witnesses saw the checkpoint before the compromise.',
      'signoff_key_compromised',
      trusting(
        {
          ...receipt(
            { checkpoint: { witnesses }, alter: { logProof: (draft) => cosignedLate(draft, witnesses[0]!) } },
            { witnesses: 3 },
          ),
          trust: 'trust/acme-witnessed.json',
        },
        from('2026-11-20T12:00:01Z'),
      ),
    ),
    row(
      'bundle-approver-compromised',
      'EP-DIR-6',
      'The same in a bundle.',
      'signoff_key_compromised',
      trusting(bundle(), from('2027-01-01T00:00:00Z')),
    ),
  ]
}

/** What no honest device or browser signs (EP-KEY-A). */
function passkeys(): VectorCase[] {
  const { userPresent, userVerified, backupEligible, backedUp, attestedData, extensionData } = authenticatorFlags
  const both = userPresent | userVerified
  const signing = (change: Partial<AssertionRequest>) =>
    receipt({ approverSigner: (own) => (own as PasskeySigner).with(change) }, one({ keyClass: 'A' }))
  const clientData = (change: (members: string) => string): Made =>
    receipt(
      {
        approverSigner: (own) => ({
          ...own,
          sign: (challenge) => {
            const members = `{"type":"webauthn.get","challenge":"${encodeBase64Url(challenge)}","origin":"https://approve.acme.example","crossOrigin":false}`
            return (own as PasskeySigner).with({ rawClientData: utf8Encode(change(members)) }).sign(challenge)
          },
        }),
      },
      one({ keyClass: 'A' }),
    )
  const rows: readonly (readonly [id: string, description: string, code: string, Made])[] = [
    ['type', 'A registration.', 'webauthn_type_mismatch', signing({ type: 'webauthn.create' })],
    ['payment', 'A payment confirmation.', 'webauthn_type_mismatch', signing({ type: 'payment.get' })],
    [
      'other-origin',
      'Another origin.',
      'webauthn_origin_mismatch',
      signing({ origin: 'https://approve.acme.example.evil.example' }),
    ],
    [
      'origin-port',
      'The origin on another port.',
      'webauthn_origin_mismatch',
      signing({ origin: 'https://approve.acme.example:8443' }),
    ],
    [
      'no-origin-pinned',
      'The trust file pins no origin.',
      'webauthn_origin_missing',
      trusting(signing({}), set('/organizations/0/webauthn/origins', [])),
    ],
    [
      'rp-id-not-pinned',
      'The RP id of the entry is not in the trust file.',
      'webauthn_rp_id_unknown',
      trusting(signing({}), set('/organizations/0/webauthn/rp_ids', ['acme.example'])),
    ],
    [
      'other-rp-id',
      'Authenticator data for another RP id.',
      'webauthn_rp_id_mismatch',
      signing({ rpId: 'acme.example' }),
    ],
    [
      'cross-origin',
      'Made in a frame of another origin.',
      'webauthn_cross_origin_unsupported',
      signing({ crossOrigin: true }),
    ],
    [
      'cross-origin-text',
      'crossOrigin is a string.',
      'webauthn_client_data_malformed',
      signing({ crossOrigin: 'false' }),
    ],
    [
      'top-origin',
      'A top-level origin is named.',
      'webauthn_top_origin_unsupported',
      signing({ topOrigin: 'https://acme.example' }),
    ],
    ['no-user-presence', 'UP off.', 'webauthn_user_presence_missing', signing({ flags: userVerified })],
    ['no-user-verification', 'UV off.', 'webauthn_user_verification_missing', signing({ flags: userPresent })],
    ['backup-eligible', 'BE on.', 'passkey_backup_eligible_unsupported', signing({ flags: both | backupEligible })],
    ['backed-up-not-eligible', 'BS without BE.', 'webauthn_backup_state_invalid', signing({ flags: both | backedUp })],
    [
      'enrolled-backup-eligible',
      'BE at enrollment, not in the assertion.',
      'passkey_backup_eligible_unsupported',
      receipt({}, one({ keyClass: 'A', entry: { backup_eligible: true } })),
    ],
    [
      'attested-data',
      'AT is announced.',
      'webauthn_attested_data_unsupported',
      signing({ flags: both | attestedData }),
    ],
    [
      'extensions-missing',
      'ED is announced, and nothing follows.',
      'webauthn_authenticator_data_malformed',
      signing({ flags: both | extensionData }),
    ],
    [
      'octets-after-data',
      'An octet behind the authenticator data.',
      'webauthn_authenticator_data_trailing',
      signing({ extensions: Uint8Array.of(0) }),
    ],
    [
      'octets-after-extensions',
      'An octet behind the extensions.',
      'webauthn_authenticator_data_trailing',
      signing({ flags: both | extensionData, extensions: Uint8Array.of(0xa0, 0) }),
    ],
    [
      'client-data-duplicate',
      'The challenge stands twice in clientDataJSON.',
      'webauthn_client_data_member_duplicate',
      clientData((text) => text.replace('{', '{"challenge":"AAAA",')),
    ],
    [
      'client-data-no-json',
      'clientDataJSON is no JSON.',
      'webauthn_client_data_malformed',
      clientData((text) => text.slice(1)),
    ],
    [
      'challenge-padded',
      'The challenge is padded.',
      'webauthn_challenge_malformed',
      clientData((text) => text.replace('","origin', '=","origin')),
    ],
    [
      'signature-other-key',
      'Another passkey signed.',
      'webauthn_signature_invalid',
      receipt({ approverSigner: otherPasskey }, one({ keyClass: 'A' })),
    ],
    [
      'signature-r-and-s',
      'The signature is r and s where an assertion carries DER.',
      'webauthn_signature_malformed',
      receipt(
        { alter: { signoffs: [set('/0/signature', encodeBinary(new Uint8Array(64).fill(1)))] } },
        one({ keyClass: 'A' }),
      ),
    ],
    [
      'ed25519-key-es256-signature',
      'An Ed25519 key, and a signature of P-256.',
      'webauthn_signature_malformed',
      receipt({ approverSigner: otherPasskey }, one({ keyClass: 'A', algorithm: 'Ed25519' })),
    ],
  ]
  return rows.map(([id, description, code, made]) => row(`passkey-${id}`, 'EP-KEY-A', description, code, made))
}

function otherPasskey(): Signer {
  return makeWorld({ approvers: [{ name: 'mlopez', keyClass: 'A' }] }).approvers.get('mlopez')!.signer
}

function denials(): VectorCase[] {
  const step = (id: string, requirements: string, description: string, code: string, made: Made) =>
    refused(id, requirements, description, ['denial', code], made)
  const human = { entities: [{ name: 'jchen', kind: 'human' as const }] }
  return [
    step(
      'denial-of-other-context',
      'EP-DEN-1',
      'The denial is for another context.',
      'denial_context_mismatch',
      denial({ alter: { denial: [set('/context_hash', someHash('1'))] } }),
    ),
    step(
      'approval-as-denial',
      'EP-SIG-2 EP-ENC-8',
      'An approval stands as a denial.',
      'signoff_signature_invalid',
      denial({ signedObject: (context) => context }),
    ),
    step(
      'denial-reason-added',
      'EP-SIG-2',
      'A reason was added after the denial was signed.',
      'signoff_signature_invalid',
      denial({ alter: { denial: [put('/reason', 'no')] } }),
    ),
    step(
      'denial-by-two',
      'EP-DEN-1',
      'The authority names two approvers.',
      'authority_approvers_mismatch',
      denial({ alter: { authority: [put('/approvers/-', entryOf('mlopez'))] } }, { approvers: two.approvers }),
    ),
    step(
      'denial-of-other-approver',
      'EP-DEN-1',
      'The entry belongs to another approver than the context names.',
      'signoff_approver_mismatch',
      denial({ alter: { authority: [set('/approvers/0', entryOf('mlopez'))] } }, { approvers: two.approvers }),
    ),
    step(
      'denial-without-role',
      'EP-DEN-1',
      'Who denied could not have approved.',
      'signoff_role_insufficient',
      denial({}, one({ roles: ['audit'] })),
    ),
    step(
      'denial-by-initiator',
      'EP-INV-4',
      'The initiator denied the action.',
      'self_approval_invalid',
      denial({}, human),
    ),
    step(
      'denial-compromised',
      'EP-DIR-6',
      'The key counts as compromised.',
      'signoff_key_compromised',
      trusting(
        denial(),
        put('/organizations/0/compromised/-', { public_key: approverKey(), compromised_at: '2027-01-01T00:00:00Z' }),
      ),
    ),
    step(
      'denial-key-class',
      'EP-KEY-X',
      'The denial declares another class than the entry.',
      'signoff_key_class_mismatch',
      denial({ alter: { denial: [set('/key_class', 'A')] } }),
    ),
  ]
}
