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

  // Every terminal answer (EP-SM-3)
  log_anchor_unavailable: {
    kind: 'unavailable',
    meaning: 'The entry is not anchored yet; what became of the command stands and may be asked again.',
  },
} as const satisfies Record<string, EngineCode>
