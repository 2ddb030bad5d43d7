import { parseHash } from '../core/digest.js'
import { Refusal } from '../core/refusal.js'
import { compromisedFrom, type LoggedBefore, requireUncompromised } from './compromise.js'
import type { AuthorizationContext } from './context.js'
import type { Hashes } from './hashes.js'
import type { OpenedAuthority } from './open-authority.js'
import { classAtLeast, type KeyClass, type Policy } from './policy.js'
import { eligibleRoles, type Quorum } from './quorum.js'
import type { Signoff } from './signoff.js'
import { verifyApproverSignature } from './verify-signature.js'

/** A signoff that holds: its context, and the class that it counts for. */
export interface VerifiedSignoff {
  readonly context: AuthorizationContext
  readonly keyClass: KeyClass
  readonly signCount?: number
}

/**
 * Matches signoffs and contexts one to one and verifies each by the entry that the authority names for it (EP-SIG-1, EP-INV-2).
 *
 * @param loggedBefore - saves a key that was compromised only later
 */
export function verifySignoffs(
  artifact: { contexts: readonly AuthorizationContext[]; signoffs: readonly Signoff[]; policy: Policy },
  quorum: Quorum,
  authority: OpenedAuthority,
  hashes: Hashes,
  loggedBefore: LoggedBefore,
): readonly VerifiedSignoff[] {
  const { contexts, signoffs, policy } = artifact
  if (authority.approvers.length !== signoffs.length)
    throw new Refusal('authority_approvers_mismatch', '/authority/approvers')
  const contextOf = new Map(contexts.map((context) => [hashes.hash(context), context]))
  const roles = eligibleRoles(quorum)
  const signed = new Set<string>()
  const verified = signoffs.map((signoff, index) => {
    const at = `/signoffs/${index}`
    const context = contextOf.get(signoff.context_hash)
    if (context === undefined) throw new Refusal('signoff_context_unknown', `${at}/context_hash`)
    if (signed.has(signoff.context_hash)) throw new Refusal('signoff_context_duplicate', `${at}/context_hash`)
    signed.add(signoff.context_hash)
    const { entry, leaf } = authority.approvers[index]!
    if (entry.approver_id !== context.approver) throw new Refusal('signoff_approver_mismatch', at)
    const judged = verifyApproverSignature(signoff, parseHash(signoff.context_hash), entry, authority.group, at)
    requireEligible(entry, policy, roles, authority, at)
    requireUncompromised(
      compromisedFrom(leaf, entry.public_key, authority.group),
      loggedBefore,
      'signoff_key_compromised',
      at,
    )
    return { context, ...judged }
  })
  for (const [index, context] of contexts.entries())
    if (!signed.has(hashes.hash(context))) throw new Refusal('context_signoff_missing', `/contexts/${index}`)
  return verified
}

/** The class that policy and trust file ask for, and a role that some slot accepts. */
export function requireEligible(
  entry: { key_class: KeyClass; roles: readonly string[] },
  policy: Policy,
  roles: ReadonlySet<string>,
  authority: Pick<OpenedAuthority, 'group'>,
  at: string,
): void {
  if (!classAtLeast(entry.key_class, policy.min_key_class))
    throw new Refusal('signoff_key_class_insufficient', `${at}/key_class`)
  if (!classAtLeast(entry.key_class, authority.group.file.accept.min_key_class))
    throw new Refusal('assurance_insufficient', `${at}/key_class`)
  if (!entry.roles.some((role) => roles.has(role))) throw new Refusal('signoff_role_insufficient', at)
}
