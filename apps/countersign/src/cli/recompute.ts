import { equalBytes } from '@countersign/pure/core/bytes'
import { parseBinary } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { Refusal, require } from '@countersign/pure/core/refusal'
import { array, hash, type Infer, object, openObject, optional, readShape } from '@countersign/pure/core/shape'
import { action, request } from '@countersign/pure/ep/action'
import { opening } from '@countersign/pure/ep/authority'
import { neverLogged } from '@countersign/pure/ep/compromise'
import { type AuthorizationContext, authorizationContext } from '@countersign/pure/ep/context'
import { directoryHead } from '@countersign/pure/ep/directory-head'
import type { EnrollmentEntry } from '@countersign/pure/ep/directory-leaf'
import { Hashes } from '@countersign/pure/ep/hashes'
import { type OpenedAuthority, openAuthority, selectGroup } from '@countersign/pure/ep/open-authority'
import type { PinnedTrust } from '@countersign/pure/ep/pinned-trust'
import { evaluatePolicy, policy } from '@countersign/pure/ep/policy'
import { requiredApprovals } from '@countersign/pure/ep/quorum'
import { sealed } from '@countersign/pure/ep/sealed'
import { type Attempt, verifyContexts } from '@countersign/pure/ep/verify-contexts'
import { verifyPolicy } from '@countersign/pure/ep/verify-policy'
import { requirePast } from '@countersign/pure/ep/windows'

const clockTolerance = 60_000

const served = object({
  authorization: openObject({ action, action_hash: hash }),
  policy,
  contexts: array(object({ context: authorizationContext, context_hash: hash }), { min: 1, max: 1024 }),
  head: directoryHead,
  openings: array(opening, { max: 4096 }),
  initiation: optional(sealed(request)),
})
export type Served = Infer<typeof served>

/** Every code that a served attempt is refused with here, beside those of verification. */
export const servedCodes = {
  served_context_hash_mismatch: 'The server states another hash for a context than its members have.',
  served_approver_unknown: 'No approver of this attempt was enrolled with this key.',
  served_key_id_mismatch: 'The directory names this key otherwise than the key file does.',
  served_context_missing: 'The attempt has no context for the approver who holds this key.',
  served_authorization_expired: 'The window of the attempt has passed.',
} as const

/** An attempt that was recomputed from its members: what it says is what a signature over `context` says. */
export interface Recomputed {
  readonly served: Served
  readonly context: AuthorizationContext
  readonly contextHash: string
  readonly attempt: Attempt
  /** The signer's own entry. */
  readonly entry: EnrollmentEntry
  /** Present with a trust file: policy, initiator and entry stand under a head that the organization signed. */
  readonly authority?: OpenedAuthority
}

/**
 * Recomputes everything that one approver is about to sign; no hash of the server is believed (EP-CTX-5, EP-KEY-U, EP-SEC-1).
 *
 * @param answer - the answer to `getContexts`, parsed strictly
 * @param key - the approver's key as its file names it
 * @param trust - what the approver pinned; without it the policy is the server's word, which every later verifier will check
 * @param now - ms
 * @throws Refusal with a pointer into the answer
 */
export function recompute(
  answer: unknown,
  key: { readonly keyId: string; readonly publicKey: Uint8Array },
  trust: PinnedTrust | undefined,
  now: number,
): Recomputed {
  const read = readShape(served, answer as JsonObject)
  const hashes = new Hashes()
  const actionHash = hashes.hash(read.authorization.action)
  require(actionHash === read.authorization.action_hash, 'action_hash_mismatch', '/authorization/action_hash')
  const policyHash = hashes.hash(read.policy)
  const attempt = verifyContexts(
    read.contexts.map(({ context }) => context),
    { action: read.authorization.action, actionHash, policyHash },
    read.contexts.map((_, index) => `/contexts/${index}/context`),
  )
  for (const [index, { context, context_hash }] of read.contexts.entries())
    require(hashes.hash(context) === context_hash, 'served_context_hash_mismatch', `/contexts/${index}/context_hash`)
  require(now < attempt.expiresAt, 'served_authorization_expired', '/contexts/0/context/expires_at')
  // A signature for later would outlast what is revoked until then.
  requirePast([{ ms: attempt.issuedAt, at: '/contexts/0/context/issued_at' }], now, clockTolerance)
  const entry = entryOf(read, key)
  const mine = read.contexts.find(({ context }) => context.approver === entry.approver_id)
  if (mine === undefined) throw new Refusal('served_context_missing', '/contexts')
  const authority = trust === undefined ? undefined : openServed(read, entry, attempt, actionHash, trust, hashes)
  requirePolicy(read, attempt, policyHash, authority)
  const { context, context_hash: contextHash } = mine
  return { served: read, context, contextHash, attempt, entry, ...(authority === undefined ? {} : { authority }) }
}

function entryOf(
  { openings }: Served,
  key: { readonly keyId: string; readonly publicKey: Uint8Array },
): EnrollmentEntry {
  for (const { leaf } of openings) {
    const { entry } = leaf
    if (entry.type !== 'ep.enrollment.v1' || !equalBytes(parseBinary(entry.public_key), key.publicKey)) continue
    require(entry.key_id === key.keyId, 'served_key_id_mismatch', '/openings')
    return entry
  }
  throw new Refusal('served_approver_unknown', '/openings')
}

/** Opens what concerns this approver: the policy, the initiator and the approver's own entry. */
function openServed(
  read: Served,
  own: EnrollmentEntry,
  attempt: Attempt,
  actionHash: string,
  trust: PinnedTrust,
  hashes: Hashes,
): OpenedAuthority {
  const { action } = read.authorization
  const named = { policy: undefined as string | undefined, initiator: '', approver: '' }
  const relevant = read.openings.filter(({ leaf: { entry } }) => {
    const entryHash = hashes.hash(entry)
    if (entry.type === 'ep.directory_policy.v1') named.policy = entryHash
    else if (entry.type === 'ep.entity.v1') named.initiator = entryHash
    else if (entry === own) named.approver = entryHash
    else return false
    return true
  })
  const artifact = {
    action,
    action_hash: actionHash,
    policy: read.policy,
    authority: {
      head: read.head,
      ...(named.policy === undefined ? {} : { policy: named.policy }),
      initiator: named.initiator,
      approvers: [named.approver],
      delegations: [],
    },
    ...(read.initiation === undefined ? {} : { initiation: read.initiation }),
    approver_key_proofs: relevant,
  }
  return openAuthority(artifact, selectGroup(read.policy, trust), attempt.issuedAt, hashes, neverLogged)
}

function requirePolicy(
  read: Served,
  attempt: Attempt,
  policyHash: string,
  authority: OpenedAuthority | undefined,
): void {
  const { action } = read.authorization
  if (authority !== undefined) return void verifyPolicy({ action, policy: read.policy }, attempt, authority, policyHash)
  const decision = evaluatePolicy(read.policy, action, '/policy')
  require(decision.decision === 'require', 'policy_rule_ungated', `/policy/rules/${decision.rule}/then`)
  require(attempt.requiredApprovals === requiredApprovals(decision.quorum), 'required_approvals_mismatch', '/policy')
}
