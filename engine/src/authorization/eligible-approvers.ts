import { attempt } from '@countersign/pure/core/outcome'
import { Refusal } from '@countersign/pure/core/refusal'
import type { EnrollmentEntry, EntityEntry } from '@countersign/pure/ep/directory-leaf'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import type { Policy } from '@countersign/pure/ep/policy'
import { assignSlots, eligibleRoles, type Quorum } from '@countersign/pure/ep/quorum'
import { requireNotInitiator } from '@countersign/pure/ep/separation'
import { requireEligible } from '@countersign/pure/ep/verify-signoffs'
import { refusal } from './decision.js'
import { type DirectoryView, isInForce, type Placed } from './directory-view.js'

/** One approver and those of its entries whose keys may sign. */
export interface EligibleApprover {
  readonly approver: string
  readonly entries: readonly Placed<EnrollmentEntry>[]
}

/** What an `approver_index` can say. */
const maxApprovers = 1024

/**
 * Everybody who may sign, by ascending approver id: in force, of a sufficient class, with a role of some slot, and neither the
 * initiator nor, under `responsible`, who answers for it. Who cannot approve gets no context.
 *
 * @throws Refusal approvers_count_insufficient if all of them together cannot satisfy the quorum
 */
export function eligibleApprovers(
  view: DirectoryView,
  asked: { readonly initiator: EntityEntry; readonly policy: Policy; readonly quorum: Quorum; readonly at: number },
  group: TrustGroup,
): EligibleApprover[] {
  const roles = eligibleRoles(asked.quorum)
  const byApprover = new Map<string, Placed<EnrollmentEntry>[]>()
  for (const placed of view.enrollments) {
    if (!isInForce(placed, asked.at) || !mayApprove(placed.entry, asked, roles, group)) continue
    const entries = byApprover.get(placed.entry.approver_id) ?? []
    entries.push(placed)
    byApprover.set(placed.entry.approver_id, entries)
  }
  if (byApprover.size > maxApprovers) throw refusal('approvers_count_too_large')
  requireQuorum(asked.quorum, [...byApprover.values()].flat())
  return [...byApprover]
    .map(([approver, entries]) => ({ approver, entries }))
    .sort((a, b) => (a.approver < b.approver ? -1 : 1))
}

function mayApprove(
  entry: EnrollmentEntry,
  { initiator, policy }: { readonly initiator: EntityEntry; readonly policy: Policy },
  roles: ReadonlySet<string>,
  group: TrustGroup,
): boolean {
  return attempt(() => {
    requireEligible(entry, policy, roles, { group }, '')
    requireNotInitiator(entry, initiator, policy, '')
    if (group.compromised.has(entry.public_key)) throw new Refusal('signoff_key_compromised')
    const operatorHeld = entry.key_class === 'C' || group.operatorKeys.has(entry.public_key)
    if (operatorHeld && !group.file.accept.class_c) throw new Refusal('assurance_insufficient')
  }).ok
}

/** One principal fills one slot, whatever ids and keys it has. */
function requireQuorum(quorum: Quorum, eligible: readonly Placed<EnrollmentEntry>[]): void {
  const rolesOf = new Map<string, readonly string[]>()
  for (const { entry } of eligible)
    rolesOf.set(entry.principal_id, [...(rolesOf.get(entry.principal_id) ?? []), ...entry.roles])
  if (assignSlots(quorum, [...rolesOf.values()]) === undefined) throw refusal('approvers_count_insufficient')
}
