import { canonicalString } from '@countersign/pure/core/jcs'
import { parseJson } from '@countersign/pure/core/json'
import { attempt } from '@countersign/pure/core/outcome'
import type { Command } from 'commander'
import { exit, Stop } from './exit.js'
import { readInput } from './input.js'
import { refusalLine } from './refusals.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'

/** `canonicalize`: the RFC 8785 form of a JSON document. Only `--strict` applies what artifacts demand of numbers (EP-ENC-2). */
export function addCanonicalize(program: Command, terminal: Terminal): void {
  program
    .command('canonicalize')
    .description('print the canonical form (RFC 8785) of a JSON document')
    .argument('[file]', 'the document; - is stdin', '-')
    .option(
      '--strict',
      'refuse what artifacts refuse: numbers that do not survive a round trip, over 256 KiB, depth over 64',
    )
    .option('--no-newline', 'print exactly the octets that are hashed, without a line end')
    .action(async (file: string, options: { strict?: true; newline: boolean }) => {
      const bytes = await readInput(file, terminal)
      const loose = { numbers: 'ecmascript', maxBytes: bytes.length, maxDepth: 500 } as const
      const canonical = attempt(() => canonicalString(parseJson(bytes, options.strict ? {} : loose).value))
      if (!canonical.ok) throw new Stop(`${visible(file)}: ${refusalLine(canonical.failure)}`, exit.refused)
      terminal.out(canonical.value + (options.newline ? '\n' : ''))
    })
}
