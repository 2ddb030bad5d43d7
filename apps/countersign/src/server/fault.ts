/** Why a request cannot be answered here and now; neither a refusal of its content nor a bug. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly status: number
  readonly code: string
  /** Seconds, where trying again later makes sense. */
  readonly retryAfter: number | undefined

  constructor(status: number, code: string, retryAfter?: number) {
    super(code)
    this.status = status
    this.code = code
    this.retryAfter = retryAfter
  }
}
