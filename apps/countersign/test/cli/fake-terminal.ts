import { run } from '../../src/cli/program.js'
import type { Terminal } from '../../src/cli/terminal.js'

/** What one run printed and ended with. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly asked: readonly string[]
}

export interface World {
  readonly stdin?: string | Uint8Array
  /** Answers in the order of the questions: a boolean to a yes/no, a text to a secret, null for giving up. */
  readonly answers?: readonly (boolean | string | null)[]
  readonly now?: number
}

/** Runs the program in this process over a terminal that is written down. A question without an answer throws. */
export async function runCli(words: readonly string[], world: World = {}): Promise<Ran> {
  const printed = { out: '', err: '' }
  const asked: string[] = []
  const answers = [...(world.answers ?? [])]
  const answer = (question: string) => {
    asked.push(question)
    if (answers.length === 0) throw new Error(`nobody answers: ${question}`)
    return answers.shift()
  }
  const terminal: Terminal = {
    out: (text) => {
      printed.out += text
    },
    err: (text) => {
      printed.err += text
    },
    async *stdin() {
      const { stdin = '' } = world
      yield typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin
    },
    now: () => world.now ?? Date.parse('2026-11-20T12:05:00Z'),
    interactive: world.answers !== undefined,
    colors: false,
    confirm: async (question) => answer(question) === true,
    secret: async (question) => answer(question) as string | null,
  }
  const code = await run(words, terminal)
  return { code, ...printed, asked }
}
