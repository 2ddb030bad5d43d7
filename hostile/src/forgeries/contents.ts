import { drop, put, requiring, rules, set } from '@countersign/conformance/cases/case'
import { hashJson } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { makeBundle } from '@countersign/simulator/attempt'
import { type Forgery, madeOf, repeating, signedByAll } from '../forgery.js'
import { operatorKey } from '../owners.js'

export const dearer: JsonObject = { parameters: { amount: '9999999.00', currency: 'USD' } }
/** Its initiator has no key, so that what it asked for is the operator's word anyway. */
export const unsealed = { entities: [{ name: 'agent-recon-7', withKey: false }] } as const
const agentByOperator = { initiatorSigner: operatorKey('ep:key:agent-recon-7#1') }

/** Another action, context or window than was signed. */
export const contentForgeries: readonly Forgery[] = [
  {
    name: 'amount-changed',
    requirements: 'EP-ACT-2 EP-INV-2',
    did: 'changed the amount of a signed action',
    expected: 'action_hash_mismatch',
    forge: madeOf(() => ({ alter: { bundle: [set('/action/parameters/amount', '9999999.00')] } })),
  },
  {
    name: 'amount-changed-rehashed',
    requirements: 'EP-ACT-2 EP-INV-2',
    did: 'changed the amount and made the action hash anew',
    expected: 'context_action_hash_mismatch',
    forge: madeOf(({ action }) => {
      const changed = { ...(action as JsonObject), ...dearer }
      return { alter: { bundle: [set('/action', changed), set('/action_hash', hashJson(changed))] } }
    }),
  },
  {
    name: 'amount-changed-contexts-remade',
    requirements: 'EP-INV-2 EP-CTX-5',
    did: 'changed the amount, made every hash and context anew, and repeated the signature of the approver',
    expected: 'signoff_signature_invalid',
    world: unsealed,
    forge: madeOf((_, [context]) => ({ action: dearer, approverSigner: repeating(hashJson(context!)) })),
  },
  {
    name: 'amount-changed-hash-kept',
    requirements: 'EP-INV-2 EP-SIG-1',
    did: 'the same, and the signoff names the context that was signed',
    expected: 'signoff_context_unknown',
    world: unsealed,
    forge: madeOf((_, [context]) => {
      const hash = hashJson(context!)
      return {
        action: dearer,
        approverSigner: repeating(hash),
        alter: { signoffs: [set('/0/context_hash', hash)] },
      }
    }),
  },
  {
    name: 'request-forged',
    requirements: 'EP-ACT-5',
    did: 'asked in the name of an initiator, under a key of its own',
    expected: 'initiation_signature_invalid',
    forge: signedByAll(agentByOperator),
  },
  {
    name: 'request-of-another-action',
    requirements: 'EP-ACT-5',
    did: 'put the sealed request of one action beside another, which the approver signed',
    expected: 'initiation_action_hash_mismatch',
    forge: (world) => {
      const { bundle } = makeBundle(world)
      const options = { action: dearer, alter: { initiation: () => bundle['initiation']! } }
      return signedByAll(options)(world)
    },
  },
  {
    name: 'request-left-out',
    requirements: 'EP-ACT-5',
    did: 'left out the sealed request of an initiator who has a key',
    expected: 'initiation_missing',
    forge: signedByAll({ alter: { bundle: [drop('/initiation')] } }),
  },
  {
    name: 'window-stretched',
    requirements: 'EP-CTX-7 EP-INV-2',
    did: 'moved expires_at of a signed context to later',
    expected: 'signoff_signature_invalid',
    forge: madeOf((_, [context]) => ({ approverSigner: repeating(hashJson(context!)) }), {
      instants: { expiresAt: '2026-11-20T12:05:00Z' },
    }),
  },
  {
    name: 'window-too-long',
    requirements: 'EP-CTX-7 EP-POL-4',
    did: 'had a context signed that holds for a day, under a policy of 15 minutes',
    expected: 'window_length_too_large',
    forge: signedByAll({ instants: { expiresAt: '2026-11-21T12:00:00Z' } }),
  },
  {
    name: 'drill',
    requirements: 'EP-SEC-4 EP-ENC-8',
    did: 'presented the signature over a drill as an approval',
    expected: 'context_type_mismatch',
    forge: signedByAll({ alter: { contexts: [set('/0/context_type', 'ep.drill.v1')] } }),
  },
  {
    name: 'drill-renamed',
    requirements: 'EP-SEC-4 EP-ENC-8',
    did: 'called the drill a signoff context after it was signed',
    expected: 'signoff_signature_invalid',
    forge: madeOf((_, [context]) => ({ approverSigner: repeating(hashJson(context!)) }), {
      alter: { contexts: [set('/0/context_type', 'ep.drill.v1')] },
    }),
  },
  {
    name: 'nonce-short',
    requirements: 'EP-CTX-2',
    did: 'had a context signed whose nonce it could use again',
    expected: 'nonce_length_insufficient',
    forge: signedByAll({ alter: { contexts: [set('/0/nonce', 'b64u:AAAAAAAAAAAAAAAA')] } }),
  },
  {
    name: 'nonce-new',
    requirements: 'EP-CTX-6 EP-INV-1',
    did: 'gave a signed context a fresh nonce, to have it consumed a second time',
    expected: 'signoff_signature_invalid',
    forge: madeOf((_, [context]) => ({
      label: 'again',
      approverSigner: repeating(hashJson(context!)),
    })),
  },
  {
    name: 'approvals-lowered',
    requirements: 'EP-CTX-6 EP-POL-3',
    did: 'had one approver sign a context that says one is enough, where the policy asks for two',
    expected: 'required_approvals_mismatch',
    world: { policies: [rules(requiring({ k: 2, roles: ['treasury'] }))] },
    forge: signedByAll({ requiredApprovals: 1 }),
  },
  {
    name: 'member-twice',
    requirements: 'EP-ENC-1',
    did: 'gave the document a second action: parsers that take the last read one, others the other',
    expected: 'json_member_duplicate',
    forge: (world) => ({
      ...signedByAll()(world),
      octets: (text) => text.replace('"action":', '"action":{},"action":'),
    }),
  },
  {
    name: 'member-twice-escaped',
    requirements: 'EP-ENC-1',
    did: 'wrote the second action with an escape in its name',
    expected: 'json_member_duplicate',
    forge: (world) => ({
      ...signedByAll()(world),
      octets: (text) => text.replace('"action":', '"\\u0061ction":{},"action":'),
    }),
  },
  {
    name: 'member-unknown',
    requirements: 'EP-ENC-7',
    did: 'added a member of its own to the action',
    expected: 'member_unknown',
    forge: signedByAll({ action: { approved: true } }),
  },
  {
    name: 'evidence-left-out',
    requirements: 'EP-ENC-7',
    did: 'left out evidence that the policy requires',
    expected: 'evidence_required_missing',
    world: { policies: [{ evidence_required: ['ep.second_display.v1'] }] },
    forge: signedByAll(),
  },
  {
    name: 'delegation-invented',
    requirements: 'EP-DEL-1',
    did: 'named a delegation that nobody granted',
    expected: 'delegation_unsupported',
    forge: signedByAll({ alter: { authority: [put('/delegations/-', hashJson('a grant'))] } }),
  },
]
