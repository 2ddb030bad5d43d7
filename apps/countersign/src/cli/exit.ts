/** What the program ends with, so that scripts can tell a "no" from a mistake in how it was called. */
export const exit = { satisfied: 0, refused: 1, usage: 2, indeterminate: 3 } as const
export type ExitCode = (typeof exit)[keyof typeof exit]

/** Ends the program with one line on stderr: bad options, a file that cannot be read, an answer that was no. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly code: ExitCode

  constructor(message: string, code: ExitCode = exit.usage) {
    super(message)
    this.code = code
  }
}
