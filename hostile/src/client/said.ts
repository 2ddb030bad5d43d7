import type { Ran } from './approver.js'

/** Whether something was printed that moves the cursor, turns the line or is not seen. */
export function hiddenOn({ out, err }: Pick<Ran, 'out' | 'err'>): boolean {
  return /[\p{C}\u2028\u2029]/u.test((out + err).replaceAll('\n', ''))
}

export const noAnswer = 'the server gave no answer'
export const saidNo = 'the server said no'

/** The code of a refusal on stderr; words where the client has none. */
export function saidOn(err: string): string {
  const code = /(?:^|: )([a-z0-9]+(?:_[a-z0-9]+)+) at /m.exec(err)?.[1]
  if (code !== undefined) return code
  if (err.includes('the server says no')) return saidNo
  return err.includes('the same command may be given again') ? noAnswer : err.trim().replace(/^countersign: /, '')
}
