import { equalBytes } from '@countersign/pure/core/bytes'
import { type Checkpoint, parseCheckpointText } from '@countersign/pure/core/checkpoint'
import { leafHash, MerkleTree, verifyConsistency } from '@countersign/pure/core/merkle'
import { parseVerifierKey, verifyNote } from '@countersign/pure/core/note'
import { attempt } from '@countersign/pure/core/outcome'
import { type LogEntry, nonceHash, parseLogEntry } from '@countersign/pure/ep/log-entry'
import { checkpointOf, type LogProof } from '@countersign/pure/ep/log-proof'
import { type PinnedTrust, pinTrust } from '@countersign/pure/ep/pinned-trust'
import { verifyDenial } from '@countersign/pure/ep/verify-denial'
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'

/** What clients were told, answer by answer, as they received it. */
export interface History {
  readonly attempts: { readonly id: string; readonly nonce: string }[]
  readonly signoffs: { readonly id: string; readonly approver: string; readonly signedAt: string }[]
  readonly receipts: { readonly nonce: string; readonly bytes: Uint8Array }[]
  readonly denials: { readonly nonce: string; readonly bytes: Uint8Array }[]
  readonly outcomes: { readonly receiptId: string; readonly outcomeHash: string }[]
  /** Signed notes. */
  readonly checkpoints: string[]
}

/** What stands at the end. */
export interface Evidence {
  readonly trustFile: Uint8Array
  /** The entries of the log, from its files. */
  readonly entries: readonly Uint8Array[]
  /** The newest checkpoint, a signed note. */
  readonly checkpoint: string
  /** What the server says to prove that the tree of this size begins the newest one. */
  readonly consistency: ReadonlyMap<number, readonly Uint8Array[]>
  readonly nonces: ReadonlyMap<string, string>
  /** `signed_at` by attempt and approver. */
  readonly signoffs: ReadonlyMap<string, string>
  readonly receipts: ReadonlyMap<string, Uint8Array>
  readonly denials: ReadonlyMap<string, Uint8Array>
  readonly outcomes: ReadonlyMap<string, string>
}

export type Violation =
  | 'checkpoint_forged'
  | 'checkpoint_is_not_of_the_entries'
  | 'log_rewritten'
  | 'nonce_ended_twice'
  | 'attempt_lost'
  | 'signoff_lost'
  | 'receipt_does_not_verify'
  | 'receipt_lost'
  | 'receipt_changed'
  | 'receipt_not_logged'
  | 'denial_does_not_verify'
  | 'denial_lost'
  | 'denial_changed'
  | 'denial_not_logged'
  | 'outcome_lost'

/** A receipt or a denial, judged with pins alone: no code of the server has a say in what counts. */
interface Ending {
  readonly id: string
  readonly hash: string
  readonly logProof: LogProof
}

/** Every way in which what stands contradicts what was told; none twice. */
export function violations(history: History, evidence: Evidence): Violation[] {
  const found = new Set<Violation>()
  const require = (holds: boolean, otherwise: Violation) => void (holds || found.add(otherwise))
  const trust = pinTrust(evidence.trustFile)
  const open = checkpointOpener(trust)
  const seen: Checkpoint[] = []

  for (const note of history.checkpoints) {
    const checkpoint = open(note)
    if (checkpoint === undefined) found.add('checkpoint_forged')
    else seen.push(checkpoint)
  }
  const entries = evidence.entries.map(parseLogEntry)
  const ended = entriesByNonce(entries)
  for (const ends of ended.values()) require(ends.length === 1, 'nonce_ended_twice')

  for (const { id, nonce } of history.attempts) require(evidence.nonces.get(id) === nonce, 'attempt_lost')
  for (const { id, approver, signedAt } of history.signoffs)
    require(evidence.signoffs.get(`${id} ${approver}`) === signedAt, 'signoff_lost')

  const told = new Map<string, string>()
  for (const kind of ['receipt', 'denial'] as const) {
    const judge = kind === 'receipt' ? judgeReceipt : judgeDenial
    for (const { nonce, bytes } of history[`${kind}s`]) {
      const ending = judge(bytes, trust)
      if (ending === undefined) {
        found.add(`${kind}_does_not_verify`)
        continue
      }
      seen.push(checkpointOf(ending.logProof.checkpoint))
      // Two answers about one nonce, at whatever time, are the same answer.
      require((told.get(nonce) ?? ending.hash) === ending.hash, 'nonce_ended_twice')
      told.set(nonce, ending.hash)
      const logged = ended.get(nonceHash(nonce)) ?? []
      require(logged.some((entry) => endOf(entry) === `${kind} ${ending.hash}`), `${kind}_not_logged`)
      const served = evidence[`${kind}s`].get(ending.id)
      const now = served === undefined ? undefined : judge(served, trust)
      require(served !== undefined, `${kind}_lost`)
      require(served === undefined || now?.hash === ending.hash, `${kind}_changed`)
    }
  }
  const outcomes = new Set(entries.map((entry) => ('outcome_hash' in entry ? entry.outcome_hash : undefined)))
  for (const { receiptId, outcomeHash } of history.outcomes)
    require(evidence.outcomes.get(receiptId) === outcomeHash && outcomes.has(outcomeHash), 'outcome_lost')

  const newest = open(evidence.checkpoint)
  const tree = MerkleTree.of(evidence.entries.map(leafHash))
  if (newest === undefined) found.add('checkpoint_forged')
  else {
    require(newest.treeSize === tree.size &&
      equalBytes(newest.rootHash, tree.root()), 'checkpoint_is_not_of_the_entries')
    for (const checkpoint of seen) require(begins(checkpoint, newest, evidence), 'log_rewritten')
  }
  return [...found].sort()
}

function checkpointOpener(trust: PinnedTrust): (note: string) => Checkpoint | undefined {
  const [group] = [...trust.groups.values()]
  const { origin, keys } = group!.file.log
  const vkeys = keys.map(({ vkey }) => parseVerifierKey(vkey))
  return (note) => {
    const read = attempt(() => parseCheckpointText(verifyNote(note, vkeys).text))
    return read.ok && read.value.origin === origin ? read.value : undefined
  }
}

function begins(old: Checkpoint, newest: Checkpoint, { consistency }: Evidence): boolean {
  const path = consistency.get(old.treeSize)
  if (path === undefined) return false
  return attempt(() => verifyConsistency(old.treeSize, old.rootHash, newest.treeSize, newest.rootHash, path)).ok
}

/** The entries that end an attempt, by the hash of its nonce. */
function entriesByNonce(entries: readonly LogEntry[]): Map<string, LogEntry[]> {
  const found = new Map<string, LogEntry[]>()
  for (const entry of entries)
    if ('nonce_hash' in entry) found.set(entry.nonce_hash, [...(found.get(entry.nonce_hash) ?? []), entry])
  return found
}

function endOf(entry: LogEntry): string | undefined {
  if (entry.type === 'ep.log.receipt.v1') return `receipt ${entry.receipt_hash}`
  return entry.type === 'ep.log.denial.v1' ? `denial ${entry.denial_hash}` : undefined
}

function judgeReceipt(bytes: Uint8Array, trust: PinnedTrust): Ending | undefined {
  const verdict = verifyReceipt(bytes, trust)
  if (verdict.outcome !== 'satisfied') return undefined
  const { receipt, receiptHash } = verdict.value
  return { id: receipt.receipt_id, hash: receiptHash, logProof: receipt.log_proof }
}

function judgeDenial(bytes: Uint8Array, trust: PinnedTrust): Ending | undefined {
  const verdict = verifyDenial(bytes, trust)
  if (verdict.outcome !== 'satisfied') return undefined
  const { record, denialHash } = verdict.value
  return { id: record.denial_id, hash: denialHash, logProof: record.log_proof }
}
