/** Codes of the log that are neither a halt nor a finding. */
export const logCodes = {
  verifier_key_name_mismatch: 'The name of a key of the log is not the origin of the log.',
  signer_key_unknown: 'The signer holds none of the keys that the log was given.',
  log_tile_damaged: 'A tile on disk is missing or gives proofs that do not verify; a restart derives it again.',
} as const

/** Every code that stops a log, and what it means. */
export const haltCodes = {
  log_rollback_detected: 'The database does not extend the newest anchored checkpoint.',
  log_entries_missing: 'The database holds fewer entries than its own checkpoint counts.',
  log_entries_root_mismatch: 'The entries in the database do not give the root of its own checkpoint.',
  log_state_checkpoint_invalid: 'The checkpoint in the database is not one that this log signed.',
  log_anchor_checkpoint_invalid: 'A checkpoint in the anchor is not one that this log signed.',
  log_anchor_record_missing: 'The anchor lost a record: the numbers of its records have a gap.',
  log_anchor_record_mismatch: 'Two records of the anchor have one number and different checkpoints.',
  log_anchor_order_invalid: 'A record of the anchor is about a smaller tree than the record before it.',
  log_anchor_truncated: 'The anchor does not hold a checkpoint that was served.',
  log_anchor_inconsistent: 'The anchor holds a tree of which the new checkpoint is no extension.',
  log_entry_too_large: 'A log entry has more than 65535 octets.',
  log_signature_invalid: 'The signer made a signature that the pinned key of the log does not verify.',
} as const

export type HaltCode = keyof typeof haltCodes

/** Every code of `fsckLog`, and what it means. */
export const fsckCodes = {
  log_checkpoint_missing: 'The folder has no checkpoint.',
  log_checkpoint_invalid: 'The checkpoint is not one that a pinned key of this log signed.',
  log_checkpoint_root_mismatch: 'Neither the entries nor the tiles give the root of the signed checkpoint.',
  log_checkpoint_stale: 'The served checkpoint is older than the newest anchored one.',
  log_tile_missing: 'A hash tile that the tree needs is not there.',
  log_tile_mismatch: 'A hash tile holds other hashes than the entries give.',
  log_bundle_missing: 'An entry bundle that the tree needs is not there.',
  log_bundle_malformed: 'An entry bundle is cut off or holds another number of entries than its name says.',
  log_bundle_mismatch: 'An entry is not the one whose hash the signed tree holds.',
  log_anchor_missing: 'No anchor was given or nothing is in it.',
  log_anchor_record_torn: 'A line of the anchor is not whole: an append that never resolved.',
  log_anchor_record_missing: 'The anchor lost a record: the numbers of its records have a gap.',
  log_anchor_record_mismatch: 'Two records of the anchor have one number and different checkpoints.',
  log_anchor_order_invalid: 'A record of the anchor is about a smaller tree than the record before it.',
  log_anchor_checkpoint_invalid: 'A checkpoint in the anchor is not one that this log signed.',
  log_anchor_root_mismatch: 'An anchored checkpoint is not about the beginning of this tree.',
  log_anchor_truncated: 'The anchor does not hold a checkpoint that was served.',
  log_entry_malformed: 'An entry is none of the known types in its exact form.',
  log_entry_noncanonical: 'An entry is not in canonical form (JCS).',
  log_entry_organization_mismatch: 'An entry names another organization.',
  log_entry_time_invalid: 'An entry says that it was made more than 60 s after it was anchored.',
  log_nonce_duplicate: 'A nonce reached a terminal state twice.',
  log_receipt_duplicate: 'A receipt is logged twice.',
  log_prev_receipt_unknown: 'prev_receipt_hash names a receipt that this log does not hold.',
  log_prev_receipt_order_invalid: 'prev_receipt_hash names a receipt with a larger index.',
  log_head_chain_mismatch: 'prev_head_hash of a directory head is not the hash of the head logged before it.',
  log_head_directory_mismatch: 'A directory head is of another directory than the one before it.',
  log_head_issued_at_invalid: 'A directory head was not issued after the one before it.',
  log_head_size_invalid: 'A directory head is about fewer leaves than the one before it.',
  log_outcome_receipt_unknown: 'An outcome is about a receipt that no earlier entry logs.',
  log_outcome_superseded: 'An outcome other than indeterminate was superseded.',
  log_receipt_missing: 'What a receipt says of itself was not given, so the head it used was not compared.',
  log_receipt_head_unknown: 'A receipt used a directory head that this log does not hold.',
  log_receipt_head_order_invalid: 'A receipt was logged before the directory head that it used.',
  log_receipt_head_superseded:
    'A newer directory head was logged before the predecessor of the receipt that used the older one.',
  log_receipt_head_stale: 'A newer directory head was anchored more than 60 s before the contexts were made.',
  log_receipt_prev_stale: 'A newer receipt was anchored more than 60 s before the contexts were made.',
} as const

export type FsckCode = keyof typeof fsckCodes
