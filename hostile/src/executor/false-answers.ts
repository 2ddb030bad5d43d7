import type { Attack } from '../attack.js'
import type { FalseReceipt } from '../forgeries/receipts.js'
import { codeOf, inScene, neverReconciled, whatIsShown } from './scene.js'

/** A false receipt as the answer to the executor's own consume request. */
export function asAnswer({ setting = {}, prepare, make, name, requirements, did, expected }: FalseReceipt): Attack {
  return {
    name: `answer: ${name}`,
    target: 'executor',
    requirements,
    did,
    expected,
    run: () =>
      inScene(setting, async (scene) => {
        const executor = await scene.executor()
        // What is approved and not truly consumed must not run at all.
        const { bundle } = scene.server.approve('attempt')
        const prepared = prepare?.(scene) ?? {}
        scene.owners.leave()
        scene.server.lies.receipt = (request) => make(scene, request, prepared)
        const result = await executor.execute('attempt', whatIsShown(bundle), scene.effect)
        await executor.recover({ effect: scene.effect, reconcile: neverReconciled })
        return { code: codeOf(result), succeeded: scene.succeeded }
      }),
  }
}
