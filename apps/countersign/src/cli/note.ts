import { verifyNote } from '@countersign/pure/core/note'
import { attempt } from '@countersign/pure/core/outcome'
import type { Command } from 'commander'
import { exit, Stop } from './exit.js'
import { readInput } from './input.js'
import { refusalLine } from './refusals.js'
import type { Terminal } from './terminal.js'
import { readVerifierKey } from './verifier-key.js'
import { visible } from './visible.js'

/** `note verify`: whether trusted keys signed a C2SP note, such as a checkpoint. */
export function addNote(program: Command, terminal: Terminal): void {
  const note = program.command('note').description('signed notes (C2SP), such as checkpoints of a log')
  note
    .command('verify')
    .description('check that a note is signed by the given key, and print its text')
    .argument('<file>', 'the note; - is stdin')
    .requiredOption('--key <vkey...>', 'a verifier key (name+hash+base64), or a file that holds it')
    .action(async (file: string, options: { key: string[] }) => {
      const keys = await Promise.all(options.key.map(readVerifierKey))
      const bytes = await readInput(file, terminal)
      const verified = attempt(() =>
        verifyNote(
          bytes,
          keys.map(({ key }) => key),
        ),
      )
      if (!verified.ok) throw new Stop(`${visible(file)}: ${refusalLine(verified.failure)}`, exit.refused)
      for (const name of verified.value.verified) terminal.out(`signed by ${visible(name)}\n`)
      terminal.out('\n')
      for (const line of verified.value.text.slice(0, -1).split('\n')) terminal.out(`${visible(line)}\n`)
    })
}
