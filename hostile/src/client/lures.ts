import { deciding, requiring, rules, set } from '@countersign/conformance/cases/case'
import { hashJson } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import type { JsonObject } from '@countersign/pure/core/json'
import { applyPatch } from '@countersign/pure/core/json-patch'
import type { World, WorldOptions } from '@countersign/simulator/world'
import { dearer, unsealed } from '../forgeries/contents.js'
import { makeOwnedWorld, type Owners, operatorKey } from '../owners.js'
import { refit, type Served } from './served.js'

/** What the operator serves to an approver's client in the place of the truth. */
export interface Lure {
  readonly name: string
  readonly requirements: string
  readonly did: string
  readonly expected: string
  readonly world?: WorldOptions
  readonly action?: JsonObject
  readonly command?: 'approve' | 'deny'
  /** The approver has no trust file. */
  readonly untrusting?: true
  /** What the honest answer becomes. */
  readonly bait: (
    served: Served,
    stage: { readonly world: World; readonly owners: Owners; readonly publicKey: string },
  ) => void
}

export const signedWhatItShowed = 'signed what it showed'

const small = { amount: '100000.00', currency: 'USD' }

export const lures: readonly Lure[] = [
  {
    name: 'action swapped',
    requirements: 'EP-SEC-1 EP-CTX-5',
    did: 'showed a smaller amount than was hashed',
    expected: 'action_hash_mismatch',
    bait: ({ authorization }) => {
      authorization.action['parameters'] = small
    },
  },
  {
    name: 'action and hash swapped',
    requirements: 'EP-SEC-1 EP-CTX-5',
    did: 'showed another action with its hash beside the contexts of the dear one',
    expected: 'context_action_hash_mismatch',
    bait: ({ authorization }) => {
      authorization.action['parameters'] = small
      authorization.action_hash = hashJson(authorization.action)
    },
  },
  {
    name: 'action of nobody',
    requirements: 'EP-ACT-5',
    did: 'made up an action, its contexts and hashes, in the name of an agent that seals what it asks',
    expected: 'initiation_action_hash_mismatch',
    bait: (served) => {
      served.authorization.action['parameters'] = dearer['parameters']!
      refit(served)
    },
  },
  {
    name: 'context hash of a head',
    requirements: 'EP-KEY-U',
    did: 'gave the digest of a directory head as the hash of the context',
    expected: 'served_context_hash_mismatch',
    bait: ({ contexts, head }) => {
      contexts[0]!.context_hash = hashJson(head['body']!)
    },
  },
  {
    name: 'context hash of an attestation',
    requirements: 'EP-KEY-U EP-DIR-3',
    did: 'gave the digest of an attestation for an approver of its own as the hash of the context',
    expected: 'served_context_hash_mismatch',
    bait: ({ contexts }) => {
      contexts[0]!.context_hash = hashJson({ type: 'ep.attestation.v1', entry_hash: hashJson('the operator') })
    },
  },
  {
    name: 'context hash of a possession',
    requirements: 'EP-KEY-U',
    did: 'gave the digest of a proof of possession as the hash of the context',
    expected: 'served_context_hash_mismatch',
    bait: ({ contexts }, { publicKey }) => {
      contexts[0]!.context_hash = hashJson({ type: 'ep.possession.v1', public_key: publicKey })
    },
  },
  {
    name: 'context hash of another attempt',
    requirements: 'EP-KEY-U EP-CTX-5',
    did: 'gave the hash of the context of a dearer attempt',
    expected: 'served_context_hash_mismatch',
    bait: ({ contexts, authorization }) => {
      const action_hash = hashJson({ ...authorization.action, ...dearer })
      contexts[0]!.context_hash = hashJson({ ...contexts[0]!.context, action_hash })
    },
  },
  {
    name: 'head as context',
    requirements: 'EP-KEY-U EP-ENC-8',
    did: 'served a directory head in the place of the context',
    expected: 'member_unknown',
    bait: ({ contexts, head }) => {
      contexts[0] = { context: head['body'] as JsonObject, context_hash: hashJson(head['body']!) }
    },
  },
  {
    name: 'drill as context',
    requirements: 'EP-SEC-4 EP-KEY-U',
    did: 'served a context of another type',
    expected: 'context_type_mismatch',
    bait: (served) => refit(served, { context_type: 'ep.drill.v1' }),
  },
  {
    name: 'decision in the context',
    requirements: 'EP-CTX-1',
    did: 'added a member to the context',
    expected: 'member_unknown',
    bait: (served) => refit(served, { decision: 'approved' }),
  },
  {
    name: 'context of somebody else',
    requirements: 'EP-SIG-1 EP-CTX-6',
    did: 'served the context of another approver only',
    expected: 'served_context_missing',
    bait: (served) => {
      served.contexts = served.contexts.slice(1)
    },
  },
  {
    name: 'key in the name of somebody else',
    requirements: 'EP-SIG-1 EP-DIR-1',
    did: 'served the context of another approver, with this one’s key in that approver’s leaf',
    expected: 'inclusion_root_mismatch',
    bait: (served, { publicKey }) => {
      served.contexts = served.contexts.slice(1)
      const others = served.openings.filter((opening) => entryOf(opening)['approver_id'] !== 'ep:approver:jchen')
      served.openings = others.map((opening) =>
        entryOf(opening)['approver_id'] === 'ep:approver:mlopez'
          ? patched(opening, { public_key: publicKey, key_id: 'ep:key:jchen#1' })
          : opening,
      )
    },
  },
  {
    name: 'nonce short',
    requirements: 'EP-CTX-2',
    did: 'served contexts with a nonce of 12 octets',
    expected: 'nonce_length_insufficient',
    bait: (served) => refit(served, { nonce: 'b64u:AAAAAAAAAAAAAAAA' }),
  },
  {
    name: 'two nonces',
    requirements: 'EP-CTX-6',
    did: 'served one context with another nonce than its siblings',
    expected: 'context_member_mismatch',
    bait: ({ contexts: [first] }) => {
      first!.context = { ...first!.context, nonce: `b64u:${'A'.repeat(43)}` }
      first!.context_hash = hashJson(first!.context)
    },
  },
  {
    name: 'window too long',
    requirements: 'EP-CTX-7 EP-POL-4',
    did: 'served contexts that hold for a year',
    expected: 'window_length_too_large',
    bait: (served) => refit(served, { expires_at: inSeconds(365 * 86_400) }),
  },
  {
    name: 'window over',
    requirements: 'EP-MN-1',
    did: 'served contexts whose time is over, for a server clock that it sets back later',
    expected: 'served_authorization_expired',
    bait: (served) => refit(served, { expires_at: inSeconds(-5) }),
  },
  {
    name: 'window to come',
    requirements: 'EP-CTX-7',
    did: 'served contexts of the next month, to use the signature when the approver is revoked',
    expected: 'window_clock_invalid',
    bait: (served) => refit(served, { issued_at: inSeconds(29 * 86_400), expires_at: inSeconds(29 * 86_400 + 900) }),
  },
  {
    name: 'policy hash swapped',
    requirements: 'EP-CTX-3',
    did: 'named another policy in the contexts than the one shown',
    expected: 'context_policy_hash_mismatch',
    bait: (served) => {
      served.contexts = served.contexts.map(({ context }) => {
        const other = { ...context, policy_hash: hashJson('another policy') }
        return { context: other, context_hash: hashJson(other) }
      })
    },
  },
  {
    name: 'policy of its own',
    requirements: 'EP-POL-4',
    did: 'wrote a policy that asks for less, and made everything fit',
    expected: 'policy_leaf_hash_mismatch',
    bait: (served) => {
      served.policy = { ...served.policy, ...rules(requiring({ k: 1, roles: ['intern', 'treasury'] })) }
      refit(served)
    },
  },
  {
    name: 'policy in a head of its own',
    requirements: 'EP-POL-4 EP-DIR-2',
    did: 'put that policy into a directory that it signed under the id of the directory key',
    expected: 'head_signature_invalid',
    bait: (served, { owners }) => {
      const policies = [rules(requiring({ k: 1, roles: ['intern', 'treasury'] }))]
      const headSigners = [operatorKey('ep:key:acme-directory#1')]
      const own = makeOwnedWorld({ policies, headSigners, directoryAt: inSeconds(-86_400) }, owners)
      served.policy = own.policies[0]!.policy
      served.head = own.currentHead().published.head
      refit(served)
    },
  },
  {
    name: 'policy that asks for nothing',
    requirements: 'EP-POL-1',
    did: 'showed a policy under which no signature is needed, to somebody without a trust file',
    expected: 'policy_rule_ungated',
    untrusting: true,
    bait: (served) => {
      served.policy = { ...served.policy, ...rules(deciding('ungated')) }
      refit(served)
    },
  },
  {
    name: 'approvals lowered',
    requirements: 'EP-CTX-6 EP-POL-3',
    did: 'served contexts that say one approval is enough, where the policy asks for two',
    expected: 'required_approvals_mismatch',
    world: { policies: [rules(requiring({ k: 2, roles: ['treasury'] }))] },
    bait: (served) => refit(served, { required_approvals: 1 }),
  },
  {
    name: 'policy ended',
    requirements: 'EP-DIR-5 EP-POL-4',
    did: 'used a policy that the organization had ended',
    expected: 'entry_valid_to_expired',
    bait: (served, { world }) => ended(served, world, 0),
  },
  {
    name: 'organization unknown',
    requirements: 'EP-VER-2',
    did: 'asked in the name of an organization that the approver never pinned',
    expected: 'organization_unknown',
    world: { organization: 'globex' },
    bait: () => {},
  },
  {
    name: 'head expired',
    requirements: 'EP-DIR-5',
    did: 'used a directory head past its end',
    expected: 'head_valid_until_expired',
    world: { directoryUntil: inSeconds(-3600) },
    bait: () => {},
  },
  {
    name: 'denied, then used as approval',
    requirements: 'EP-SIG-2 EP-KEY-U',
    did: 'took the signature of a denial for one over the context',
    expected: signedWhatItShowed,
    command: 'deny',
    bait: () => {},
  },
  {
    name: 'denial of another action',
    requirements: 'EP-SIG-2 EP-SEC-1',
    did: 'showed another action to somebody who denies',
    expected: 'action_hash_mismatch',
    command: 'deny',
    bait: ({ authorization }) => {
      authorization.action['parameters'] = small
    },
  },
  {
    name: 'escapes in a value',
    requirements: 'EP-CTX-5',
    did: 'hid the amount behind cursor movements in another parameter',
    expected: signedWhatItShowed,
    world: unsealed,
    action: {
      parameters: {
        amount: '2400000.00',
        currency: 'USD',
        memo: '\u001b[2A\u001b[2K  /parameters/amount  "1"\u001b[2B\u009b2J',
      },
    },
    bait: () => {},
  },
  {
    name: 'line in a name',
    requirements: 'EP-CTX-5',
    did: 'wrote a second line with a smaller amount into the name of a parameter',
    expected: signedWhatItShowed,
    world: unsealed,
    action: { parameters: { amount: '2400000.00', 'memo\n  /parameters/amount  "1"\n  /x': '', 'y\u202e': '\u2028' } },
    bait: () => {},
  },
]

function inSeconds(seconds: number): string {
  return formatInstant(Math.floor(Date.now() / 1000) * 1000 + seconds * 1000)
}

function entryOf(opening: JsonObject): JsonObject {
  return (opening['leaf'] as JsonObject)['entry'] as JsonObject
}

function patched(opening: JsonObject, members: JsonObject): JsonObject {
  return applyPatch(opening, [set('/leaf/entry', { ...entryOf(opening), ...members })]) as JsonObject
}

/** The organization ended a leaf an hour ago; what is served stands under the head that says so. */
function ended(served: Served, world: World, leaf: number): void {
  world.directory.setStatus(leaf, { valid_to: inSeconds(-3600) })
  const { head, opening } = world.publishHead({ issuedAt: inSeconds(-3600), validUntil: inSeconds(86_400) })
  served.head = head
  served.openings = served.openings.map((one) => opening(hashJson(entryOf(one)))!)
}
