import { drop, put, set } from '@countersign/conformance/cases/case'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import { applyPatch, type PatchOperation } from '@countersign/pure/core/json-patch'
import { leafHash } from '@countersign/pure/core/merkle'
import { type AttemptOptions, makeReceipt } from '@countersign/simulator/attempt'
import { makeWitness, type Witness } from '@countersign/simulator/log'
import { seal } from '@countersign/simulator/signer'
import { headEntry } from '@countersign/simulator/world'
import type { Scene, Setting } from '../executor/scene.js'
import { operatorKey } from '../owners.js'
import { operatorsOrganization } from './operators-organization.js'

/**
 * A receipt that is none, of an approval that is genuine, with the genuine request of the executor in the operator's hands. The
 * executor gets it as the answer to that request, a verifier as evidence.
 */
export interface FalseReceipt {
  readonly name: string
  readonly requirements: string
  readonly did: string
  readonly expected: string
  readonly setting?: Setting
  /** Only the executor knows better: to a verifier the document is true, or says less and does not hide it. */
  readonly executorOnly?: true
  /** While the owners are there. */
  readonly prepare?: (scene: Scene) => JsonObject
  /** When they are gone: `request` is the sealed request; `prepared` what came of `prepare`. */
  readonly make: (scene: Scene, request: JsonObject, prepared: JsonObject) => JsonObject | Uint8Array
}

const directoryKey = 'ep:key:acme-directory#1'
const standard: Setting = { world: { policies: [{ enforcement_minimum: 'STANDARD' }] } }
const witnessed: Setting = { world: { witnesses: 1 }, trust: () => [set('/organizations/0/witnesses/k', 1)] }
const zeros = `sha256:${'0'.repeat(64)}`

export const falseReceipts: readonly FalseReceipt[] = [
  {
    name: 'nothing',
    requirements: 'EP-BUN-2',
    did: 'answered with no octets at all',
    expected: 'json_syntax_invalid',
    make: () => new Uint8Array(0),
  },
  {
    name: 'bundle',
    requirements: 'EP-BUN-1 EP-BUN-2',
    did: 'answered with the bundle, which confers nothing',
    expected: 'member_unknown',
    make: ({ server }) => server.attempt('attempt').bundle,
  },
  {
    name: 'of-another-attempt',
    requirements: 'EP-BUN-2',
    did: 'answered with the receipt of another approved attempt, which another process had consumed',
    expected: 'executor_request_mismatch',
    executorOnly: true,
    prepare: ({ world }) => makeReceipt(world, { label: 'other' }).receipt,
    make: (_scene, _request, other) => other,
  },
  {
    name: 'stale',
    requirements: 'EP-BUN-2 EP-BUN-3',
    did: 'answered with the receipt of an earlier request for the same attempt',
    expected: 'executor_request_mismatch',
    executorOnly: true,
    prepare: ({ world }) => makeReceipt(world).receipt,
    make: (_scene, _request, earlier) => earlier,
  },
  {
    name: 'of-another-organization',
    requirements: 'EP-VER-2',
    did: 'answered with the receipt of an organization of its own',
    expected: 'organization_unknown',
    make: () => makeReceipt(operatorsOrganization().world).receipt,
  },
  {
    name: 'request-by-operator',
    requirements: 'EP-BUN-2',
    did: 'sealed the consume request with a key of its own',
    expected: 'consume_signature_invalid',
    make: ({ server }, request) =>
      server.receiptFor(seal(request['body'] as JsonObject, operatorKey('ep:key:payments#1'))),
  },
  {
    name: 'request-changed',
    requirements: 'EP-BUN-2',
    did: 'changed the consume_id in the sealed request',
    expected: 'consume_signature_invalid',
    make: ({ server }, request) =>
      server.receiptFor(patched(request, set('/body/consume_id', 'b64u:AAAAAAAAAAAAAAAAAAAAAA'))),
  },
  {
    name: 'seal-left-out',
    requirements: 'EP-BUN-4 EP-ENF-1',
    did: 'left the consume request out',
    expected: 'consumption_consume_missing',
    make: but({ executor: null, enforcementClass: 'STRONG' }),
  },
  {
    name: 'word-of-operator',
    requirements: 'EP-BUN-4 EP-ENF-1',
    did: 'gave its own word of the consumption, as STANDARD, where the policy asks for STRONG',
    expected: 'enforcement_class_insufficient',
    make: but({ executor: null, enforcementClass: 'STANDARD' }),
  },
  {
    name: 'word-of-operator-accepted',
    requirements: 'EP-BUN-4 EP-BUN-2',
    did: 'gave its own word of the consumption where the policy takes STANDARD',
    expected: 'executor_request_mismatch',
    setting: standard,
    executorOnly: true,
    make: but({ executor: null, enforcementClass: 'STANDARD' }),
  },
  {
    name: 'request-of-another-executor',
    requirements: 'EP-BUN-2 EP-DIR-1',
    did: 'had an executor of another system consume the attempt',
    expected: 'executor_system_mismatch',
    setting: { world: { executors: [{ name: 'payments' }, { name: 'payroll', systems: ['payroll.example'] }] } },
    prepare: ({ world }) => makeReceipt(world, { executor: 'payroll' }).receipt,
    make: (_scene, _request, other) => other,
  },
  {
    name: 'class-lowered',
    requirements: 'EP-ENF-1',
    did: 'wrote STANDARD into the receipt of a STRONG request',
    expected: 'consume_enforcement_class_mismatch',
    setting: standard,
    make: but({ alter: { record: [set('/enforcement_class', 'STANDARD')] } }),
  },
  {
    name: 'class-above-leaf',
    requirements: 'EP-ENF-1',
    did: 'took a STRONG request of an executor whose leaf says STANDARD',
    expected: 'executor_class_insufficient',
    setting: { world: { executors: [{ name: 'payments', enforcementClass: 'STANDARD' }] } },
    make: but({}),
  },
  {
    name: 'not-committed',
    requirements: 'EP-BUN-1 EP-INV-5',
    did: 'wrote another state than COMMITTED',
    expected: 'consumption_state_mismatch',
    make: but({ alter: { consumption: [set('/state', 'APPROVED')] } }),
  },
  {
    name: 'another-nonce',
    requirements: 'EP-INV-1',
    did: 'wrote another nonce into the consumption',
    expected: 'consumption_nonce_mismatch',
    make: but({ alter: { consumption: [set('/nonce', `b64u:${'A'.repeat(43)}`)] } }),
  },
  {
    name: 'amount-swapped',
    requirements: 'EP-ACT-2',
    did: 'changed the amount after the executor had verified the bundle',
    expected: 'action_hash_mismatch',
    make: but({ alter: { record: [set('/action/parameters/amount', '9999999.00')] } }),
  },
  {
    name: 'signed-at-moved',
    requirements: 'EP-BUN-1 EP-BUN-2',
    did: 'moved signed_at of a signoff after the bundle was verified',
    expected: 'consume_bundle_hash_mismatch',
    make: but({ alter: { record: [set('/signoffs/0/signed_at', '2026-11-20T12:02:00Z')] } }),
  },
  {
    name: 'evidence-added',
    requirements: 'EP-BUN-1 EP-BUN-2',
    did: 'added evidence after the bundle was verified',
    expected: 'consume_bundle_hash_mismatch',
    make: but({ alter: { record: [put('/evidence/-', { type: 'ep.second_display.v1' })] } }),
  },
  {
    name: 'changed-after-logging',
    requirements: 'EP-REC-2 EP-REC-3',
    did: 'changed how the action was displayed after the receipt was logged',
    expected: 'inclusion_root_mismatch',
    make: ({ server }, request) => patched(server.receiptFor(request), set('/display/surface', 'operator-page')),
  },
  {
    name: 'committed-too-late',
    requirements: 'EP-MN-1',
    did: 'committed when the attempt had ended',
    expected: 'window_committed_at_expired',
    make: but({ instants: { committedAt: '2026-11-20T12:15:00Z' } }),
  },
  {
    name: 'committed-before-signed',
    requirements: 'EP-MN-1',
    did: 'dated the commitment before the signature',
    expected: 'window_committed_at_invalid',
    make: but({ instants: { committedAt: '2026-11-20T12:00:30Z' } }),
  },
  {
    name: 'committed-in-future',
    requirements: 'EP-VER-2',
    did: 'dated the commitment into the future of the executor’s clock',
    expected: 'window_clock_invalid',
    executorOnly: true,
    make: but({ instants: { committedAt: '2026-11-20T12:11:01Z' } }),
  },
  {
    name: 'head-not-logged',
    requirements: 'EP-REC-5 EP-BUN-2',
    did: 'did not log the directory head',
    expected: 'executor_head_logged_missing',
    executorOnly: true,
    make: but({ headProof: false }),
  },
  {
    name: 'head-logged-later',
    requirements: 'EP-REC-5',
    did: 'logged the directory head only after the receipt',
    expected: 'log_head_order_invalid',
    make: ({ world, server }, request) => {
      const receipt = server.receiptFor(request)
      const { leaf_index } = receipt['log_proof'] as { leaf_index: number }
      const head = world.log.append(headEntry(world.organization, world.currentHead().published.head))
      const positions = { ...world.log.position(leaf_index), head: world.log.position(head) }
      return { ...receipt, log_proof: { ...positions, checkpoint: world.log.checkpoint() } }
    },
  },
  {
    name: 'another-head-logged',
    requirements: 'EP-REC-5 EP-DIR-2',
    did: 'showed the log entry of a head that it had signed itself',
    expected: 'inclusion_root_mismatch',
    make: ({ world, server }, request) => {
      const forged = seal(world.currentHead().published.head['body'] as JsonObject, operatorKey(directoryKey))
      const logIndex = world.log.append(headEntry(world.organization, forged))
      return server.receiptFor(request, { head: { published: world.currentHead().published, logIndex } })
    },
  },
  {
    name: 'not-logged',
    requirements: 'EP-VER-5',
    did: 'signed a checkpoint of a tree without the receipt, and made up a path',
    expected: 'inclusion_root_mismatch',
    make: but({ alter: { logProof: [set('/inclusion_path/0', zeros)] } }),
  },
  {
    name: 'logged-as-denied',
    requirements: 'EP-REC-3',
    did: 'logged the attempt as denied, and showed the receipt',
    expected: 'inclusion_root_mismatch',
    make: but({ alter: { logEntry: [set('/state', 'DENIED')] } }),
  },
  {
    name: 'path-empty',
    requirements: 'EP-VER-5',
    did: 'left the inclusion path empty',
    expected: 'inclusion_path_malformed',
    make: but({ alter: { logProof: [set('/inclusion_path', [])] } }),
  },
  {
    name: 'old-checkpoint',
    requirements: 'EP-VER-5',
    did: 'showed a genuine checkpoint from before the receipt',
    expected: 'inclusion_index_too_large',
    make: but({ checkpoint: { size: 1 } }),
  },
  {
    name: 'log-of-one',
    requirements: 'EP-REC-5 EP-VER-5',
    did: 'signed a log for this receipt alone, without any head',
    expected: 'executor_head_logged_missing',
    executorOnly: true,
    make: ({ world, server }, request) => {
      const receipt = server.receiptFor(request)
      const rootHash = leafHash(canonicalBytes(world.log.entries.at(-1)!))
      const checkpoint = world.log.checkpoint({ claim: { treeSize: 1, rootHash } })
      return { ...receipt, log_proof: { leaf_index: 0, inclusion_path: [], checkpoint } }
    },
  },
  {
    name: 'checkpoint-by-another-key',
    requirements: 'EP-REC-4',
    did: 'signed the checkpoint with another key under the id of the pinned one',
    expected: 'checkpoint_signature_invalid',
    make: but({ checkpoint: { key: operatorKey('ep:key:log#1') } }),
  },
  {
    name: 'log-key-exchanged',
    requirements: 'EP-REC-4',
    did: 'went over to a new log key that nobody pinned',
    expected: 'checkpoint_key_unknown',
    make: but({
      checkpoint: { key: operatorKey('ep:key:log#2') },
      alter: { logProof: [set('/checkpoint/log_key_id', 'ep:log:acme#2')] },
    }),
  },
  {
    name: 'another-log',
    requirements: 'EP-REC-4 EP-POL-1',
    did: 'logged the receipt in another log of its own',
    expected: 'checkpoint_origin_mismatch',
    make: but({ checkpoint: { claim: { origin: 'log.globex.example/1' } } }),
  },
  {
    name: 'no-witness',
    requirements: 'EP-SEC-3',
    did: 'asked no witness, where the trust file wants one',
    expected: 'witness_count_insufficient',
    setting: witnessed,
    make: but({}),
  },
  {
    name: 'witness-forged',
    requirements: 'EP-SEC-3',
    did: 'cosigned as the witness with a key of its own',
    expected: 'cosignature_signature_invalid',
    setting: witnessed,
    make: but({ checkpoint: { witnesses: [{ ...impostor(), name: 'witness-1.example' }] } }),
  },
  {
    name: 'witness-of-another-tree',
    requirements: 'EP-SEC-3',
    did: 'moved the genuine cosignature of an earlier tree to this one',
    expected: 'cosignature_signature_invalid',
    setting: witnessed,
    prepare: ({ world }) => world.log.checkpoint({ witnesses: world.witnesses }),
    make: ({ server }, request, { cosignatures }) =>
      server.receiptFor(request, { alter: { logProof: [set('/checkpoint/cosignatures', cosignatures!)] } }),
  },
  {
    name: 'unpinned-witness',
    requirements: 'EP-SEC-3',
    did: 'brought a witness of its own',
    expected: 'witness_count_insufficient',
    setting: witnessed,
    make: but({ checkpoint: { witnesses: [impostor()] } }),
  },
  {
    name: 'opening-changed',
    requirements: 'EP-REC-2 EP-DIR-5',
    did: 'changed the end of an entry in the openings, which the receipt hash does not cover',
    expected: 'inclusion_root_mismatch',
    make: but({ alter: { openings: [set('/0/leaf/status/valid_to', '2027-01-01T00:00:00Z')] } }),
  },
  {
    name: 'opening-left-out',
    requirements: 'EP-REC-2',
    did: 'left out the opening of the executor',
    expected: 'opening_missing',
    make: but({ alter: { openings: [drop('/2')] } }),
  },
]

/** The receipt as it should be, but for this. */
function but(options: AttemptOptions): FalseReceipt['make'] {
  return ({ server }, request) => server.receiptFor(request, options)
}

function patched(document: JsonObject, ...operations: readonly PatchOperation[]): JsonObject {
  return applyPatch(document, operations) as JsonObject
}

function impostor(): Witness {
  return makeWitness('witness-9.example', 'the operator')
}
