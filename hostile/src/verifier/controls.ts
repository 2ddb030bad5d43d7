import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import { verifyDenial } from '@countersign/pure/ep/verify-denial'
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import { makeDenial, makeReceipt } from '@countersign/simulator/attempt'
import { pinned, type World } from '@countersign/simulator/world'
import type { Control } from '../attack.js'
import { makeOwnedWorld, Owners } from '../owners.js'
import { judged } from './judged.js'

/** Honest records verify, also when the operator puts them together again after the owners are gone. */
export const verifierControls: readonly Control[] = [
  control('receipt', (world) => makeReceipt(world).receipt, verifyReceipt),
  control('denial', (world) => makeDenial(world, { reason: 'wrong account' }).record, verifyDenial),
]

function control(
  name: string,
  make: (world: World) => JsonObject,
  verify: typeof verifyReceipt | typeof verifyDenial,
): Control {
  return {
    name: `an honest ${name}`,
    target: 'verifier',
    expected: 'satisfied',
    run: async () => {
      const owners = new Owners()
      const record = canonicalBytes(make(makeOwnedWorld({}, owners)))
      return judged(verify(record, pinned(makeOwnedWorld({}, owners).trustFile()))).code
    },
  }
}
