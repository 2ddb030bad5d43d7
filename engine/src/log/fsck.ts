import { utf8Decode } from '@countersign/pure/core/bytes'
import { Refusal } from '@countersign/pure/core/refusal'
import type { Files } from '../ports/files.js'
import { readAnchorRecords } from './anchor-record.js'
import type { FsckCode } from './codes.js'
import { auditEntries } from './fsck-entries.js'
import type { AnchoredRecord, Finding, FsckOptions, FsckReport, Report } from './fsck-report.js'
import { checkTiles } from './fsck-tiles.js'
import { LogHalted } from './halt.js'
import { CheckpointKeys, type SignedCheckpoint } from './signed-checkpoint.js'

/**
 * Checks a log from its files alone: tiles, entry bundles, checkpoint and anchor, without the database and without trusting
 * who wrote them (EP-VER-6). Stray partial tiles are no finding.
 */
export async function fsckLog(files: Files, options: FsckOptions): Promise<FsckReport> {
  const findings: Finding[] = []
  const warnings: Finding[] = []
  const report: Report = (code, at, detail) => void findings.push({ code, at, detail })
  const warn: Report = (code, at, detail) => void warnings.push({ code, at, detail })
  const keys = new CheckpointKeys(options.origin, options.keys)
  const checkpoint = await readCheckpoint(files, keys, report)
  const anchored = await readAnchor(options.anchor, keys, report, warn)
  const newest = anchored.at(-1)?.checkpoint
  if (options.anchor !== undefined) compareSizes(checkpoint, newest, report, warn)
  const largest = [checkpoint, newest].reduce((a, b) => ((b?.treeSize ?? 0) > (a?.treeSize ?? 0) ? b : a), undefined)
  const entries = largest === undefined ? [] : await checkTiles(files, largest, anchored, report)
  const counts = auditEntries(entries, options, anchored, report, warn)
  return { entries: entries.length, ...counts, checkpoints: anchored.length, findings, warnings }
}

async function readCheckpoint(
  files: Files,
  keys: CheckpointKeys,
  report: Report,
): Promise<SignedCheckpoint | undefined> {
  const bytes = await files.read('checkpoint')
  if (bytes === null) return void report('log_checkpoint_missing', 'checkpoint', '')
  return refusalAs('log_checkpoint_invalid', 'checkpoint', report, () => keys.open(utf8Decode(bytes)))
}

async function readAnchor(
  anchor: FsckOptions['anchor'],
  keys: CheckpointKeys,
  report: Report,
  warn: Report,
): Promise<AnchoredRecord[]> {
  if (anchor === undefined) {
    warn('log_anchor_missing', '', 'no anchor was given: its checkpoints and times were not compared')
    return []
  }
  try {
    const { records, torn } = readAnchorRecords((await anchor.files.read(anchor.path)) ?? new Uint8Array(0))
    for (const line of torn) warn('log_anchor_record_torn', `${anchor.path}:${line}`, 'an append that never resolved')
    return records.flatMap((record) => {
      const open = () => ({ ...record, checkpoint: keys.open(record.note) })
      return refusalAs('log_anchor_checkpoint_invalid', `anchor/${record.n}`, report, open) ?? []
    })
  } catch (error) {
    if (!(error instanceof LogHalted)) throw error
    report(error.code as FsckCode, anchor.path, error.message)
    return []
  }
}

function compareSizes(
  checkpoint: SignedCheckpoint | undefined,
  newest: SignedCheckpoint | undefined,
  report: Report,
  warn: Report,
): void {
  const [served, anchored] = [checkpoint?.treeSize ?? 0, newest?.treeSize ?? 0]
  // A checkpoint is anchored before it is served.
  if (served > anchored)
    report('log_anchor_truncated', 'checkpoint', `${served} was served, the anchor ends at ${anchored}`)
  if (served < anchored && checkpoint !== undefined)
    warn('log_checkpoint_stale', 'checkpoint', `${served} is served, ${anchored} is anchored`)
}

function refusalAs<T>(code: FsckCode, at: string, report: Report, run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return void report(code, at, error.message)
  }
}
