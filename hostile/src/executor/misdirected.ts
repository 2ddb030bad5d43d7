import { put } from '@countersign/conformance/cases/case'
import { makeBundle } from '@countersign/simulator/attempt'
import { operatorsOrganization } from '../forgeries/operators-organization.js'
import { operatorKey } from '../owners.js'
import type { Play } from './play.js'
import { codeOf, type Scene, whatIsShown } from './scene.js'

/** An approval that is genuine, and not for this executor or not for what its caller is about to do. */
export const misdirected: readonly Play[] = [
  {
    name: 'misdirected: another action',
    requirements: 'EP-BUN-2 EP-ACT-2',
    did: 'released another approved attempt than the caller asked for',
    expected: 'executor_action_mismatch',
    play: async (scene) => {
      const wanted = scene.server.approve('wanted').bundle
      const { bundle } = scene.server.approve('other', { action: { parameters: { amount: '9999999.00' } } })
      scene.server.lies.bundle = () => bundle
      return offered(scene, wanted)
    },
  },
  {
    name: 'misdirected: another system',
    requirements: 'EP-BUN-2',
    did: 'released an attempt for a system that this executor does not serve',
    expected: 'executor_target_mismatch',
    play: async (scene) =>
      offered(
        scene,
        scene.server.approve('attempt', { action: { target: { system: 'payroll.example', resource: 'wire/1' } } })
          .bundle,
      ),
  },
  {
    name: 'misdirected: another organization',
    requirements: 'EP-VER-2',
    did: 'presented an approval of its own organization, which the trust file of the executor pins as well',
    expected: 'executor_organization_mismatch',
    setting: { trust: () => [put('/organizations/-', operatorsOrganization().pinned)] },
    play: async (scene) => {
      const { bundle } = makeBundle(operatorsOrganization().world)
      scene.server.lies.bundle = () => bundle
      return offered(scene, bundle)
    },
  },
  {
    name: 'misdirected: class too low',
    requirements: 'EP-ENF-1',
    did: 'had an executor of class STANDARD run what the policy allows to STRONG ones only',
    expected: 'executor_enforcement_insufficient',
    setting: { executor: { enforcementClass: 'STANDARD' } },
    play: async (scene) => offered(scene, scene.server.approve('attempt').bundle),
  },
  {
    name: 'misdirected: executor unpinned',
    requirements: 'EP-BUN-2',
    did: 'had an executor run it that the trust file does not pin',
    expected: 'executor_key_unknown',
    setting: {
      trust: () => [
        put('/organizations/0/executors', [
          { public_key: operatorKey('ep:key:other#1').publicKey, enforcement_class: 'STRONG' },
        ]),
      ],
    },
    play: async (scene) => offered(scene, scene.server.approve('attempt').bundle),
  },
  {
    name: 'no answer but no',
    requirements: 'EP-BUN-2',
    did: 'said that nothing was approved',
    expected: 'executor_authority_refused',
    play: async (scene) => {
      const { bundle } = scene.server.approve('attempt')
      scene.server.fetchBundle = async () => ({ refused: 'authorization_approval_insufficient' })
      return offered(scene, bundle)
    },
  },
]

async function offered(scene: Scene, wanted: Parameters<typeof whatIsShown>[0]): Promise<string> {
  scene.owners.leave()
  const executor = await scene.executor()
  return codeOf(await executor.execute('attempt', whatIsShown(wanted), scene.effect))
}
