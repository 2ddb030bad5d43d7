import { drop, put, requiring, rules, set } from '@countersign/conformance/cases/case'
import { hashJson } from '@countersign/pure/core/digest'
import type { JsonArray, JsonObject, JsonValue } from '@countersign/pure/core/json'
import type { PatchOperation } from '@countersign/pure/core/json-patch'
import type { AttemptOptions } from '@countersign/simulator/attempt'
import type { World, WorldOptions } from '@countersign/simulator/world'
import { type Forged, type Forgery, signedByAll } from '../forgery.js'
import { heldByOperator, makeOwnedWorld, type Owners, operatorKey } from '../owners.js'
import { unsealed } from './contents.js'
import { allOperator, operatorsApprover, operatorsOrganization } from './operators-organization.js'

const weaker = rules(requiring({ k: 1, roles: ['intern', 'treasury'] }))
const directoryKeyId = 'ep:key:acme-directory#1'
const pinnedKey = '/organizations/0/directory/keys/0'
const again = { validUntil: '2027-01-30T00:00:00Z' }
// Where the usual world has them.
const policyLeaf = 0
const approverLeaf = 3

/** The directory, the policy or the organization is not what the organization signed. */
export const authorityForgeries: readonly Forgery[] = [
  {
    name: 'directory-of-operator',
    requirements: 'EP-DIR-2',
    did: 'made a directory of its own and signed its head with its own key',
    expected: 'head_key_unknown',
    forge: inWorldOf({ ...allOperator, headSigners: [operatorKey('ep:key:operator#1')] }),
  },
  {
    name: 'directory-by-log-key',
    requirements: 'EP-DIR-2 EP-DIR-4',
    did: 'signed that head with the log key, under the id of the directory key',
    expected: 'head_signature_invalid',
    forge: (world, owners) => {
      const logKey = heldByOperator({ ...world.log.key, keyId: directoryKeyId })
      return inWorldOf({ ...allOperator, headSigners: [logKey] })(world, owners)
    },
  },
  {
    name: 'approver-in-forged-head',
    requirements: 'EP-DIR-1 EP-DIR-2',
    did: 'enrolled a key of its own under the name of a real approver, in a head of its own',
    expected: 'head_signature_invalid',
    forge: inWorldOf({ ...unsealed, approvers: [operatorsApprover], headSigners: [operatorKey(directoryKeyId)] }),
  },
  {
    name: 'approver-under-real-head',
    requirements: 'EP-DIR-1 EP-REC-2',
    did: 'put a key of its own into the leaf of a real approver, under the real head',
    expected: 'inclusion_root_mismatch',
    forge: withLeaf(
      approverLeaf,
      { public_key: operatorsApprover.signer.publicKey },
      (hash) => set('/approvers/0', hash),
      {
        approverSigner: () => operatorsApprover.signer,
      },
    ),
  },
  {
    name: 'approver-not-opened',
    requirements: 'EP-REC-2',
    did: 'left out the opening of the approver',
    expected: 'opening_missing',
    forge: signedByAll({ alter: { openings: (draft) => (draft as JsonArray).slice(0, -1) } }),
  },
  {
    name: 'policy-of-operator',
    requirements: 'EP-POL-4 EP-CTX-3',
    did: 'had an approver without a trust file sign under a policy that it wrote',
    expected: 'policy_leaf_hash_mismatch',
    forge: signedByAll({ alter: { policy: [set('/rules', weaker['rules']!)] } }),
  },
  {
    name: 'policy-under-real-head',
    requirements: 'EP-POL-4',
    did: 'wrote the leaf of that policy too, under the real head',
    expected: 'inclusion_root_mismatch',
    forge: (world) => {
      const policy = { ...world.policies[0]!.policy, ...weaker }
      const options = { alter: { policy: () => policy } }
      return withLeaf(policyLeaf, { policy_hash: hashJson(policy) }, (hash) => set('/policy', hash), options)(world)
    },
  },
  {
    name: 'policy-in-forged-head',
    requirements: 'EP-POL-4 EP-DIR-2',
    did: 'put that policy into a directory whose head it signed itself; approver and agent signed',
    expected: 'head_signature_invalid',
    forge: inWorldOf({ policies: [weaker], headSigners: [operatorKey(directoryKeyId)] }),
  },
  {
    name: 'policy-unnamed',
    requirements: 'EP-POL-4',
    did: 'named no policy leaf, as if the trust file pinned the policy that it wrote',
    expected: 'authority_policy_missing',
    forge: signedByAll({ pinnedPolicy: true, alter: { policy: [set('/rules', weaker['rules']!)] } }),
  },
  {
    name: 'policy-ended',
    requirements: 'EP-POL-4 EP-DIR-5',
    did: 'had an action signed under a policy that the organization had ended',
    expected: 'entry_valid_to_expired',
    forge: afterEnd(policyLeaf),
  },
  {
    name: 'approver-revoked',
    requirements: 'EP-DIR-5',
    did: 'had an approver sign whom the organization had revoked',
    expected: 'entry_valid_to_expired',
    forge: afterEnd(approverLeaf),
  },
  {
    name: 'policy-of-another-type',
    requirements: 'EP-POL-4 EP-ACT-1',
    did: 'had a wire signed under the policy for memos',
    expected: 'policy_action_type_mismatch',
    world: { policies: [{}, { policy_id: 'ep:policy:memos@v1', action_types: ['memo.send'] }] },
    forge: signedByAll({ policy: 1 }),
  },
  {
    name: 'not-covered',
    requirements: 'EP-POL-1',
    did: 'had an action signed that no rule of the policy covers',
    expected: 'policy_rule_missing',
    forge: signedByAll({ action: { parameters: { amount: '5.00', currency: 'USD' } } }),
  },
  {
    name: 'head-expired',
    requirements: 'EP-DIR-5',
    did: 'had an action signed under a head past its end',
    expected: 'head_valid_until_expired',
    world: { directoryUntil: '2026-11-20T11:00:00Z' },
    forge: signedByAll(),
  },
  {
    name: 'head-of-later',
    requirements: 'EP-DIR-5',
    did: 'showed an approval under a head that was issued only after it',
    expected: 'head_issued_at_invalid',
    forge: (world) => {
      world.publishHead({ issuedAt: '2026-11-20T12:05:00Z', ...again })
      return signedByAll()(world)
    },
  },
  {
    name: 'head-altered',
    requirements: 'EP-DIR-2',
    did: 'moved the end of a signed head to later',
    expected: 'head_signature_invalid',
    forge: signedByAll({ alter: { authority: [set('/head/body/valid_until', '2027-01-29T00:00:00Z')] } }),
  },
  {
    name: 'directory-in-operators-custody',
    requirements: 'EP-DIR-4',
    did: 'signed the head with a directory key that the organization let it keep',
    expected: 'directory_custody_insufficient',
    world: { ...allOperator, headSigners: [operatorKey(directoryKeyId)] },
    trust: () => [set(`${pinnedKey}/public_key`, operatorKey(directoryKeyId).publicKey), drop(`${pinnedKey}/custody`)],
    forge: signedByAll(),
  },
  {
    name: 'log-key-as-directory-key',
    requirements: 'EP-DIR-4',
    did: 'had the organization pin the log key as a directory key',
    expected: 'directory_custody_insufficient',
    trust: ({ log }) => [set(`${pinnedKey}/public_key`, log.key.publicKey)],
    forge: (world, owners) => {
      const logKey = heldByOperator({ ...world.log.key, keyId: directoryKeyId })
      return inWorldOf({ ...allOperator, headSigners: [logKey] })(world, owners)
    },
  },
  {
    name: 'entry-not-attested',
    requirements: 'EP-DIR-3',
    did: 'had a head signed with an approver of its own, whom no administrator attested',
    expected: 'attestation_missing',
    world: { administrators: 1, approvers: [operatorsApprover] },
    trust: () => [set('/organizations/0/administrators/m', 1)],
    forge: signedByAll(),
  },
  {
    name: 'attestation-forged',
    requirements: 'EP-DIR-3',
    did: 'attested that approver itself, under the id of an administrator',
    expected: 'attestation_signature_invalid',
    world: {
      administrators: 1,
      approvers: [operatorsApprover],
      attestationSigners: [operatorKey('ep:key:acme-administrator#1')],
    },
    trust: () => [set('/organizations/0/administrators/m', 1)],
    forge: signedByAll(),
  },
  {
    name: 'organization-unknown',
    requirements: 'EP-VER-2',
    did: 'made an organization of its own with everything that belongs to one',
    expected: 'organization_unknown',
    forge: inWorldOf({ ...allOperator, organization: 'globex' }),
  },
  {
    name: 'keys-of-another-organization',
    requirements: 'EP-VER-2',
    did: 'showed the head of another pinned organization, which is its own, in the place of this one’s',
    expected: 'head_directory_mismatch',
    trust: () => [put('/organizations/-', operatorsOrganization().pinned)],
    forge: signedByAll({
      alter: { authority: [set('/head', operatorsOrganization().world.currentHead().published.head)] },
    }),
  },
]

/** The whole artifact comes from a world with these options; whom the operator does not play there signs of their own will. */
function inWorldOf(options: WorldOptions) {
  return (_: World, owners: Owners): Forged => {
    const world = makeOwnedWorld(options, owners)
    return { ...signedByAll()(world), world }
  }
}

/** The organization ended an entry an hour before; it is used under the head that says so. */
function afterEnd(leaf: number) {
  return (world: World): Forged => {
    world.directory.setStatus(leaf, { valid_to: '2026-11-20T11:00:00Z' })
    world.publishHead({ issuedAt: '2026-11-20T11:00:00Z', ...again })
    return signedByAll()(world)
  }
}

/** A leaf with changes, opened in the place of the real one; `named` names it in the authority. */
function withLeaf(
  index: number,
  changes: JsonObject,
  named: (hash: string) => PatchOperation,
  options: AttemptOptions,
) {
  return (world: World): Forged => {
    const real = world.directory.leaves[index]!['entry'] as JsonObject
    const opening = world.currentHead().published.opening(hashJson(real))!
    const entry = { ...real, ...changes }
    const forged = { ...opening, leaf: { ...(opening['leaf'] as JsonObject), entry } }
    const alter = {
      ...options.alter,
      authority: [named(hashJson(entry))],
      openings: (draft: JsonValue) => [...(draft as JsonArray), forged],
    }
    return signedByAll({ ...options, alter })(world)
  }
}
