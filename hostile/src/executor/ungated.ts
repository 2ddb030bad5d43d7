import { deciding, put, rules, set } from '@countersign/conformance/cases/case'
import { hashJson } from '@countersign/pure/core/digest'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import { applyPatch } from '@countersign/pure/core/json-patch'
import { type AttemptOptions, makeBundle } from '@countersign/simulator/attempt'
import type { World } from '@countersign/simulator/world'
import type { Attack } from '../attack.js'
import { operatorsOrganization } from '../forgeries/operators-organization.js'
import { makeOwnedWorld, operatorKey } from '../owners.js'
import { inScene, type Scene, type Setting } from './scene.js'
import { openedPolicy } from './server.js'

/** The operator says that an action needs nobody's signature; the executor is to believe it without an authorization. */
interface Ungating {
  readonly name: string
  readonly requirements: string
  readonly did: string
  readonly expected: string
  readonly setting?: Setting
  /** What the server answers for the policy in force. */
  readonly lie: (scene: Scene) => JsonObject | Promise<JsonObject>
}

const nothingNeeded = rules(deciding('ungated'))
const memos = { policy_id: 'ep:policy:memos@v1', action_types: ['memo.send'], ...nothingNeeded }
const validUntil = '2027-01-30T00:00:00Z'

const ungatings: readonly Ungating[] = [
  {
    name: 'ungated: its word',
    requirements: 'EP-POL-1',
    did: 'said that the policy asks for nothing',
    expected: 'member_unknown',
    lie: () => ({ decision: 'ungated', policy_id: 'ep:policy:wires@v1' }),
  },
  {
    name: 'ungated: policy of its own',
    requirements: 'EP-POL-1 EP-POL-4',
    did: 'showed a policy that it wrote beside the real leaf',
    expected: 'policy_leaf_hash_mismatch',
    lie: ({ world }) => ({ ...openedPolicy(world), policy: { ...world.policies[0]!.policy, ...nothingNeeded } }),
  },
  {
    name: 'ungated: leaf of its own',
    requirements: 'EP-POL-1 EP-POL-4',
    did: 'wrote the leaf of that policy too',
    expected: 'inclusion_root_mismatch',
    lie: ({ world }) => {
      const policy = { ...world.policies[0]!.policy, ...nothingNeeded }
      const path = '/opening/leaf/entry/policy_hash'
      return applyPatch({ ...openedPolicy(world), policy }, [set(path, hashJson(policy))]) as JsonObject
    },
  },
  {
    name: 'ungated: head of its own',
    requirements: 'EP-POL-1 EP-DIR-2',
    did: 'signed a head over that leaf, under the id of the directory key',
    expected: 'head_signature_invalid',
    lie: ({ owners }) => {
      const headSigners = [operatorKey('ep:key:acme-directory#1')]
      return openedPolicy(makeOwnedWorld({ policies: [nothingNeeded], headSigners }, owners))
    },
  },
  {
    name: 'ungated: policy of another organization',
    requirements: 'EP-POL-1 EP-VER-2',
    did: 'showed the policy of its own organization, which the trust file pins as well',
    expected: 'executor_organization_mismatch',
    setting: { trust: () => [put('/organizations/-', operatorsOrganization().pinned)] },
    lie: () => openedPolicy(operatorsOrganization().world),
  },
  {
    name: 'ungated: policy of another type',
    requirements: 'EP-POL-1 EP-POL-4',
    did: 'showed the policy for memos, which asks for nothing',
    expected: 'policy_id_mismatch',
    setting: { world: { policies: [{}, memos] } },
    lie: ({ world }) => openedPolicy(world, 1),
  },
  {
    name: 'ungated: ended policy',
    requirements: 'EP-POL-4 EP-DIR-5',
    did: 'showed the policy from before, which asked for nothing and was ended',
    expected: 'entry_valid_to_expired',
    setting: { world: { policies: [nothingNeeded] } },
    lie: ({ world }) => {
      end(world)
      return openedPolicy(world)
    },
  },
  {
    name: 'ungated: ended policy under an old head',
    requirements: 'EP-POL-4 EP-DIR-5',
    did: 'showed it under the head from before its end, when the executor had seen a newer one',
    expected: 'executor_head_stale',
    setting: { world: { policies: [nothingNeeded, memos] } },
    lie: async (scene) => {
      const { world, server } = scene
      const old = world.currentHead().published
      end(world)
      server.lies.policy = () => openedPolicy(world, 1)
      const executor = await scene.executor()
      await executor.decide(action(world, { policy: 1, action: { action_type: 'memo.send' } }))
      return openedPolicy(world, 0, old)
    },
  },
  {
    name: 'ungated: old head withheld',
    requirements: 'EP-DIR-5',
    did: 'withheld for more than a day the head that ends it, where the trust file allows a day',
    expected: 'head_age_too_large',
    setting: {
      world: { policies: [nothingNeeded] },
      trust: () => [put('/organizations/0/max_head_age_seconds', 86_400)],
    },
    lie: ({ world }) => openedPolicy(world),
  },
]

export const ungatingAttacks: readonly Attack[] = ungatings.map(({ lie, setting = {}, ...attack }) => ({
  ...attack,
  target: 'executor',
  run: () =>
    inScene(setting, async (scene) => {
      const asked = action(scene.world)
      const told = await lie(scene)
      scene.owners.leave()
      scene.server.lies.policy = () => told
      const executor = await scene.executor()
      const result = await executor.decide(asked)
      if (result.status === 'refused') return { code: result.failure.code, succeeded: false }
      return { code: result.decision, succeeded: result.decision === 'ungated' }
    }),
}))

/** The octets of an action that somebody asks for. */
function action(world: World, options: AttemptOptions = {}): Uint8Array {
  return canonicalBytes(makeBundle(world, options).bundle['action']!)
}

/** The organization ends its first policy. */
function end({ directory, publishHead }: World): void {
  directory.setStatus(0, { valid_to: '2026-11-20T11:00:00Z' })
  publishHead({ issuedAt: '2026-11-20T11:00:00Z', validUntil })
}
