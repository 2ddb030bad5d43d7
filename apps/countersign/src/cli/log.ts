import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { folderFiles } from '@countersign/adapters/storage/files'
import { fsckLog } from '@countersign/engine/log/fsck'
import type { Finding, ReceiptFacts } from '@countersign/engine/log/fsck-report'
import { hashJson } from '@countersign/pure/core/digest'
import { type JsonObject, parseJson } from '@countersign/pure/core/json'
import { attempt } from '@countersign/pure/core/outcome'
import { readShape } from '@countersign/pure/core/shape'
import { hashedReceipt, trustReceipt } from '@countersign/pure/ep/trust-receipt'
import type { Command } from 'commander'
import { placesIn } from '../server/data-places.js'
import { logKeyIdOf } from '../server/log-key.js'
import { exit, Stop } from './exit.js'
import { segmentOf } from './identifiers.js'
import { readFileInput } from './input.js'
import { organizationOption, readOrganization } from './organization-option.js'
import { refusalLine } from './refusals.js'
import type { Terminal } from './terminal.js'
import { readVerifierKey } from './verifier-key.js'
import { visible } from './visible.js'

interface FsckOptions {
  readonly organization?: string
  readonly logVkey?: string[]
  readonly anchor?: string
  readonly receipts?: string
}

/** `log fsck`: the whole log from its files, against the key that you pinned (EP-VER-6). */
export function addLog(program: Command, terminal: Terminal): void {
  const noun = program.command('log').description('the transparency log')
  organizationOption(noun.command('fsck'))
    .description('check every entry, tile and anchored checkpoint of a log; ends with 1 if something does not fit')
    .argument(
      '<dir>',
      'the data folder of a server, or a folder with checkpoint and tiles (its log/, or a mirror of it)',
    )
    .option(
      '--log-vkey <vkey...>',
      'the log’s verifier keys that you pinned, or files with them; the data folder’s own if absent',
    )
    .option('--anchor <file>', 'the anchor, to compare checkpoints and times')
    .option('--receipts <dir>', 'trust receipts, to compare the heads that they used')
    .action(async (folder: string, options: FsckOptions) => {
      if (!existsSync(folder)) throw new Stop(`${visible(folder)} cannot be read: there is no such folder`)
      const places = placesIn(folder)
      const isData = existsSync(places.log)
      if (!isData && options.logVkey === undefined)
        throw new Stop(`${visible(folder)} is no data folder: say with --log-vkey and --organization whose log it is`)
      const organization = await readOrganization(options.organization, folder)
      const keys = await Promise.all((options.logVkey ?? [places.vkey]).map(readVerifierKey))
      const anchor = options.anchor ?? (isData && existsSync(places.anchor) ? places.anchor : undefined)
      const receipts = options.receipts === undefined ? undefined : await readReceipts(options.receipts)
      const report = await fsckLog(folderFiles(isData ? places.log : folder), {
        origin: keys[0]!.key.name,
        keys: keys.map(({ vkey }) => ({ vkey, logKeyId: logKeyIdOf(segmentOf(organization), vkey) })),
        organization,
        ...(anchor === undefined ? {} : { anchor: anchorAt(anchor) }),
        ...(receipts === undefined ? {} : { receipt: (hash: string) => receipts.get(hash) }),
      })
      for (const finding of report.findings) terminal.out(`✗ ${line(finding)}\n`)
      if (options.logVkey === undefined)
        terminal.out('· the key is the data folder’s own: give --log-vkey to check against the key that you pinned\n')
      for (const warning of report.warnings) terminal.out(`· ${line(warning)}\n`)
      const { entries, heads, denials, outcomes, checkpoints } = report
      terminal.out(
        `${entries} entries: ${report.receipts} receipts, ${denials} denials, ${heads} heads, ${outcomes} outcomes; `,
      )
      terminal.out(`${checkpoints} anchored checkpoints; ${report.findings.length} findings\n`)
      if (report.findings.length > 0) throw new Stop('', exit.refused)
    })
}

function line({ code, at, detail }: Finding): string {
  return visible(`${code} at ${at}${detail === '' ? '' : `: ${detail}`}`)
}

function anchorAt(path: string) {
  if (!existsSync(path)) throw new Stop(`the anchor ${visible(path)} cannot be read: there is no such file`)
  return { files: folderFiles(dirname(path)), path: basename(path) }
}

/** What receipts say of themselves; whether they verify is for `verify`. */
async function readReceipts(folder: string): Promise<ReadonlyMap<string, ReceiptFacts>> {
  const facts = new Map<string, ReceiptFacts>()
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'))
  if (names.length === 0) throw new Stop(`${visible(folder)} holds no .json files`)
  for (const name of names) {
    const bytes = await readFileInput(join(folder, name))
    const read = attempt(() => readShape(trustReceipt, parseJson(bytes).value))
    if (!read.ok) throw new Stop(`the receipt ${visible(join(folder, name))}: ${refusalLine(read.failure)}`)
    const { authority, contexts } = read.value
    const head_hash = hashJson(authority.head.body as unknown as JsonObject)
    facts.set(hashJson(hashedReceipt(read.value)), { head_hash, issued_at: contexts[0]!.issued_at })
  }
  return facts
}
