import { Type } from 'typebox'
import type { Role, Route } from '../route.js'
import { closed, cursor, directoryHead, directoryLeaf, hash, list, opening, policy, treeSize } from '../schemas.js'

const everyRole: readonly Role[] = ['initiator', 'approver', 'executor', 'administrator', 'auditor']
const headMembers = { head: directoryHead, head_hash: hash }
const headView = closed(headMembers, 'Head')

/** The organization directory: who may approve, which entities and executors exist, which policies hold. */
export const directoryRoutes = {
  publishHead: {
    method: 'POST',
    path: '/v1/directory/heads',
    roles: ['administrator'],
    summary: 'Publish a head that the organization signed, with the leaves that are new or changed',
    body: closed(
      {
        head: directoryHead,
        leaves: list(closed({ leaf_index: treeSize, leaf: directoryLeaf })),
        policies: list(policy),
      },
      'Publication',
    ),
    bodyLimit: 16 * 1024 * 1024,
    answers: { 201: { description: 'The head, in effect once its log entry is anchored.', schema: headView } },
    problems: [],
  },
  getHead: {
    method: 'GET',
    path: '/v1/directory/head',
    roles: everyRole,
    summary: 'The head in effect',
    answers: { 200: { description: 'The head.', schema: headView } },
    problems: [],
  },
  listHeads: {
    method: 'GET',
    path: '/v1/directory/heads',
    roles: everyRole,
    summary: 'The chain of heads, oldest first; each names the hash of the one before it',
    query: closed(cursor),
    answers: {
      200: {
        description: 'A page of heads with the index of their log entries.',
        schema: closed(
          { items: list(closed({ ...headMembers, log_index: treeSize })), next: Type.Optional(Type.String()) },
          'HeadPage',
        ),
      },
    },
    problems: [],
  },
  listEntries: {
    method: 'GET',
    path: '/v1/directory/entries',
    roles: ['administrator', 'auditor', 'executor'],
    summary: 'The leaves under the head in effect, by index',
    query: closed(cursor),
    answers: {
      200: {
        description: 'A page of leaves.',
        schema: closed(
          {
            ...headMembers,
            items: list(closed({ leaf_index: treeSize, entry_hash: hash, leaf: directoryLeaf })),
            next: Type.Optional(Type.String()),
          },
          'EntryPage',
        ),
      },
    },
    problems: [],
  },
  getProof: {
    method: 'GET',
    path: '/v1/directory/proofs/{entry_hash}',
    roles: everyRole,
    summary: 'The opening of one entry under the head in effect',
    params: closed({ entry_hash: hash }),
    answers: {
      200: {
        description: 'A leaf and its path to the head.',
        schema: closed(
          {
            ...headMembers,
            leaf: directoryLeaf,
            leaf_index: treeSize,
            inclusion_path: list(hash),
            attestation_object: Type.Optional(Type.String()),
          },
          'Proof',
        ),
      },
    },
    problems: [],
  },
  getPolicyInForce: {
    method: 'GET',
    path: '/v1/policies',
    roles: everyRole,
    summary:
      'The policy in force for an action type, opened under the head in effect: what an executor evaluates itself',
    query: closed({ action_type: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' }) }),
    answers: {
      200: {
        description: 'The policy with its opening.',
        schema: closed({ head: directoryHead, policy, opening }, 'PolicyInForce'),
      },
    },
    problems: ['directory_policy_unknown'],
  },
  getPolicy: {
    method: 'GET',
    path: '/v1/policies/{policy_id}',
    roles: everyRole,
    summary: 'A policy document under the head in effect',
    params: closed({ policy_id: Type.String({ pattern: '^ep:policy:[a-z0-9][a-z0-9._-]{0,63}@v[1-9][0-9]{0,8}$' }) }),
    answers: {
      200: {
        description: 'The policy and the entry that puts it in force.',
        schema: closed({ policy, policy_hash: hash, entry_hash: hash }, 'PolicyView'),
      },
    },
    problems: [],
  },
} as const satisfies { readonly [name: string]: Route }
