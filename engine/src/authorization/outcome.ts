import { parseBinary } from '@countersign/pure/core/digest'
import { parseJson } from '@countersign/pure/core/json'
import { parsePublicKey } from '@countersign/pure/core/public-key'
import { readShape } from '@countersign/pure/core/shape'
import { encodeLogEntry } from '@countersign/pure/ep/log-entry'
import { type OutcomeReport, outcomeHash, outcomeReport } from '@countersign/pure/ep/outcome-report'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { sealMessage, verifySeal } from '@countersign/pure/ep/sealed'
import type { Row, RowKey } from '../ports/store.js'
import type { Artifacts } from './artifacts.js'
import type { Attempts } from './attempts.js'
import { parsed, refusal } from './decision.js'
import { newestHeadKey, readRow, writeRow } from './directory.js'
import type { DirectoryView } from './directory-view.js'
import type { Moment, ReportedOutcome } from './service.js'
import { type Decided, transact } from './transaction.js'

interface OutcomeRow {
  readonly outcome_hash: string
  readonly report: OutcomeReport
}

interface OutcomeState {
  readonly now: number
  readonly current: DirectoryView
  readonly newestVersion: number
  readonly receipt: { readonly receiptId: string; readonly executorId: string | undefined }
  readonly standing: Row | null
}

/** What became of the effect, as the executor that consumed says it; only an indeterminate report may be superseded (EP-SM-2). */
export async function reportOutcome(
  attempts: Attempts,
  artifacts: Artifacts,
  group: TrustGroup,
  body: Uint8Array,
  moment: Moment,
): Promise<ReportedOutcome> {
  const report = parsed(() => readShape(outcomeReport, parseJson(body).value))
  const receiptId = await transact(attempts, moment, {
    read: () => readState(attempts, artifacts, report, moment),
    decide: (state: OutcomeState) => decideOutcome(state, report, group),
  })
  return outcomeOf(attempts, receiptId)
}

/** The report that stands for a receipt. @throws Refusal outcome_unknown, log_anchor_unavailable */
export async function outcomeOf(attempts: Attempts, receiptId: string): Promise<ReportedOutcome> {
  const [row] = receiptId === '' ? [] : await attempts.store.read(attempts.organization, [outcomeKey(receiptId)])
  if (row === null || row === undefined) throw refusal('outcome_unknown')
  const { outcome_hash, report } = readRow<OutcomeRow>(row)
  await attempts.anchored(outcomeEntryId(outcome_hash))
  return { receipt_id: receiptId, outcome_hash, report }
}

async function readState(
  attempts: Attempts,
  artifacts: Artifacts,
  report: OutcomeReport,
  moment: Moment,
): Promise<OutcomeState> {
  const receipt = await artifacts.receiptByHash(report.body.receipt_hash)
  if (receipt === undefined) throw refusal('receipt_unknown', '/body/receipt_hash')
  const [standing, newest] = await attempts.store.read(attempts.organization, [
    outcomeKey(receipt.receiptId),
    newestHeadKey,
  ])
  const current = await attempts.directory.current(newest ?? null)
  const now = await attempts.highWater(moment.now)
  return { now, current, newestVersion: newest!.version, receipt, standing: standing ?? null }
}

function decideOutcome(state: OutcomeState, report: OutcomeReport, group: TrustGroup): Decided<string> {
  const { receiptId, executorId } = state.receipt
  const { body } = report
  const hash = outcomeHash(report)
  const before = state.standing === null ? undefined : readRow<OutcomeRow>(state.standing)
  if (before?.outcome_hash === hash) return { value: receiptId }
  authenticate(state, report)
  if (body.executor_id !== executorId) throw refusal('outcome_executor_mismatch', '/body/executor_id')
  if (before !== undefined && before.report.body.outcome !== 'indeterminate') throw refusal('outcome_report_duplicate')
  if (body.supersedes !== before?.outcome_hash) throw refusal('outcome_supersedes_mismatch', '/body/supersedes')
  return {
    // Dying before the commit: the executor reports again. Dying after it: the same report finds itself.
    writes: {
      expect: [{ ...newestHeadKey, version: state.newestVersion }],
      put: [
        writeRow(outcomeKey(receiptId), state.standing?.version ?? 0, {
          outcome_hash: hash,
          report,
        } satisfies OutcomeRow),
      ],
      append: [
        {
          entryId: outcomeEntryId(hash),
          entry: encodeLogEntry({
            type: 'ep.log.outcome.v1',
            organization: group.file.organization,
            outcome_hash: hash,
            receipt_hash: body.receipt_hash,
            outcome: body.outcome,
          }),
        },
      ],
    },
    value: receiptId,
  }
}

/** By a key that the directory in effect gives this executor now: keys may have been rotated since the consumption. */
function authenticate({ current, now }: OutcomeState, { body, signatures }: OutcomeReport): void {
  const [signature, ...others] = signatures
  if (others.length > 0) throw refusal('outcome_signatures_too_large', '/signatures')
  const executor = current.executor(signature!.key_id, now)
  if (executor === undefined || executor.entry.executor_id !== body.executor_id)
    throw refusal('executor_unknown', '/signatures/0/key_id')
  const key = parsePublicKey(parseBinary(executor.entry.public_key))
  verifySeal('outcome', sealMessage(body), signature!, key, '/signatures/0')
}

function outcomeKey(receiptId: string): RowKey {
  return { kind: 'outcome', id: receiptId }
}

function outcomeEntryId(hash: string): string {
  return `outcome:${hash}`
}
