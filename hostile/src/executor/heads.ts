import { put } from '@countersign/conformance/cases/case'
import type { Executor } from '@countersign/engine/executor/executor'
import type { JsonObject } from '@countersign/pure/core/json'
import type { AttemptOptions } from '@countersign/simulator/attempt'
import { seal } from '@countersign/simulator/signer'
import { operatorKey } from '../owners.js'
import type { Play } from './play.js'
import { codeOf, type Scene, whatIsShown } from './scene.js'

const validUntil = '2027-01-30T00:00:00Z'
const later = { issuedAt: '2026-11-20T11:00:00Z', validUntil }
const latest = { issuedAt: '2026-11-20T11:30:00Z', validUntil }

/** Directory heads that are withheld or old, and what was revoked in between. */
export const headPlays: readonly Play[] = [
  {
    name: 'head: withheld',
    requirements: 'EP-DIR-5',
    did: 'withheld for more than a day the head that revokes the approver, where the trust file allows a day',
    expected: 'head_age_too_large',
    setting: {
      world: { directoryAt: '2026-11-19T12:00:00Z' },
      trust: () => [put('/organizations/0/max_head_age_seconds', 86_400)],
    },
    play: async (scene) => {
      const old = scene.world.currentHead()
      scene.world.directory.setStatus(3, { valid_to: '2026-11-19T13:00:00Z' })
      scene.world.publishHead({ issuedAt: '2026-11-19T13:00:00Z', validUntil })
      return show(scene, { head: old })
    },
  },
  {
    name: 'head: withheld to its end',
    requirements: 'EP-DIR-5',
    did: 'released a bundle under a head that had reached its end in the meantime, with no newer one',
    expected: 'executor_head_expired',
    setting: { world: { directoryUntil: '2026-11-20T12:09:59Z' } },
    play: (scene) => show(scene, {}),
  },
  {
    name: 'head: old after newer',
    requirements: 'EP-DIR-5',
    did: 'went back to a head from before the revocation, when the executor had seen a newer one',
    expected: 'executor_head_stale',
    play: async (scene) => {
      const old = scene.world.currentHead()
      scene.world.directory.setStatus(3, { valid_to: '2026-11-20T12:01:00Z' })
      scene.world.publishHead(later)
      return show(scene, { head: old }, await ranBefore(scene))
    },
  },
  {
    name: 'head: old after a restart',
    requirements: 'EP-DIR-5 EP-BUN-3',
    did: 'went back to it after the executor had been restarted',
    expected: 'executor_head_stale',
    play: async (scene) => {
      const old = scene.world.currentHead()
      scene.world.publishHead(later)
      await ranBefore(scene)
      return show(scene, { head: old })
    },
  },
  {
    name: 'head: ended policy',
    requirements: 'EP-DIR-5 EP-POL-4',
    did: 'used a policy that had ended under the head from before its end',
    expected: 'executor_head_stale',
    play: async (scene) => {
      const old = scene.world.currentHead()
      scene.world.directory.setStatus(0, { valid_to: '2026-11-20T12:01:00Z' })
      scene.world.publishHead(later)
      return show(scene, { head: old }, await ranBefore(scene))
    },
  },
  {
    name: 'head: chain withheld',
    requirements: 'EP-DIR-5',
    did: 'showed a newer head and withheld the one between',
    expected: 'executor_head_chain_missing',
    play: async (scene) => {
      const executor = await ranBefore(scene)
      scene.world.publishHead(later)
      scene.world.publishHead(latest)
      scene.server.lies.heads = () => []
      return show(scene, {}, executor)
    },
  },
  {
    name: 'head: chain forged',
    requirements: 'EP-DIR-2 EP-DIR-5',
    did: 'showed the head between under a signature of its own',
    expected: 'head_signature_invalid',
    play: async (scene) => {
      const executor = await ranBefore(scene)
      const { head } = scene.world.publishHead(later)
      scene.world.publishHead(latest)
      scene.server.lies.heads = () => [seal(head['body'] as JsonObject, operatorKey('ep:key:acme-directory#1'))]
      return show(scene, {}, executor)
    },
  },
  {
    name: 'head: chain of the past',
    requirements: 'EP-DIR-5',
    did: 'answered the question for the chain with a head from before it',
    expected: 'executor_head_chain_mismatch',
    play: async (scene) => {
      const executor = await ranBefore(scene)
      const { head } = scene.world.directory.heads[0]!
      scene.world.publishHead(later)
      scene.world.publishHead(latest)
      scene.server.lies.heads = () => [head]
      return show(scene, {}, executor)
    },
  },
]

/** Under the newest head an attempt was approved, and ran. */
async function ranBefore(scene: Scene): Promise<Executor> {
  const executor = await scene.executor()
  const { bundle } = scene.approve('before')
  await executor.execute('before', whatIsShown(bundle), scene.effect)
  return executor
}

/** An attempt that everybody signed, and that is not to run. */
async function show(scene: Scene, options: AttemptOptions, executor?: Executor): Promise<string> {
  const { bundle } = scene.server.approve('attempt', options)
  scene.owners.leave()
  const reached = executor ?? (await scene.executor())
  return codeOf(await reached.execute('attempt', whatIsShown(bundle), scene.effect))
}
