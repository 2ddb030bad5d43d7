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

/** Every code that stops a log, and what it means. */
export const haltCodes = {
  log_rollback_detected: 'The database does not extend the newest anchored checkpoint.',
  log_entries_missing: 'The database holds fewer entries than its own checkpoint counts.',
  log_entries_root_mismatch: 'The entries in the database do not give the root of its own checkpoint.',
  log_state_checkpoint_invalid: 'The checkpoint in the database is not one that this log signed.',
  log_anchor_checkpoint_invalid: 'The newest checkpoint in the anchor is not one that this log signed.',
  log_anchor_record_missing: 'The anchor lost a record: the numbers of its records have a gap.',
  log_anchor_record_mismatch: 'Two records of the anchor have one number and different checkpoints.',
  log_anchor_order_invalid: 'A record of the anchor is about a smaller tree than the record before it.',
  log_anchor_truncated: 'The anchor is behind a checkpoint that was already served or seen anchored.',
  log_anchor_inconsistent: 'The anchor holds a tree of which the new checkpoint is no extension.',
  log_entry_too_large: 'An entry in the outbox is longer than an entry bundle can hold (65535 octets).',
  log_signature_invalid: 'The signer made a signature that the pinned key of the log does not verify.',
} as const

export type HaltCode = keyof typeof haltCodes
