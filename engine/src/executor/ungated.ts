import { parseHash } from '@countersign/pure/core/digest'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import { type JsonValue, parseJson } from '@countersign/pure/core/json'
import { leafHash, verifyInclusion } from '@countersign/pure/core/merkle'
import { Refusal } from '@countersign/pure/core/refusal'
import { type Infer, object, readShape } from '@countersign/pure/core/shape'
import { type Action, action } from '@countersign/pure/ep/action'
import { opening } from '@countersign/pure/ep/authority'
import { compromisedFrom, neverLogged, requireUncompromised } from '@countersign/pure/ep/compromise'
import { directoryHead } from '@countersign/pure/ep/directory-head'
import { Hashes } from '@countersign/pure/ep/hashes'
import { requireInForce, selectGroup } from '@countersign/pure/ep/open-authority'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { evaluatePolicy, type PolicyDecision, policy } from '@countersign/pure/ep/policy'
import { verifyAttestations } from '@countersign/pure/ep/verify-attestations'
import { requireHeadAge } from '@countersign/pure/ep/verify-bundle'
import { verifyHead } from '@countersign/pure/ep/verify-head'
import { requireOwn, type Standing } from './admit.js'

/** A policy as the server hands it over: the document, its leaf, and the head under which the leaf stands. */
export const openedPolicy = object({ head: directoryHead, policy, opening })
export type OpenedPolicy = Infer<typeof openedPolicy>

export interface JudgedPolicy {
  readonly opened: OpenedPolicy
  readonly group: TrustGroup
  readonly decision: PolicyDecision['decision']
}

/** @throws Refusal with pointers below `/action` */
export function readAction(octets: Uint8Array): Action {
  return readShape(action, parseJson(octets).value, '/action')
}

/**
 * What the organization's own policy says of an action, so that "ungated" is never the server's word (EP-POL-1). Whether the head is the
 * newest is for the caller to judge; that it holds no other policy in force for the action type is its signer's word.
 *
 * @param octets - `{head, policy, opening}`, not trusted
 * @throws Refusal with pointers below `/policy`
 */
export function judgePolicy(octets: Uint8Array, asked: Action, standing: Standing, now: number): JudgedPolicy {
  const at = '/policy'
  const opened = readShape(openedPolicy, parseJson(octets).value, at)
  requireOwn(opened.policy, asked, standing, at)
  const group = selectGroup(opened.policy, standing.trust)
  const { custody } = verifyHead(opened.head, group, new Hashes(), `${at}/head`)
  if (custody === 'operator' && !group.file.accept.class_c)
    throw new Refusal('directory_custody_insufficient', `${at}/head/signatures`)
  requireHeadAge(opened.head, group, now, `${at}/head`)
  requireLeaf(opened, group, now, `${at}/opening`)
  if (asked.policy_id !== opened.policy.policy_id) throw new Refusal('policy_id_mismatch', '/action/policy_id')
  if (!opened.policy.action_types.includes(asked.action_type))
    throw new Refusal('policy_action_type_mismatch', `${at}/policy/action_types`)
  return { opened, group, decision: evaluatePolicy(opened.policy, asked, `${at}/policy`).decision }
}

function requireLeaf({ head, policy, opening }: OpenedPolicy, group: TrustGroup, now: number, at: string): void {
  const hashes = new Hashes()
  const { leaf, leaf_index } = opening
  const { entry } = leaf
  if (entry.type !== 'ep.directory_policy.v1') throw new Refusal('opening_type_mismatch', `${at}/leaf/entry/type`)
  if (entry.directory_id !== head.body.directory_id)
    throw new Refusal('opening_directory_mismatch', `${at}/leaf/entry/directory_id`)
  const path = opening.inclusion_path.map((hash) => parseHash(hash))
  const leafOctets = canonicalBytes(leaf as unknown as JsonValue)
  verifyInclusion(leafHash(leafOctets), leaf_index, head.body.tree_size, path, parseHash(head.body.root_hash), at)
  if (entry.policy_hash !== hashes.hash(policy))
    throw new Refusal('policy_leaf_hash_mismatch', `${at}/leaf/entry/policy_hash`)
  if (entry.policy_id !== policy.policy_id) throw new Refusal('policy_leaf_id_mismatch', `${at}/leaf/entry/policy_id`)
  requireInForce(leaf, now, `${at}/leaf`)
  verifyAttestations(leaf, group, hashes, now, `${at}/leaf`)
  requireUncompromised(compromisedFrom(leaf, undefined, group), neverLogged, 'policy_leaf_compromised', `${at}/leaf`)
}
