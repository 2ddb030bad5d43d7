import { Refusal } from '../core/refusal.js'
import type { EnrollmentEntry, EntityEntry } from './directory-leaf.js'
import type { Policy } from './policy.js'
import { assignSlots, type Quorum } from './quorum.js'

/**
 * Approvers are pairwise distinct humans with distinct keys, and none is the initiator, nor (under `responsible`) answers for
 * it; then the signoffs fill the slots of the quorum (EP-INV-4, EP-POL-3, section 7). It does not defeat collusion, nor one human with
 * two enrolled identities.
 */
export function requireSeparation(
  approvers: readonly EnrollmentEntry[],
  initiator: EntityEntry,
  policy: Policy,
  quorum: Quorum,
): void {
  requireDistinctApprovers(approvers)
  for (const [index, approver] of approvers.entries())
    requireNotInitiator(approver, initiator, policy, `/authority/approvers/${index}`)
  const assignment = assignSlots(
    quorum,
    approvers.map((approver) => approver.roles),
  )
  if (assignment === undefined) throw new Refusal('quorum_insufficient', '/signoffs')
}

export function requireNotInitiator(
  approver: EnrollmentEntry,
  initiator: EntityEntry,
  policy: Policy,
  at: string,
): void {
  // Only a human initiator has a principal; an approver always has.
  if (approver.principal_id === initiator.principal_id) throw new Refusal('self_approval_invalid', at)
  if (policy.separation === 'responsible' && approver.principal_id === initiator.responsible)
    throw new Refusal('responsible_approval_invalid', at)
  if (approver.public_key === initiator.public_key) throw new Refusal('initiator_key_duplicate', at)
}

/** Distinct approver ids, principals, keys and credentials (EP-INV-4). */
export function requireDistinctApprovers(approvers: readonly EnrollmentEntry[]): void {
  // Approver ids are distinct already: contexts name each once, and entries match contexts one to one.
  const seen = { principal_id: new Set(), public_key: new Set(), credential_id: new Set() }
  const codes = {
    public_key: 'approver_key_duplicate',
    credential_id: 'approver_credential_duplicate',
    principal_id: 'approver_principal_duplicate',
  } as const
  for (const [index, approver] of approvers.entries()) {
    for (const member of ['public_key', 'credential_id', 'principal_id'] as const) {
      const value = approver[member]
      if (value === undefined) continue
      if (seen[member].has(value)) throw new Refusal(codes[member], `/authority/approvers/${index}`)
      seen[member].add(value)
    }
  }
}
