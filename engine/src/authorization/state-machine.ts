import type { engineCodes } from './codes.js'
import { refusal } from './decision.js'

export const openStates = ['REQUESTED', 'PARTIALLY_APPROVED', 'APPROVED'] as const
export const terminalStates = ['COMMITTED', 'DENIED', 'EXPIRED'] as const
export type AuthorizationState = (typeof openStates)[number] | (typeof terminalStates)[number]

/** `signoff`: a valid one that leaves the quorum unmet; `quorum`: the valid one that meets it. */
export const authorizationEvents = ['signoff', 'quorum', 'denial', 'expiry', 'commit'] as const
export type AuthorizationEvent = (typeof authorizationEvents)[number]

type Cell = { readonly to: AuthorizationState } | { readonly refuse: keyof typeof engineCodes }

const unmet = { refuse: 'authorization_approval_insufficient' } as const
const frozen = { refuse: 'authorization_approval_frozen' } as const
const over = (code: keyof typeof engineCodes, commit: keyof typeof engineCodes = code) => ({
  signoff: { refuse: code },
  quorum: { refuse: code },
  denial: { refuse: code },
  expiry: { refuse: code },
  commit: { refuse: commit },
})

/** The normative table of EP-SM-1. Nothing leaves a terminal state (EP-INV-3); only APPROVED commits (EP-INV-5). */
export const transitions: Readonly<Record<AuthorizationState, Readonly<Record<AuthorizationEvent, Cell>>>> = {
  REQUESTED: {
    signoff: { to: 'PARTIALLY_APPROVED' },
    quorum: { to: 'APPROVED' },
    denial: { to: 'DENIED' },
    expiry: { to: 'EXPIRED' },
    commit: unmet,
  },
  PARTIALLY_APPROVED: {
    signoff: { to: 'PARTIALLY_APPROVED' },
    quorum: { to: 'APPROVED' },
    denial: { to: 'DENIED' },
    expiry: { to: 'EXPIRED' },
    commit: unmet,
  },
  APPROVED: {
    signoff: frozen,
    quorum: frozen,
    denial: { to: 'DENIED' },
    expiry: { to: 'EXPIRED' },
    commit: { to: 'COMMITTED' },
  },
  COMMITTED: over('authorization_committed', 'authorization_replayed'),
  DENIED: over('authorization_denied'),
  EXPIRED: over('authorization_expired'),
}

export function isTerminal(state: AuthorizationState): boolean {
  return (terminalStates as readonly string[]).includes(state)
}

/** The state that an event leads to. @throws Refusal of the table's cell */
export function nextState(state: AuthorizationState, event: AuthorizationEvent): AuthorizationState {
  const cell = transitions[state][event]
  if ('refuse' in cell) throw refusal(cell.refuse)
  return cell.to
}
