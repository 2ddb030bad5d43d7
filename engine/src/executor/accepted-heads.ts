import { hashJson } from '@countersign/pure/core/digest'
import { parseInstant } from '@countersign/pure/core/instant'
import { type JsonValue, parseJson } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import { readShape } from '@countersign/pure/core/shape'
import { type DirectoryHead, directoryHead } from '@countersign/pure/ep/directory-head'
import { Hashes } from '@countersign/pure/ep/hashes'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { verifyHead } from '@countersign/pure/ep/verify-head'
import { type AuthorityPort, reached } from './authority-port.js'
import type { Journal } from './journal.js'

/**
 * The directory heads that this executor accepted: the newest is kept, none older is taken, and a newer one only through the chain from
 * the accepted one (EP-DIR-5). So an operator can withhold a head, up to `max_head_age_seconds` and `valid_until`, but not take back
 * one that was shown. The first head is taken as it comes: its signature and age are all that is known then.
 */
export class AcceptedHeads {
  readonly #journal: Journal
  readonly #authority: AuthorityPort
  #tail: Promise<unknown> = Promise.resolve()

  constructor(journal: Journal, authority: AuthorityPort) {
    this.#journal = journal
    this.#authority = authority
  }

  /**
   * Accepts the head under which an artifact was made; durable when it resolves.
   *
   * @param head - verified by the caller, its age too
   * @param at - its JSON Pointer
   */
  accept(head: DirectoryHead, group: TrustGroup, now: number, at: string): Promise<void> {
    const turn = this.#tail.then(() => this.#accept(head, group, now, at))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  async #accept(head: DirectoryHead, group: TrustGroup, now: number, at: string): Promise<void> {
    if (now > parseInstant(head.body.valid_until)) throw new Refusal('executor_head_expired', `${at}/body/valid_until`)
    const known = this.#journal.head
    if (known !== null) {
      if (headHash(known) === headHash(head)) return
      if (issuedAt(head) <= issuedAt(known)) throw new Refusal('executor_head_stale', `${at}/body/issued_at`)
      await this.#follow(known, head, group, at)
    }
    // Dying before this is durable: the head before it still counts, and the same one is accepted again.
    await this.#journal.acceptHead(head, now)
  }

  async #follow(known: DirectoryHead, head: DirectoryHead, group: TrustGroup, at: string): Promise<void> {
    let last = known
    // Ends: every head is signed by the organization and later than the one before it, which no operator can go on making up.
    for (let followed = 0; head.body.prev_head_hash !== headHash(last); ) {
      const page = await reached('/heads', () => this.#authority.fetchHeads(headHash(last)))
      if (page.length === 0) throw new Refusal('executor_head_chain_missing', `${at}/body/prev_head_hash`)
      for (const octets of page) {
        const here = `/heads/${followed}`
        followed += 1
        const next = readShape(directoryHead, parseJson(octets).value, here)
        verifyBetween(last, next, group, here)
        last = next
        if (head.body.prev_head_hash === headHash(last)) break
      }
    }
    requireSuccessor(last, head, at)
  }
}

function verifyBetween(before: DirectoryHead, head: DirectoryHead, group: TrustGroup, at: string): void {
  requireSuccessor(before, head, at)
  const { custody } = verifyHead(head, group, new Hashes(), at)
  if (custody === 'operator' && !group.file.accept.class_c)
    throw new Refusal('directory_custody_insufficient', `${at}/signatures`)
}

function requireSuccessor(before: DirectoryHead, head: DirectoryHead, at: string): void {
  if (head.body.prev_head_hash !== headHash(before))
    throw new Refusal('executor_head_chain_mismatch', `${at}/body/prev_head_hash`)
  if (issuedAt(head) <= issuedAt(before)) throw new Refusal('executor_head_order_invalid', `${at}/body/issued_at`)
  if (head.body.tree_size < before.body.tree_size)
    throw new Refusal('executor_head_size_insufficient', `${at}/body/tree_size`)
}

function issuedAt(head: DirectoryHead): number {
  return parseInstant(head.body.issued_at)
}

function headHash(head: DirectoryHead): string {
  return hashJson(head.body as unknown as JsonValue)
}
