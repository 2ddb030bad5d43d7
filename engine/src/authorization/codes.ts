/** What sort of no a refusal is; an HTTP server maps it to a status. */
export type RefusalKind = 'invalid' | 'forbidden' | 'not_found' | 'conflict' | 'gone' | 'unprocessable' | 'unavailable'

interface EngineCode {
  readonly kind: RefusalKind
  readonly meaning: string
}

/**
 * Every code that this engine refuses with by itself; verification refuses with the codes of `pure`, as `unprocessable`, parsing as
 * `invalid`.
 */
export const engineCodes = {
  // The state machine (state-machine.ts)
  authorization_unknown: { kind: 'not_found', meaning: 'There is no such authorization.' },
  authorization_approval_insufficient: { kind: 'conflict', meaning: 'The quorum has not signed yet.' },
  authorization_approval_frozen: {
    kind: 'conflict',
    meaning: 'The authorization is approved; its signoffs are frozen.',
  },
  authorization_committed: { kind: 'gone', meaning: 'The authorization was consumed.' },
  authorization_replayed: { kind: 'conflict', meaning: 'The authorization was consumed by another consume request.' },
  authorization_denied: { kind: 'gone', meaning: 'An approver denied the authorization.' },
  authorization_expired: { kind: 'gone', meaning: 'The window of the authorization has passed.' },

  authorization_contention_too_large: {
    kind: 'unavailable',
    meaning: 'Too many others changed the same authorization at the same moment; nothing was written.',
  },

  // Requests (request.ts)
  initiator_caller_mismatch: {
    kind: 'forbidden',
    meaning: 'The initiator of the action is not the authenticated caller.',
  },
  initiator_entity_unknown: { kind: 'forbidden', meaning: 'No entity leaf of the initiator is in force.' },
  policy_action_type_unknown: { kind: 'unprocessable', meaning: 'No policy in force covers the action type.' },
  policy_in_force_mismatch: {
    kind: 'conflict',
    meaning: 'The action names another policy than the one in force for its type, which the refusal carries.',
  },
  policy_rule_refused: { kind: 'forbidden', meaning: 'The rule that matches says refuse.' },
  policy_witnesses_unsupported: {
    kind: 'unprocessable',
    meaning: 'The policy asks for witnesses, which are not built.',
  },
  approvers_count_insufficient: {
    kind: 'unprocessable',
    meaning: 'The approvers who may sign cannot satisfy the quorum.',
  },
  approvers_count_too_large: { kind: 'unprocessable', meaning: 'More than 1024 approvers are eligible.' },
  requested_at_too_large: { kind: 'unprocessable', meaning: '`requested_at` lies more than 60 s ahead.' },
  clock_stale: {
    kind: 'unavailable',
    meaning: 'The clock of the server is more than 60 s behind the highest time that it has acted at.',
  },
  idempotency_key_mismatch: { kind: 'conflict', meaning: 'The idempotency key was used with another body.' },

  // Signoffs and denials (signoff.ts, deny.ts)
  approver_unknown: { kind: 'forbidden', meaning: 'The caller is not among the approvers of the authorization.' },
  approver_key_unknown: { kind: 'forbidden', meaning: 'No eligible key of the approver has this id.' },
  signoff_context_mismatch: { kind: 'forbidden', meaning: "The signature names a context that is not its approver's." },
  signoff_approver_duplicate: { kind: 'conflict', meaning: 'The approver has signed already.' },
  signoff_counter_stale: { kind: 'forbidden', meaning: 'The signature counter of the passkey did not rise.' },

  // The organization directory (directory.ts, publish.ts)
  directory_head_missing: { kind: 'unavailable', meaning: 'The organization has not published a directory yet.' },
  directory_head_unavailable: {
    kind: 'unavailable',
    meaning: 'A newer directory head is not anchored yet; nothing is decided under an older one.',
  },
  directory_head_expired: { kind: 'unavailable', meaning: 'The directory head in effect is past its `valid_until`.' },
  directory_head_issued_at_too_large: {
    kind: 'unprocessable',
    meaning: '`issued_at` of a head lies more than 300 s ahead.',
  },
  directory_entry_unknown: { kind: 'not_found', meaning: 'The directory has no such entry.' },
  directory_policy_unknown: { kind: 'not_found', meaning: 'The directory has no such policy.' },
  leaf_index_malformed: {
    kind: 'invalid',
    meaning: 'The leaves of a publication are not in ascending order of index, or leave a gap.',
  },
  policy_document_unknown: { kind: 'unprocessable', meaning: 'A publication carries a policy that no new leaf names.' },
  authority_entry_missing: {
    kind: 'forbidden',
    meaning: 'The directory in effect does not have an entry that is named.',
  },
  authority_entry_expired: { kind: 'forbidden', meaning: 'The directory in effect has ended an entry that is named.' },
  authority_entry_compromised: {
    kind: 'forbidden',
    meaning: 'The directory in effect says that a named key is compromised.',
  },

  // Consumption and outcome (consume.ts, outcome.ts)
  consume_id_reused: { kind: 'conflict', meaning: 'The consume id was used with another consume request.' },
  executor_unknown: {
    kind: 'forbidden',
    meaning: 'No executor with this key was in force when the authorization was made.',
  },
  receipt_unknown: { kind: 'not_found', meaning: 'There is no such receipt.' },
  denial_unknown: { kind: 'not_found', meaning: 'There is no such denial record.' },
  outcome_unknown: { kind: 'not_found', meaning: 'No outcome was reported for the receipt.' },
  outcome_executor_mismatch: {
    kind: 'forbidden',
    meaning: 'The executor did not consume the authorization that it reports on.',
  },
  outcome_signatures_too_large: { kind: 'unprocessable', meaning: 'An outcome report has more than one signature.' },
  outcome_signature_malformed: {
    kind: 'unprocessable',
    meaning: 'The signature of an outcome report is not one of its algorithm.',
  },
  outcome_signature_invalid: { kind: 'unprocessable', meaning: 'The signature of an outcome report does not verify.' },
  outcome_webauthn_unknown: { kind: 'unprocessable', meaning: 'An outcome report is signed with a passkey assertion.' },
  outcome_supersedes_mismatch: {
    kind: 'conflict',
    meaning: 'The report supersedes another one than that which stands.',
  },
  outcome_report_duplicate: {
    kind: 'conflict',
    meaning: 'The outcome was reported as executed or failed, and stands.',
  },

  // Lists (read-attempts.ts, read-directory.ts)
  page_limit_malformed: { kind: 'invalid', meaning: 'A page has 1 to 100 items.' },
  page_after_malformed: { kind: 'invalid', meaning: '`after` is not what a page gave as `next`.' },

  // Every terminal answer (EP-SM-3)
  log_anchor_unavailable: {
    kind: 'unavailable',
    meaning: 'The entry is not anchored yet; what became of the command stands and may be asked again.',
  },
} as const satisfies Record<string, EngineCode>
