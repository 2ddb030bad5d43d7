import { equalBytes } from '@countersign/pure/core/bytes'
import { Refusal } from '@countersign/pure/core/refusal'
import type { LogState, LogStore } from '../ports/store.js'
import type { AnchoredCheckpoint } from './anchor.js'
import type { HaltCode } from './codes.js'
import { type Derived, deriveEntry, nothingDerived } from './derived.js'
import { LogHalted, RollbackDetected } from './halt.js'
import type { CheckpointKeys, SignedCheckpoint } from './signed-checkpoint.js'
import { type TileFile, TreeEdge } from './tree-edge.js'

/** The log as of one checkpoint. Never changed: who appends, clones the edge. */
export interface LogTree {
  readonly edge: TreeEdge
  readonly derived: Derived
  /** Null for the log without entries, which has none. */
  readonly checkpoint: SignedCheckpoint | null
}

export const emptyTree: LogTree = { edge: new TreeEdge(), derived: nothingDerived, checkpoint: null }

interface Database {
  readonly organization: string
  readonly store: LogStore
}

/** What is persisted and what is anchored, both proven from the entries in the database. */
export interface Guarded {
  readonly anchored: LogTree
  /** `anchored` itself, or one checkpoint on: a publication that was not finished. */
  readonly persisted: LogTree
}

/** What the guard holds against the entries. */
export interface Claims {
  readonly anchored: AnchoredCheckpoint | null
  readonly state: LogState | null
  /** A tree that this process proved before and that is anchored; `emptyTree` reads everything. */
  readonly from: LogTree
  /** The size of the largest tree that is known to have been anchored. */
  readonly seen: number
}

export type Visit = (files: readonly TileFile[]) => Promise<void>

/**
 * The rollback guard (EP-SM-4): the entries in the database give the root of its own checkpoint, and begin with the tree that
 * was anchored. Both are recomputed from the entries; nothing is taken from tiles.
 *
 * @param visit - gets every tile file of the persisted tree that `from` has not
 * @throws RollbackDetected, LogHalted
 */
export async function guardDatabase(
  database: Database,
  keys: CheckpointKeys,
  { anchored, state, from, seen }: Claims,
  visit: Visit,
): Promise<Guarded> {
  const anchor = anchored === null ? null : open(keys, anchored.note, 'log_anchor_checkpoint_invalid')
  const own = state === null ? null : open(keys, state.checkpoint, 'log_state_checkpoint_invalid')
  const anchoredSize = anchor?.treeSize ?? 0
  if (anchoredSize < seen)
    throw new LogHalted('log_anchor_truncated', `it ends at ${anchoredSize}, ${seen} was anchored`)
  if (own?.treeSize !== state?.treeSize) throw new LogHalted('log_state_checkpoint_invalid', 'it is of another size')
  if ((own?.treeSize ?? 0) < anchoredSize)
    throw new RollbackDetected(`the database has ${own?.treeSize ?? 0} entries, the anchor ${anchoredSize}`)
  const first = await replay(database, from, anchoredSize, visit)
  const second = await replay(database, first, own?.treeSize ?? 0, visit)
  await visit(second.edge.partials(from.edge.size))
  if (own !== null && !equalBytes(second.edge.root(), own.rootHash))
    throw new LogHalted('log_entries_root_mismatch', `at size ${own.treeSize}`)
  if (anchor !== null && !equalBytes(first.edge.root(), anchor.rootHash))
    throw new RollbackDetected(`the database has another tree at size ${anchoredSize}`)
  return { anchored: { ...first, checkpoint: anchor }, persisted: { ...second, checkpoint: own } }
}

const chunk = 1024

/** Reads entries up to `to` on top of a tree. */
async function replay({ organization, store }: Database, from: LogTree, to: number, visit: Visit): Promise<LogTree> {
  const edge = from.edge.clone()
  let derived = from.derived
  while (edge.size < to) {
    const entries = await store.entries(organization, edge.size, Math.min(to, edge.size + chunk))
    if (entries.length === 0) throw new LogHalted('log_entries_missing', `from index ${edge.size} of ${to}`)
    const files: TileFile[] = []
    for (const entry of entries) {
      derived = deriveEntry(derived, entry, edge.size)
      files.push(...edge.append(entry))
    }
    await visit(files)
  }
  return { edge, derived, checkpoint: from.checkpoint }
}

function open(keys: CheckpointKeys, note: string, code: HaltCode): SignedCheckpoint {
  try {
    return keys.open(note)
  } catch (error) {
    if (error instanceof Refusal) throw new LogHalted(code, error.message)
    throw error
  }
}
