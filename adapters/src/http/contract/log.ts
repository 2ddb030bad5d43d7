import { Type } from 'typebox'
import type { Role, Route } from '../route.js'
import { closed, hash, list, treeSize } from '../schemas.js'

const everyRole: readonly Role[] = ['initiator', 'approver', 'executor', 'administrator', 'auditor']
const octets = Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' })
const text = Type.Unsafe<Uint8Array>({ type: 'string' })
const path = closed({ '*': Type.String({ pattern: '^[0-9a-z/.]{1,64}$' }) })

/** The transparency log: C2SP tlog-tiles under `/log`, and proofs for whoever does not compute them from tiles. */
export const logRoutes = {
  getCheckpoint: {
    method: 'GET',
    path: '/log/checkpoint',
    roles: everyRole,
    summary: 'The newest anchored checkpoint, a C2SP signed note',
    answers: { 200: { description: 'The checkpoint.', schema: text, contentType: 'text/plain; charset=utf-8' } },
    problems: ['tile_unknown'],
  },
  getTile: {
    method: 'GET',
    path: '/log/tile/{*}',
    roles: everyRole,
    summary: 'A hash tile (`LEVEL/INDEX[.p/WIDTH]`) or an entry bundle (`entries/INDEX[.p/WIDTH]`)',
    params: path,
    answers: { 200: { description: 'The tile.', schema: octets, contentType: 'application/octet-stream' } },
    problems: ['tile_unknown', 'tile_path_malformed'],
  },
  getInclusion: {
    method: 'GET',
    path: '/v1/log/inclusion',
    roles: everyRole,
    summary: 'The inclusion path of an entry in the tree of the newest anchored checkpoint, or of an older size',
    query: closed({ index: treeSize, size: Type.Optional(treeSize) }),
    answers: {
      200: {
        description: 'The path from the leaf to the root of the tree of `tree_size`.',
        schema: closed(
          { leaf_index: treeSize, tree_size: treeSize, leaf_hash: hash, inclusion_path: list(hash) },
          'InclusionProof',
        ),
      },
    },
    problems: ['tree_size_too_large', 'tree_size_order_invalid'],
  },
  getConsistency: {
    method: 'GET',
    path: '/v1/log/consistency',
    roles: everyRole,
    summary: 'The hashes that prove one tree of the log to begin another',
    query: closed({ from: treeSize, to: treeSize }),
    answers: {
      200: {
        description: 'The path between the two trees.',
        schema: closed({ from: treeSize, to: treeSize, consistency_path: list(hash) }, 'ConsistencyProof'),
      },
    },
    problems: ['tree_size_too_large', 'tree_size_order_invalid'],
  },
} as const satisfies { readonly [name: string]: Route }
