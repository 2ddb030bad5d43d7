import { utf8Decode, utf8Encode } from '@countersign/pure/core/bytes'
import { makeBundle } from '@countersign/simulator/attempt'
import { octetsOfJson } from '@countersign/simulator/world'
import type { Attack } from '../attack.js'
import type { Forgery } from '../forgery.js'
import { codeOf, inScene, neverReconciled, whatIsShown } from './scene.js'

/** A forgery as a bundle that the executor is to believe; the operator goes on lying while the executor recovers. */
export function asBundle({ forge, world, trust, ...forgery }: Forgery): Attack {
  return {
    ...forgery,
    name: `bundle: ${forgery.name}`,
    target: 'executor',
    run: () =>
      inScene({ ...(world && { world }), ...(trust && { trust }) }, async (scene) => {
        const executor = await scene.executor()
        const forged = forge(scene.world, scene.owners)
        scene.owners.leave()
        const { bundle } = makeBundle(forged.world ?? scene.world, forged.options)
        const text = utf8Decode(octetsOfJson(bundle))
        const octets = utf8Encode(forged.octets?.(text) ?? text)
        scene.server.lies.bundle = () => octets
        const result = await executor.execute('attempt', whatIsShown(bundle), scene.effect)
        await executor.recover({ effect: scene.effect, reconcile: neverReconciled })
        return { code: codeOf(result), succeeded: scene.succeeded }
      }),
  }
}
