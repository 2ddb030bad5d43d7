import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import { pinned } from '@countersign/simulator/world'
import type { Attack } from '../attack.js'
import { inScene, whatIsShown } from '../executor/scene.js'
import type { FalseReceipt } from '../forgeries/receipts.js'
import { judged } from './judged.js'

/** A false receipt as evidence: the operator got the genuine request from an executor, and kept its answer back. */
export function asEvidence({ setting = {}, prepare, make, name, requirements, did, expected }: FalseReceipt): Attack {
  return {
    name: `receipt: ${name}`,
    target: 'verifier',
    requirements,
    did,
    expected,
    run: () =>
      inScene(setting, async (scene) => {
        const { bundle } = scene.server.approve('attempt')
        const prepared = prepare?.(scene) ?? {}
        let sealed: JsonObject | undefined
        scene.server.lies.receipt = (request) => {
          sealed = request
          return new Uint8Array(0)
        }
        const executor = await scene.executor()
        await executor.execute('attempt', whatIsShown(bundle), scene.effect)
        scene.owners.leave()
        const receipt = make(scene, sealed!, prepared)
        const octets = receipt instanceof Uint8Array ? receipt : canonicalBytes(receipt)
        return judged(verifyReceipt(octets, pinned(scene.trustFile)))
      }),
  }
}
