import { type PinnedTrust, readTrust } from '@countersign/pure/ep/pinned-trust'
import { type Command, Option } from 'commander'
import pc from 'picocolors'
import { type Judgement, judgeArtifact, type Kind, kinds } from './artifact.js'
import { exit, Stop } from './exit.js'
import { readFileInput, readInput } from './input.js'
import { parseAt } from './instant.js'
import { refusalLine } from './refusals.js'
import type { Terminal } from './terminal.js'
import { describeJudgement } from './verdict.js'
import { visible } from './visible.js'

interface VerifyOptions {
  readonly trust: string
  readonly json?: true
  readonly at?: number
  readonly expect?: Kind
}

/** `verify`: what an artifact proves, without a network (EP-VER-1 to 3). */
export function addVerify(program: Command, terminal: Terminal): void {
  program
    .command('verify')
    .description('check a trust receipt, denial record or authorization bundle offline against pinned trust')
    .argument('<file>', 'the artifact; - is stdin')
    .requiredOption('--trust <file>', 'the trust file: the keys and origins that you pinned')
    .option('--json', 'print one JSON document for programs')
    .option('--at <instant>', 'judge at this instant (RFC 3339, Z); a bundle is judged now if absent', parseAt)
    .addOption(new Option('--expect <kind>', 'refuse every other kind of artifact').choices(Object.keys(kinds)))
    .addHelpText('after', '\nExit status: 0 satisfied, 1 refused, 2 usage, 3 indeterminate.')
    .action(async (file: string, options: VerifyOptions) => {
      const trust = await readTrustFile(options.trust)
      const bytes = await readInput(file, terminal)
      const clock = { at: options.at, now: terminal.now() }
      const judged = judgeArtifact(bytes, trust, options.expect, clock)
      terminal.out(options.json ? json(judged) : describeJudgement(judged, pc.createColors(terminal.colors)))
      if (judged.outcome !== 'satisfied') throw new Stop('', exit[judged.outcome])
    })
}

/** @throws Stop for a file that cannot be read or is no trust file */
export async function readTrustFile(path: string): Promise<PinnedTrust> {
  const trust = readTrust(await readFileInput(path))
  if (!trust.ok) throw new Stop(`the trust file ${visible(path)}: ${refusalLine(trust.failure)}`)
  return trust.value
}

/** The same members for every kind of artifact and every verdict. */
function json({ outcome, checks, failure, assurance, notEstablished }: Judgement): string {
  const document = {
    outcome,
    checks: checks.map(({ step, status, code }) => (code === undefined ? { step, status } : { step, status, code })),
    ...(failure === undefined ? {} : { failure: { code: failure.code, at: failure.at } }),
    assurance: assurance ?? {},
    not_established: notEstablished,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}
