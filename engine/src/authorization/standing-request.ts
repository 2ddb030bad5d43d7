import { attempt } from '@countersign/pure/core/outcome'
import type { Action } from '@countersign/pure/ep/action'
import { materialHash } from '@countersign/pure/ep/material'
import type { Attempts } from './attempts.js'
import { readRow, writeRow } from './directory.js'
import type { DirectoryView } from './directory-view.js'
import { isTerminal } from './state-machine.js'

/** The newest attempt for what is material in an action, where its policy names that (EP-ACT-4). */
export interface MaterialRequest {
  readonly hash: string
  /** 0: there was none yet. */
  readonly version: number
  /** The attempt that still stands: a retry with other words is answered with it, and what runs is the action it approves. */
  readonly standing?: string
}

interface MaterialRow {
  readonly id: string
}

export async function readMaterial(
  attempts: Attempts,
  current: DirectoryView,
  action: Action,
  now: number,
): Promise<MaterialRequest | undefined> {
  const leaf = current.policyFor(action.action_type, now)
  const policy = leaf === undefined ? undefined : current.policies.get(leaf.entry.policy_hash)
  // What is missing is said once the policy was found to ask for signatures.
  const made = attempt(() => (policy === undefined ? undefined : materialHash(policy, action)))
  const hash = made.ok ? made.value : undefined
  if (hash === undefined) return undefined
  const [row] = await attempts.store.read(attempts.organization, [{ kind: 'material', id: hash }])
  if (row === null || row === undefined) return { hash, version: 0 }
  const { id } = readRow<MaterialRow>(row)
  const standing = await attempts.read(id, now)
  return { hash, version: row.version, ...(isTerminal(standing.attempt.state) ? {} : { standing: id }) }
}

/** Expecting the version that was read, so that of two such requests at one moment the second finds the first one's attempt. */
export function writeMaterial({ hash, version }: MaterialRequest, id: string) {
  return writeRow({ kind: 'material', id: hash }, version, { id } satisfies MaterialRow)
}
