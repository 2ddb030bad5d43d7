import type { HaltCode } from './codes.js'

/**
 * The log refuses to sign and to answer until an operator has ruled (EP-SM-4). Neither a fault, which passes, nor a refusal
 * of somebody's input: what is persisted contradicts what is anchored.
 */
export class LogHalted extends Error {
  override readonly name: string = 'LogHalted'
  readonly code: HaltCode

  constructor(code: HaltCode, detail: string) {
    super(`${code}: ${detail}`)
    this.code = code
  }
}

/** The database does not extend what the anchor holds: it was rolled back, or replaced. */
export class RollbackDetected extends LogHalted {
  override readonly name = 'RollbackDetected'

  constructor(detail: string) {
    super('log_rollback_detected', detail)
  }
}

/** A tile on disk is missing or gives proofs that do not verify: a fault of the export; a restart derives it again. */
export class TileDamaged extends Error {
  override readonly name = 'TileDamaged'
  readonly code = 'log_tile_damaged'
}
