import { drop, put, requiring, rules, set } from '@countersign/conformance/cases/case'
import { encodeBinary, hashJson, parseBinary, parseHash } from '@countersign/pure/core/digest'
import { decodeHex } from '@countersign/pure/core/hex'
import type { JsonArray } from '@countersign/pure/core/json'
import { denialEnvelope } from '@countersign/pure/ep/signoff'
import { makeBundle } from '@countersign/simulator/attempt'
import type { Signer } from '@countersign/simulator/signer'
import { makeWorld } from '@countersign/simulator/world'
import { type Forgery, madeOf, repeating, signedByAll } from '../forgery.js'
import { heldByOperator, operatorKey } from '../owners.js'

const twoNeeded = { policies: [rules(requiring({ k: 2, roles: ['treasury'] }))] }
const two = { ...twoNeeded, approvers: [{ name: 'jchen' }, { name: 'mlopez' }] }
const both = { approvers: ['jchen', 'mlopez'], requiredApprovals: 2 }
const twice = { approvers: ['jchen', 'jchen-2'], requiredApprovals: 2 }
const jchen = makeWorld().approvers.get('jchen')!
const passkey = makeWorld({ approvers: [{ name: 'jchen', keyClass: 'A' }] }).approvers.get('jchen')!.signer

/** Everything but enough signatures by the right people. */
export const signatureForgeries: readonly Forgery[] = [
  {
    name: 'signed-by-operator',
    requirements: 'EP-SIG-1 EP-KEY-B',
    did: 'signed in the name of the approver with a key of its own',
    expected: 'signoff_signature_invalid',
    forge: signedByAll({ approverSigner: ({ keyId }) => operatorKey(keyId) }),
  },
  {
    name: 'signature-of-another-attempt',
    requirements: 'EP-INV-2',
    did: 'put the signature of one attempt under the same action in another',
    expected: 'signoff_signature_invalid',
    forge: (world) => {
      const [other] = makeBundle(world, { label: 'other' }).contexts
      return madeOf(() => ({ approverSigner: repeating(hashJson(other!)) }))(world)
    },
  },
  {
    name: 'one-approver-twice',
    requirements: 'EP-SIG-1 EP-POL-3',
    did: 'counted one signoff twice, where two approvers are needed',
    expected: 'signoff_context_duplicate',
    world: two,
    forge: madeOf(
      () => ({
        ...both,
        alter: {
          signoffs: (draft) => [(draft as JsonArray)[0]!, (draft as JsonArray)[0]!],
          authority: [set('/approvers/1', hashJson(jchen.entry))],
        },
      }),
      both,
    ),
  },
  {
    name: 'one-context-twice',
    requirements: 'EP-CTX-6',
    did: 'listed the context of one approver twice',
    expected: 'context_approver_index_duplicate',
    world: two,
    forge: signedByAll({
      ...both,
      alter: { contexts: (draft) => [(draft as JsonArray)[0]!, (draft as JsonArray)[0]!] },
    }),
  },
  {
    name: 'signature-for-two',
    requirements: 'EP-INV-2 EP-SIG-1',
    did: 'put the signature of the first approver under the context of the second',
    expected: 'signoff_signature_invalid',
    world: two,
    forge: madeOf(({ signoffs }) => {
      const [{ signature }] = signoffs as [{ signature: string }, unknown]
      return { ...both, alter: { signoffs: [set('/1/signature', signature)] } }
    }, both),
  },
  {
    name: 'one-of-two',
    requirements: 'EP-POL-3',
    did: 'presented one signoff where two are needed',
    expected: 'quorum_insufficient',
    world: two,
    forge: signedByAll({ requiredApprovals: 2 }),
  },
  {
    name: 'second-left-unsigned',
    requirements: 'EP-REC-1',
    did: 'presented both contexts, of which one is signed',
    expected: 'context_signoff_missing',
    world: two,
    forge: signedByAll({ ...both, alter: { signoffs: [drop('/1')], authority: [drop('/approvers/1')] } }),
  },
  {
    name: 'two-ids-one-key',
    requirements: 'EP-KEY-X EP-INV-4',
    did: 'had the organization enroll the key of an approver under a second name; the approver signed as both',
    expected: 'approver_key_duplicate',
    world: { ...twoNeeded, approvers: [{ name: 'jchen' }, { name: 'jchen-2', signer: jchen.signer }] },
    forge: signedByAll(twice),
  },
  {
    name: 'two-ids-one-principal',
    requirements: 'EP-INV-4',
    did: 'had the organization enroll a second key of one person as another approver',
    expected: 'approver_principal_duplicate',
    world: {
      ...twoNeeded,
      approvers: [{ name: 'jchen' }, { name: 'jchen-2', entry: { principal_id: 'ep:principal:jchen' } }],
    },
    forge: signedByAll(twice),
  },
  {
    name: 'compressed-key',
    requirements: 'EP-ENC-8 EP-KEY-X',
    did: 'had the passkey of one approver enrolled again in compressed form, as a second approver',
    expected: 'public_key_compressed_unsupported',
    world: {
      ...twoNeeded,
      approvers: [
        { name: 'jchen', keyClass: 'A' },
        { name: 'jchen-2', keyClass: 'A', signer: passkey, entry: { public_key: compressed(passkey.publicKey) } },
      ],
    },
    forge: signedByAll(twice),
  },
  {
    name: 'universal-key',
    requirements: 'EP-ENC-8',
    did: 'had a key enrolled under which one signature holds for every message',
    expected: 'public_key_order_insufficient',
    world: { approvers: [{ name: 'jchen', signer: universalKey() }] },
    forge: signedByAll(),
  },
  {
    name: 'without-role',
    requirements: 'EP-POL-4',
    did: 'had an approver sign who has no role that the policy accepts',
    expected: 'signoff_role_insufficient',
    world: { approvers: [{ name: 'jchen', roles: ['audit'] }] },
    forge: signedByAll(),
  },
  {
    name: 'self-approval',
    requirements: 'EP-INV-4',
    did: 'had the person who asked approve it too',
    expected: 'self_approval_invalid',
    world: { entities: [{ name: 'desk', kind: 'human', entry: { principal_id: 'ep:principal:jchen' } }] },
    forge: signedByAll(),
  },
  {
    name: 'approved-by-responsible',
    requirements: 'EP-INV-4',
    did: 'had the person responsible for the agent approve what it asked',
    expected: 'responsible_approval_invalid',
    world: {
      policies: [{ separation: 'responsible' }],
      approvers: [{ name: 'jchen', entry: { principal_id: 'ep:principal:0042' } }],
    },
    forge: signedByAll(),
  },
  {
    name: 'denial-as-approval',
    requirements: 'EP-SIG-2 EP-KEY-U',
    did: 'presented the signature over a denial as an approval',
    expected: 'signoff_signature_invalid',
    forge: signedByAll({ signedObject: (context) => denialEnvelope(hashJson(context), undefined) }),
  },
  {
    name: 'possession-as-approval',
    requirements: 'EP-KEY-U EP-ENC-8',
    did: 'presented the signature of an enrollment, whose challenge it had chosen, as an approval',
    expected: 'signoff_signature_invalid',
    forge: signedByAll({
      signedObject: (context) => ({
        type: 'ep.possession.v1',
        directory_id: 'ep:directory:acme',
        approver_id: jchen.id,
        public_key: jchen.signer.publicKey,
        challenge: encodeBinary(parseHash(hashJson(context))),
        at: '2026-11-20T12:01:00Z',
      }),
    }),
  },
  {
    name: 'sign-in-as-approval',
    requirements: 'EP-KEY-U EP-KEY-A',
    did: 'presented the passkey assertion of a sign-in as an approval',
    expected: 'webauthn_challenge_mismatch',
    world: { approvers: [{ name: 'jchen', keyClass: 'A' }] },
    forge: signedByAll({
      signedObject: () => ({
        type: 'ep.signin.v1',
        directory_id: 'ep:directory:acme',
        approver_id: jchen.id,
        challenge: 'b64u:AAAAAAAAAAAAAAAAAAAAAA',
        at: '2026-11-20T12:01:00Z',
      }),
    }),
  },
  {
    name: 'class-raised',
    requirements: 'EP-KEY-X',
    did: 'declared a signoff of class B to be of class A',
    expected: 'signoff_key_class_mismatch',
    forge: signedByAll({ alter: { signoffs: [set('/0/key_class', 'A')] } }),
  },
  {
    name: 'custodied-key',
    requirements: 'EP-KEY-C',
    did: 'signed with a key of class C, which it keeps for the approver, where the trust file accepts none',
    expected: 'assurance_insufficient',
    world: {
      policies: [{ min_key_class: 'C' }],
      approvers: [{ name: 'jchen', keyClass: 'C', signer: operatorKey('ep:key:jchen#1') }],
    },
    forge: signedByAll(),
  },
  {
    name: 'custodied-key-relabelled',
    requirements: 'EP-KEY-C EP-DIR-4',
    did: 'had a key that it holds enrolled as class B; the trust file lists it as the operator’s',
    expected: 'assurance_insufficient',
    world: { approvers: [{ name: 'jchen', signer: operatorKey('ep:key:jchen#1') }] },
    trust: () => [set('/organizations/0/operator_keys', [operatorKey('ep:key:jchen#1').publicKey])],
    forge: signedByAll(),
  },
  {
    name: 'psea-token',
    requirements: 'EP-ENC-7 EP-BUN-4',
    did: 'added a token that it signed itself to a signoff',
    expected: 'psea_unsupported',
    forge: signedByAll({ alter: { signoffs: [put('/0/psea', { token: 'eyJhbGciOiJub25lIn0' })] } }),
  },
]

function compressed(publicKey: string): string {
  const point = parseBinary(publicKey).slice(-64)
  const prefix = decodeHex('3039301306072a8648ce3d020106082a8648ce3d030107032200')
  return encodeBinary(Uint8Array.of(...prefix, 2 + (point[63]! & 1), ...point.slice(0, 32)))
}

/** A = R = the neutral element, S = 0. */
function universalKey(): Signer {
  const neutral = (length: number) => Uint8Array.from({ length }, (_, index) => (index === 0 ? 1 : 0))
  return heldByOperator({
    keyId: 'ep:key:jchen#1',
    publicKey: encodeBinary(Uint8Array.of(...decodeHex('302a300506032b6570032100'), ...neutral(32))),
    sign: () => ({ signature: encodeBinary(neutral(64)) }),
  })
}
