/**
 * A check said no. Inside a package checks are straight-line and throw this; at the public edge `attempt` or `judge`
 * turns it into a value. A fault (disk, network) and a bug are never a Refusal.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** One stable code for one cause; every code stands in a table of codes. */
  readonly code: string
  /** JSON Pointer (RFC 6901) to the member that was refused; empty for the whole document. */
  readonly at: string

  constructor(code: string, at = '', detail?: string) {
    super(detail === undefined ? `${code} at ${at === '' ? '/' : at}` : `${code} at ${at === '' ? '/' : at}: ${detail}`)
    this.code = code
    this.at = at
  }
}

/** Throws a `Refusal` unless `condition` holds. */
export function require(condition: boolean, code: string, at = '', detail?: string): asserts condition {
  if (!condition) throw new Refusal(code, at, detail)
}

/** A JSON Pointer one member deeper. */
export function into(at: string, member: string | number): string {
  return typeof member === 'number' ? `${at}/${member}` : `${at}/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
