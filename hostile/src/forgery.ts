import { parseHash } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import type { PatchOperation } from '@countersign/pure/core/json-patch'
import { type AttemptOptions, makeBundle } from '@countersign/simulator/attempt'
import type { Signer } from '@countersign/simulator/signer'
import type { World, WorldOptions } from '@countersign/simulator/world'
import type { Owners } from './owners.js'

/** How the operator makes what it presents, when the owners are gone. */
export interface Forged {
  /** In another world than the honest one: a directory of its own. */
  readonly world?: World
  readonly options: AttemptOptions
  /** What it does to the octets last. */
  readonly octets?: (text: string) => string
}

/**
 * An approval that is none. An executor is shown it as a bundle; a verifier as a receipt, complete, sealed by the operator in the place
 * of the executor, and logged. The first thing wrong with it is the same in both.
 */
export interface Forgery {
  readonly name: string
  readonly requirements: string
  readonly did: string
  readonly expected: string
  readonly world?: WorldOptions
  /** Changes of the usual trust file. */
  readonly trust?: (world: World) => readonly PatchOperation[]
  /** While the owners are there, and sign what they sign of their own will. */
  readonly forge: (world: World, owners: Owners) => Forged
}

/** Everybody signs exactly this, misled or not: what is wrong with it is no signature. */
export function signedByAll(options: AttemptOptions = {}) {
  return (world: World): Forged => {
    makeBundle(world, options)
    return { options }
  }
}

/** The honest attempt is signed; the operator makes another one of it. */
export function madeOf(
  forge: (honest: JsonObject, contexts: readonly JsonObject[]) => AttemptOptions,
  honest: AttemptOptions = {},
) {
  return (world: World): Forged => {
    const { bundle, contexts } = makeBundle(world, honest)
    return { options: forge(bundle, contexts) }
  }
}

/** In the place of a signature over anything else: the one that was made over the object with this hash. */
export function repeating(hash: string) {
  return (own: Signer): Signer => ({ ...own, sign: () => own.sign(parseHash(hash)) })
}
