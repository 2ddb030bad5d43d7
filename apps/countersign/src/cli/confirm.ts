import { exit, Stop } from './exit.js'
import type { Terminal } from './terminal.js'

/** Goes on only after a typed yes, or with `--yes`. Where nobody can be asked the answer is no. */
export async function requireYes(question: string, yes: true | undefined, terminal: Terminal): Promise<void> {
  if (yes) return
  if (!terminal.interactive) throw new Stop('nobody can be asked here: give --yes after reading what is shown')
  if (!(await terminal.confirm(question))) throw new Stop('nothing was signed', exit.refused)
}
