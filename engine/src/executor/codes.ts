/**
 * Codes with which the executor refuses, beside those of the verifiers (`pure/`), which it passes on with the artifact in front of
 * the pointer (`/bundle/...`, `/receipt/...`). After every one of them the effect did not run.
 */
export const executorCodes = {
  executor_authority_unavailable: 'The authorization server did not answer. Calling again is safe.',
  executor_authority_refused: 'The authorization server said no; its code, which nothing proves, stands beside.',
  executor_organization_mismatch: 'The policy is of another organization than the one this executor works for.',
  executor_target_mismatch: 'The action is for a system that this executor does not serve.',
  executor_enforcement_insufficient: 'The policy asks for a higher enforcement class than this executor has.',
  executor_action_mismatch: 'The approved action is not the one that the caller expects.',
  executor_material_mismatch:
    'The approved action differs from the expected one in a member that the policy calls material.',
  executor_bundle_mismatch: 'A consume request for this nonce was made from another bundle.',
  executor_request_mismatch: 'The receipt does not hold the consume request of this executor, octet for octet.',
  executor_head_logged_missing: 'The receipt does not show that its directory head was logged before it.',
  executor_head_stale: 'The directory head is older than one that this executor accepted, or as old and another.',
  executor_head_expired: 'The directory head is past its valid_until.',
  executor_head_chain_missing: 'The server does not show the heads between the accepted one and this one.',
  executor_head_chain_mismatch:
    'A head does not name its predecessor: the chain from the accepted head does not lead here.',
  executor_head_order_invalid: 'A head was not issued after its predecessor.',
  executor_head_size_insufficient: 'A head is of a smaller tree than its predecessor: entries are gone.',
  executor_nonce_duplicate: 'An execution of this nonce is under way already.',
  executor_nonce_replayed: 'The effect of this nonce was started, or has its outcome: it never runs again.',
  executor_authorization_lapsed: 'The authorization was not consumed within its time and is closed.',
  executor_effect_missing: 'The authorization is consumed and may run, but recovery was given no effect.',
  executor_reconciliation_unavailable:
    'Whether the effect took place could not be looked up. It is asked again by the next recovery.',
} as const

export type ExecutorCode = keyof typeof executorCodes

/** Codes with which a journal stops. */
export const journalCodes = {
  journal_holder_duplicate: 'Another process holds the journal: two executors must not share one nonce index.',
  journal_lost: 'Another process took the journal over, or the journal was closed.',
  journal_record_damaged: 'A record that is not the last one is not whole: this is no crash but damage.',
  journal_record_order_invalid: 'A record does not follow from those before it.',
  journal_write_failed: 'A write failed, so what is durable is not known. Open the journal again, and recover.',
} as const

export type JournalCode = keyof typeof journalCodes
