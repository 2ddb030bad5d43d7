/** The world as a command sees it; tests bring their own. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  stdin(): AsyncIterable<Uint8Array>
  /** ms since the epoch. */
  now(): number
  /** Whether a person sits there who can be asked. */
  readonly interactive: boolean
  readonly colors: boolean
  /** A yes that was typed; anything else, also giving up, is a no. */
  confirm(question: string): Promise<boolean>
  /** A line that is not echoed; null if the person gave up. */
  secret(question: string): Promise<string | null>
}

/** This process's own terminal. Questions go to stderr, so that stdout carries results only. */
export function processTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    stdin: () => process.stdin as AsyncIterable<Uint8Array>,
    now: () => Date.now(),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    colors: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    async confirm(question) {
      const { confirm } = await import('@clack/prompts')
      const answer = await confirm({ message: question, initialValue: false, output: process.stderr })
      return answer === true
    },
    async secret(question) {
      const { isCancel, password } = await import('@clack/prompts')
      const answer = await password({ message: question, output: process.stderr })
      return isCancel(answer) ? null : (answer ?? '')
    },
  }
}
