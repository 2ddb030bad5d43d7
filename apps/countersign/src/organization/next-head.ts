import { formatInstant, parseInstant } from '@countersign/pure/core/instant'
import { verifyDirectoryChange } from '@countersign/pure/ep/directory-changes'
import { type DirectoryHeadBody, maxHeadDays } from '@countersign/pure/ep/directory-head'
import type { DirectoryLeaf } from '@countersign/pure/ep/directory-leaf'
import { directoryTree } from '@countersign/pure/ep/directory-tree'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import type { Policy } from '@countersign/pure/ep/policy'
import type { OrganizationFolder } from './folder.js'

const dayMs = 86_400_000

export interface Instants {
  /** ms. */
  readonly issuedAt: number
  readonly days: number
}

/** The body of the head that follows the newest one, over these leaves. */
export function nextHeadBody(
  { pins, headHash }: OrganizationFolder,
  leaves: readonly DirectoryLeaf[],
  { issuedAt, days }: Instants,
): DirectoryHeadBody {
  return {
    type: 'ep.directory_head.v1',
    directory_id: pins.directory.directory_id,
    tree_size: leaves.length,
    root_hash: directoryTree(leaves).rootHash,
    issued_at: formatInstant(issuedAt),
    valid_until: formatInstant(issuedAt + days * dayMs),
    prev_head_hash: headHash,
  }
}

/**
 * Whether a head could carry these leaves: every rule but attestation, which comes later and is judged when the head is signed.
 * @throws Refusal as `verifyDirectoryChange`
 */
export function rehearse(
  folder: OrganizationFolder,
  leaves: readonly DirectoryLeaf[],
  policies: ReadonlyMap<string, Policy>,
  now: number,
): void {
  const { snapshot } = folder
  const after = snapshot === undefined ? 0 : parseInstant(snapshot.head.body.issued_at) + 1000
  const body = nextHeadBody(folder, leaves, { issuedAt: Math.max(now, after), days: maxHeadDays })
  verifyDirectoryChange(snapshot, { body, leaves }, policies, unattested(folder.group))
}

function unattested(group: TrustGroup): TrustGroup {
  return { ...group, file: { ...group.file, administrators: { ...group.file.administrators, m: 0 } } }
}
