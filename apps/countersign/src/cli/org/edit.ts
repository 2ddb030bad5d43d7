import { formatInstant } from '@countersign/pure/core/instant'
import type { DirectoryEntry, DirectoryLeaf } from '@countersign/pure/ep/directory-leaf'
import type { Policy } from '@countersign/pure/ep/policy'
import { changeWords } from '../../organization/change-words.js'
import { type OrganizationFolder, saveDraft } from '../../organization/folder.js'
import { rehearse } from '../../organization/next-head.js'
import { changesBetween } from '../../organization/publication.js'
import { Stop } from '../exit.js'
import type { Terminal } from '../terminal.js'
import { visible } from '../visible.js'

type Leaves = readonly DirectoryLeaf[]

/** A leaf as it first appears. */
export function newLeaf(entry: DirectoryEntry): DirectoryLeaf {
  return { entry, status: { valid_to: null, compromised_at: null }, attestations: [] }
}

/** Saves changed leaves as the draft, if a head could carry them, and says what changed. @throws Refusal, Stop */
export async function edit(
  folder: OrganizationFolder,
  leaves: Leaves,
  policies: ReadonlyMap<string, Policy>,
  terminal: Terminal,
): Promise<void> {
  rehearse(folder, leaves, policies, terminal.now())
  await saveDraft(folder, leaves, policies)
  const before = folder.next.leaves
  for (const line of changeWords(before, changesBetween(before, leaves), policies)) terminal.out(`${visible(line)}\n`)
  terminal.out('Not in force yet: countersign org sign, then countersign org publish.\n')
}

export interface Ending {
  /** ms; now if absent. */
  readonly at?: number
  /** ms: from then on its signatures count no longer, whatever else stands. */
  readonly compromisedAt?: number
}

/**
 * The leaves with every one of these in force ended. One that no head carries yet is left out instead: nobody ever saw it.
 * @throws Stop if there is none
 */
export function ended(
  folder: OrganizationFolder,
  matches: (entry: DirectoryEntry) => boolean,
  { at, compromisedAt }: Ending,
  now: number,
): Leaves {
  const signed = folder.snapshot?.leaves.length ?? 0
  const end = formatInstant(at ?? now)
  let found = 0
  const leaves = folder.next.leaves.flatMap((leaf, index) => {
    const open = leaf.status.valid_to === null || compromisedAt !== undefined
    if (!open || !matches(leaf.entry)) return [leaf]
    found += 1
    if (index >= signed) return []
    const status = {
      valid_to: leaf.status.valid_to ?? end,
      compromised_at: compromisedAt === undefined ? leaf.status.compromised_at : formatInstant(compromisedAt),
    }
    return [{ ...leaf, status }]
  })
  if (found === 0) throw new Stop('there is no such entry in force')
  return leaves
}
