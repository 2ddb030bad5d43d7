import type { Answer, AuthorityPort } from '@countersign/engine/executor/authority-port'
import { utf8Decode } from '@countersign/pure/core/bytes'
import { hashJson } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { type AttemptOptions, type MadeBundle, makeBundle, makeReceipt } from '@countersign/simulator/attempt'
import { octetsOfJson, type World } from '@countersign/simulator/world'
import { operatorKey } from '../owners.js'

type Said = JsonObject | Uint8Array

/** What the operator says instead of the truth. */
export interface Lies {
  bundle?: () => Said
  /** In the place of the receipt; `request` is the sealed consume request that came. */
  receipt?: (request: JsonObject) => Said
  heads?: (after: string) => readonly Said[]
  policy?: () => Said
}

/** The authorization server as its operator runs it: honest where it does not lie, with a database that forgets when told to. */
export class Server implements AuthorityPort {
  readonly world: World
  readonly lies: Lies = {}
  /** The octets of every bundle and receipt that it gave away. */
  readonly handedOut: Uint8Array[] = []
  readonly #attempts = new Map<string, { made: MadeBundle; options: AttemptOptions; after: string | undefined }>()
  readonly #consumed = new Map<string, { request: string; receipt: Uint8Array }>()

  constructor(world: World) {
    this.world = world
  }

  async fetchBundle(id: string): Promise<Answer> {
    return this.#handOut(this.lies.bundle?.() ?? this.attempt(id).bundle)
  }

  async consume(octets: Uint8Array): Promise<Answer> {
    const request = utf8Decode(octets)
    const sealed = JSON.parse(request)
    if (this.lies.receipt !== undefined) return this.#handOut(this.lies.receipt(sealed))
    const known = this.#consumed.get(sealed.body.nonce)
    if (known !== undefined)
      return known.request === request ? this.#handOut(known.receipt) : { refused: 'authorization_replayed' }
    const receipt = octetsOfJson(this.receiptFor(sealed))
    this.#consumed.set(sealed.body.nonce, { request, receipt })
    return this.#handOut(receipt)
  }

  async reportOutcome(): Promise<Answer> {
    return said(new Uint8Array(0))
  }

  async fetchHeads(after: string): Promise<readonly Uint8Array[]> {
    const { heads } = this.world.directory
    const next = heads.findIndex(({ headHash }) => headHash === after) + 1
    const answer = this.lies.heads?.(after) ?? (next === 0 ? [] : heads.slice(next).map(({ head }) => head))
    return answer.map(octetsOf)
  }

  async fetchPolicy(): Promise<Answer> {
    return said(this.lies.policy?.() ?? openedPolicy(this.world))
  }

  /** Everybody signs an attempt, and the server keeps it under `id`. */
  approve(id: string, options: AttemptOptions = {}): MadeBundle {
    const after = this.world.lastReceiptHash
    const made = makeBundle(this.world, { label: id, ...options })
    this.#attempts.set(id, { made, options, after })
    return made
  }

  attempt(id: string): MadeBundle {
    return this.#attempts.get(id)!.made
  }

  /** The receipt of the approved attempt that a request names, made with changes; its log entry is logged. */
  receiptFor(request: JsonObject, changes: AttemptOptions = {}): JsonObject {
    const { nonce, enforcement_class } = request['body'] as { nonce: string; enforcement_class: 'STRONG' }
    const [label, { options, after }] = [...this.#attempts].find(
      ([, { made }]) => made.contexts[0]!['nonce'] === nonce,
    )!
    // When the contexts were made, this was the newest receipt.
    this.world.lastReceiptHash = after
    const alter = { ...options.alter, consumeSeal: () => request, ...changes.alter }
    // Whoever seals here, the given request takes its place.
    const executorSigner = operatorKey('ep:key:operator#1')
    const usual = { label, enforcementClass: enforcement_class, executorSigner }
    return makeReceipt(this.world, { ...usual, ...options, ...changes, alter }).receipt
  }

  #handOut(what: Said): Answer {
    const octets = octetsOf(what)
    this.handedOut.push(octets)
    return { octets }
  }

  /** A database from before the consumption: nobody ever consumed anything. */
  restoreOldDatabase(): void {
    this.#consumed.clear()
  }
}

/** A policy opened under the newest head, as `fetchPolicy` answers it. */
export function openedPolicy(world: World, index = 0, head = world.currentHead().published): JsonObject {
  const { policy, entry } = world.policies[index]!
  return { head: head.head, policy, opening: head.opening(hashJson(entry))! }
}

function said(what: Said): Answer {
  return { octets: octetsOf(what) }
}

function octetsOf(what: Said): Uint8Array {
  return what instanceof Uint8Array ? what : octetsOfJson(what)
}
