import { readFileSync } from 'node:fs'
import { Refusal } from '@countersign/pure/core/refusal'
import { Command, CommanderError } from 'commander'
import { addServe } from '../server/command.js'
import { addApiKey } from './apikey.js'
import { addApprove } from './approve.js'
import { addCanonicalize } from './canonicalize.js'
import { addEnroll } from './enroll.js'
import { type ExitCode, exit, Stop } from './exit.js'
import { addKeygen } from './keygen.js'
import { addLog } from './log.js'
import { addNote } from './note.js'
import { addOrg } from './org/org.js'
import { addPending } from './pending.js'
import { addPolicy } from './policy.js'
import { addReceipt } from './receipt.js'
import { refusalLine } from './refusals.js'
import { addRequest } from './request.js'
import type { Terminal } from './terminal.js'
import { addVectors } from './vectors.js'
import { addVerify } from './verify.js'

/**
 * Runs the program once.
 *
 * @param words - the words behind the program's name
 * @returns what the process ends with; every mistake is one line on stderr, never a stack trace
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    await build(terminal).parseAsync(words, { from: 'user' })
    return exit.satisfied
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.satisfied : exit.usage
    if (error instanceof Stop) {
      if (error.message !== '') terminal.err(`countersign: ${error.message}\n`)
      return error.code
    }
    terminal.err(`countersign: ${error instanceof Refusal ? refusalLine(error) : `internal error: ${error}`}\n`)
    return error instanceof Refusal ? exit.refused : exit.usage
  }
}

function build(terminal: Terminal): Command {
  const program = new Command('countersign')
    .description(
      'A named human countersigns one exact action before it runs; anyone can check the evidence later, offline.',
    )
    .version(version())
    .exitOverride()
    .showHelpAfterError('(countersign --help lists the commands)')
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'countersign: ')),
      getOutHasColors: () => terminal.colors,
    })
  addVerify(program, terminal)
  addCanonicalize(program, terminal)
  addNote(program, terminal)
  addKeygen(program, terminal)
  addVectors(program, terminal)
  addEnroll(program, terminal)
  addOrg(program, terminal)
  addPolicy(program, terminal)
  addRequest(program, terminal)
  addPending(program, terminal)
  addApprove(program, terminal)
  addReceipt(program, terminal)
  addServe(program, terminal)
  addApiKey(program, terminal)
  addLog(program, terminal)
  return program
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
