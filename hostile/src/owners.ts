import { encodeHex } from '@countersign/pure/core/hex'
import { type SignatureMembers, type Signer, type SoftwareKey, softwareKey } from '@countersign/simulator/signer'
import { makeWorld, type World, type WorldOptions } from '@countersign/simulator/world'

/** Somebody asked for a signature that only its owner could make: the attack is not one of this operator. */
export class KeyNotHeld extends Error {
  override readonly name = 'KeyNotHeld'
}

const operatorsOwn = new WeakSet<Signer>()

/** A key of the operator's own making, under any name that it likes. */
export function operatorKey(keyId: string, algorithm?: 'ES256' | 'Ed25519'): SoftwareKey {
  return heldByOperator(softwareKey(keyId, `the operator's ${keyId}`, algorithm))
}

export function heldByOperator<S extends Signer>(key: S): S {
  operatorsOwn.add(key)
  return key
}

/**
 * The people and machines whose keys the operator does not hold: approvers, initiators, executors, the organization. While they are
 * there they sign; from then on the operator, through whose hands everything went, can repeat any signature that was ever made, and
 * have none made. So no attack wins, or loses, with a key that it must not have.
 */
export class Owners {
  #present = true
  readonly #made = new Map<string, SignatureMembers>()
  /** By what the operator has of each key. */
  readonly #keys = new WeakMap<Signer, Signer>()

  /** The key as the operator has it. */
  keep(key: Signer): Signer {
    if (operatorsOwn.has(key)) return key
    const { keyId, publicKey } = key
    const sign = (digest: Uint8Array) => (this.#present ? this.#sign(key, digest) : this.#repeat(key, digest))
    const kept = { keyId, publicKey, sign }
    this.#keys.set(kept, key)
    return kept
  }

  /** The key as its owner goes on using it, out of the operator's reach; the signatures pass through the operator's hands. */
  inOwnHands(kept: Signer): Signer {
    const key = this.#keys.get(kept) ?? kept
    return { ...kept, sign: (digest) => this.#sign(key, digest) }
  }

  leave(): void {
    this.#present = false
  }

  #sign(key: Signer, digest: Uint8Array): SignatureMembers {
    const name = nameOf(key, digest)
    const members = this.#made.get(name) ?? key.sign(digest)
    this.#made.set(name, members)
    return members
  }

  #repeat(key: Signer, digest: Uint8Array): SignatureMembers {
    const members = this.#made.get(nameOf(key, digest))
    if (members === undefined) throw new KeyNotHeld(`nobody signs ${encodeHex(digest)} with ${key.keyId}`)
    return members
  }
}

function nameOf({ publicKey }: Signer, digest: Uint8Array): string {
  return `${publicKey} ${encodeHex(digest)}`
}

interface Named {
  readonly name: string
  readonly signer?: Signer
}

/** A world in which the operator holds the log key and its own: whatever else is signed is signed by its owner, or not at all. */
export function makeOwnedWorld(options: WorldOptions, owners: Owners): World {
  const plain = makeWorld(options)
  const kept = <S extends Named>(specs: readonly S[] | undefined, members: ReadonlyMap<string, Named>) =>
    [...members.values()].map(({ name, signer }, index): S => {
      const spec = specs?.[index] ?? ({ name } as S)
      return signer === undefined ? spec : { ...spec, signer: owners.keep(signer) }
    })
  const attesting = options.attestationSigners ?? plain.administrators.slice(0, options.attestedBy ?? 0)
  return makeWorld({
    ...options,
    approvers: kept(options.approvers, plain.approvers),
    entities: kept(options.entities, plain.entities),
    executors: kept(options.executors, plain.executors),
    headSigners: (options.headSigners ?? plain.directoryKeys).map((key) => owners.keep(key)),
    attestationSigners: attesting.map((key) => owners.keep(key)),
  })
}
