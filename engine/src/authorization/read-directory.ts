import type { Opening } from '@countersign/pure/ep/authority'
import type { Attempts } from './attempts.js'
import { refusal } from './decision.js'
import { newestHeadKey } from './directory.js'
import { type DirectoryView, isA } from './directory-view.js'
import { requirePage } from './read-attempts.js'
import type { EntryView, HeadView, Page, Paging, PolicyInForce, PolicyView } from './service.js'

/** The directory in effect. @throws Refusal directory_head_missing, directory_head_unavailable */
export async function currentView({ store, organization, directory }: Attempts): Promise<DirectoryView> {
  const [newest] = await store.read(organization, [newestHeadKey])
  return directory.current(newest ?? null)
}

export function headView({ head, headHash }: DirectoryView): HeadView {
  return { head, head_hash: headHash }
}

/** Leaves by index; `after` is the last index that was seen. */
export function entriesPage(view: DirectoryView, query: Paging): Page<EntryView> & HeadView {
  requirePage(query)
  const after = query.after ?? '-1'
  if (!/^(-1|0|[1-9][0-9]{0,11})$/.test(after)) throw refusal('page_after_malformed', '/after')
  const from = Number(after) + 1
  const items = view.leaves.slice(from, from + query.limit).map(({ index, entryHash, leaf }) => ({
    leaf_index: index,
    entry_hash: entryHash,
    leaf,
  }))
  const next = from + query.limit < view.leaves.length ? { next: String(from + query.limit - 1) } : {}
  return { ...headView(view), items, ...next }
}

export function entryProof(view: DirectoryView, entryHash: string): Opening & HeadView {
  if (view.entryOf(entryHash) === undefined) throw refusal('directory_entry_unknown')
  return { ...headView(view), ...view.open([entryHash])[0]! }
}

/** A policy by its id, in force or not; of several leaves of one document the newest. */
export function policyView(view: DirectoryView, policyId: string): PolicyView {
  const leaves = view.leaves.filter((placed) => isA(placed, 'ep.directory_policy.v1'))
  const placed = leaves.findLast(({ entry }) => entry.policy_id === policyId)
  if (placed === undefined) throw refusal('directory_policy_unknown')
  const { policy_hash } = placed.entry
  return { policy: view.policies.get(policy_hash)!, policy_hash, entry_hash: placed.entryHash }
}

export function policyInForce(view: DirectoryView, actionType: string, now: number): PolicyInForce {
  const placed = view.policyFor(actionType, now)
  if (placed === undefined) throw refusal('directory_policy_unknown')
  const policy = view.policies.get(placed.entry.policy_hash)!
  return { head: view.head, policy, opening: view.open([placed.entryHash])[0]! }
}
