import { utf8Decode, utf8Encode } from '@countersign/pure/core/bytes'
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import { makeReceipt } from '@countersign/simulator/attempt'
import { octetsOfJson, pinned } from '@countersign/simulator/world'
import type { Attack } from '../attack.js'
import type { Forgery } from '../forgery.js'
import { makeOwnedWorld, Owners, operatorKey } from '../owners.js'
import { judged } from './judged.js'

/** A forgery as a receipt: the operator seals the consumption in the place of the executor, logs the receipt, signs the checkpoint. */
export function asReceipt({ forge, world: options, trust, ...forgery }: Forgery): Attack {
  return {
    ...forgery,
    name: `receipt: ${forgery.name}`,
    target: 'verifier',
    run: async () => {
      const owners = new Owners()
      const honest = makeOwnedWorld(options ?? {}, owners)
      const forged = forge(honest, owners)
      owners.leave()
      const executorSigner = operatorKey('ep:key:payments#1')
      const { receipt } = makeReceipt(forged.world ?? honest, { executorSigner, ...forged.options })
      const text = utf8Decode(octetsOfJson(receipt))
      const file = honest.trustFile(...(trust?.(honest) ?? []))
      return judged(verifyReceipt(utf8Encode(forged.octets?.(text) ?? text), pinned(file)))
    },
  }
}
