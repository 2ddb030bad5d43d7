import { formatVerifierKey } from '@countersign/pure/core/note'
import { type AttemptOptions, makeReceipt } from '@countersign/simulator/attempt'
import { softwareKey } from '@countersign/simulator/signer'
import { headEntry, makeWorld, type WorldOptions } from '@countersign/simulator/world'
import { executorKey } from './cases/accepted.js'
import { drop, type Made, put, receipt, refused, requiring, rules, set, trusting, usualTrust } from './cases/case.js'
import type { VectorCase } from './vector-case.js'

/**
 * Self-consistent is not authorized: receipts in which everything fits together, every hash and every signature, and one authority
 * is missing or foreign. The operator who makes them holds every key of the server, the log's too.
 */
export interface Unauthorized {
  readonly id: string
  /** What is missing: policy, entry, head, entity, initiator key, executor, attestation, log, head proof, organization, witness. */
  readonly authority: string
  readonly requirements: string
  readonly description: string
  readonly refusal: readonly [step: string, code: string]
  readonly made: Made
  /** The same with that one authority: it verifies, so that nothing else is wrong with it. */
  readonly granted: Made
}

const operator = (keyId: string) => softwareKey(keyId, 'operator')

export function unauthorized(): readonly Unauthorized[] {
  return [...organizations(), ...heads(), ...leaves(), ...signers(), ...attestations(), ...logs()]
}

export function unauthorizedCases(): readonly VectorCase[] {
  return unauthorized().map(({ id, requirements, description, refusal, made }) =>
    refused(`unauthorized-${id}`, requirements, description, refusal, made),
  )
}

/**
 * Under the head that the organization signed, with leaves that never stood there: each real entry is opened as it is, each
 * other one by its place in a tree that nobody signed.
 */
function underRealHead(options: WorldOptions, attempt: AttemptOptions = {}): Made {
  const real = makeWorld().currentHead().published
  const world = makeWorld({ ...options, logHeads: false })
  const forged = world.currentHead().published
  const logIndex = world.log.append(headEntry(world.organization, real.head))
  const published = { ...real, opening: (hash: string) => real.opening(hash) ?? forged.opening(hash) }
  const input = makeReceipt(world, { ...attempt, head: { published, logIndex } }).receipt
  return { kind: 'receipt', input, trust: usualTrust }
}

function organizations(): Unauthorized[] {
  const made = receipt({}, { organization: 'mallory' })
  const world = makeWorld({ organization: 'mallory' })
  return [
    {
      id: 'organization',
      authority: 'organization',
      requirements: 'EP-VER-2',
      description: 'An organization of its own with directory, log, approvers and executor.',
      refusal: ['authority', 'organization_unknown'],
      made,
      granted: trusting(made, set('/organizations', world.trustFile()['organizations']!)),
    },
  ]
}

function heads(): Unauthorized[] {
  const forgedId = 'ep:key:acme-directory#1'
  const forged = receipt({}, { headSigners: [operator(forgedId)] })
  const foreign = receipt({}, { headSigners: [operator('ep:key:operator#1')] })
  const key = '/organizations/0/directory/keys/0'
  return [
    {
      id: 'head-forged',
      authority: 'head',
      requirements: 'EP-DIR-2',
      description: 'A directory that the operator signed under the id of the organization key.',
      refusal: ['authority', 'head_signature_invalid'],
      made: forged,
      granted: trusting(forged, set(`${key}/public_key`, operator(forgedId).publicKey)),
    },
    {
      id: 'head-of-operator',
      authority: 'head',
      requirements: 'EP-DIR-2 EP-DIR-4',
      description: 'A directory that the operator signed with its own key.',
      refusal: ['authority', 'head_key_unknown'],
      made: foreign,
      granted: trusting(
        foreign,
        set(`${key}/key_id`, 'ep:key:operator#1'),
        set(`${key}/public_key`, operator('x').publicKey),
      ),
    },
  ]
}

/** One leaf each that the organization never signed. */
function leaves(): Unauthorized[] {
  const weaker = { policies: [rules(requiring({ k: 1, roles: ['intern', 'treasury'] }))] }
  const rows: readonly (readonly [
    noun: string,
    authority: string,
    requirements: string,
    description: string,
    WorldOptions,
  ])[] = [
    ['policy', 'policy', 'EP-POL-4', 'A policy that asks for less.', weaker],
    ['approver', 'entry', 'EP-DIR-1', 'An approver whom the operator invented.', { approvers: [{ name: 'mallory' }] }],
    [
      'approver-key',
      'entry',
      'EP-DIR-1',
      "A key of the operator under a real approver's name.",
      { approvers: [{ name: 'jchen', signer: operator('ep:key:jchen#1') }] },
    ],
    ['initiator', 'entity', 'EP-INV-4', 'An initiator without a leaf.', { entities: [{ name: 'agent-shadow-1' }] }],
    ['executor', 'executor', 'EP-BUN-2', 'An executor without a leaf.', { executors: [{ name: 'shadow' }] }],
  ]
  return rows.map(([noun, authority, requirements, description, options]) => ({
    id: `leaf-of-${noun}`,
    authority,
    requirements,
    description,
    refusal: ['authority', 'inclusion_root_mismatch'],
    made: underRealHead(options),
    granted: receipt({}, options),
  }))
}

/** Every leaf is real, and one signature is the operator's. */
function signers(): Unauthorized[] {
  const usual = receipt()
  const documented = { alter: { policy: [set('/rules/0/quorum/roles', ['intern', 'treasury'])] } }
  const pinned = (publicKey: string) =>
    put('/organizations/0/executors', [{ public_key: publicKey, enforcement_class: 'STRONG' }])
  const initiator = operator('ep:key:agent-recon-7#1')
  const executor = operator('ep:key:payments#1')
  const approver = operator('ep:key:jchen#1')
  const enrolledBy = (options: WorldOptions) => receipt({}, options)
  return [
    {
      id: 'policy-document',
      authority: 'policy',
      requirements: 'EP-POL-4 EP-CTX-3',
      description: 'The leaf is real, the document beside it asks for less; everybody signed it.',
      refusal: ['policy', 'policy_leaf_hash_mismatch'],
      made: receipt(documented),
      granted: receipt(
        {},
        {
          policies: [
            rules(requiring({ k: 1, roles: ['intern', 'treasury'] }, { dec_ge: ['/parameters/amount', '100000'] })),
          ],
        },
      ),
    },
    {
      id: 'policy-left-out',
      authority: 'policy',
      requirements: 'EP-POL-4',
      description: 'No policy leaf is named at all.',
      refusal: ['authority', 'authority_policy_missing'],
      made: receipt({ pinnedPolicy: true }),
      granted: usual,
    },
    {
      id: 'approver-signature',
      authority: 'entry',
      requirements: 'EP-SIG-1',
      description: 'The operator signed for a real approver.',
      refusal: ['signoffs', 'signoff_signature_invalid'],
      made: receipt({ approverSigner: () => approver }),
      granted: enrolledBy({ approvers: [{ name: 'jchen', signer: approver }] }),
    },
    {
      id: 'initiator-seal',
      authority: 'initiator key',
      requirements: 'EP-ACT-5',
      description: 'The operator sealed the request of a real agent.',
      refusal: ['authority', 'initiation_signature_invalid'],
      made: receipt({ initiatorSigner: initiator }),
      granted: enrolledBy({ entities: [{ name: 'agent-recon-7', signer: initiator }] }),
    },
    {
      id: 'initiator-seal-left-out',
      authority: 'initiator key',
      requirements: 'EP-ACT-5',
      description: 'The request of an agent with a key is not there.',
      refusal: ['authority', 'initiation_missing'],
      made: receipt({ alter: { bundle: [drop('/initiation')] } }),
      granted: usual,
    },
    {
      id: 'executor-seal',
      authority: 'executor',
      requirements: 'EP-BUN-2 EP-BUN-4',
      description: 'The operator consumed with a key of its own.',
      refusal: ['consumption', 'consume_signature_invalid'],
      made: receipt({ executorSigner: executor }),
      granted: enrolledBy({ executors: [{ name: 'payments', signer: executor }] }),
    },
    {
      id: 'executor-left-out',
      authority: 'executor',
      requirements: 'EP-BUN-4 EP-INV-5',
      description: 'The operator says that it was consumed, as STRONG.',
      refusal: ['consumption', 'consumption_consume_missing'],
      made: receipt({ executor: null, enforcementClass: 'STRONG' }),
      granted: usual,
    },
    {
      id: 'executor-not-pinned',
      authority: 'executor',
      requirements: 'EP-ENF-1',
      description: 'An enrolled executor that the relying party did not pin.',
      refusal: ['consumption', 'executor_key_unknown'],
      made: trusting(usual, pinned(executor.publicKey)),
      granted: trusting(usual, pinned(executorKey())),
    },
  ]
}

function attestations(): Unauthorized[] {
  const operatorRun = set('/organizations/0/directory/operated_by', 'operator')
  const world = (options: WorldOptions): Made =>
    trusting({ ...receipt({}, { administrators: 2, ...options }), trust: 'trust/acme-attested.json' }, operatorRun)
  const own = [operator('ep:key:acme-administrator#1'), softwareKey('ep:key:acme-administrator#2', 'operator 2')]
  const forged = world({ attestationSigners: own })
  const foreign = world({ attestationSigners: [operator('ep:key:operator#1')] })
  const granted = world({ attestedBy: 2 })
  return [
    {
      id: 'attestation-left-out',
      authority: 'attestation',
      requirements: 'EP-DIR-3',
      description: 'The operator runs the directory and enrolled everybody without a second party.',
      refusal: ['authority', 'attestation_missing'],
      made: world({}),
      granted,
    },
    {
      id: 'attestation-of-operator',
      authority: 'attestation',
      requirements: 'EP-DIR-3',
      description: 'The operator is its own second party.',
      refusal: ['authority', 'attestation_administrator_unknown'],
      made: foreign,
      granted,
    },
    {
      id: 'attestation-forged',
      authority: 'attestation',
      requirements: 'EP-DIR-3',
      description: 'The operator attested under the ids of the administrators.',
      refusal: ['authority', 'attestation_signature_invalid'],
      made: forged,
      granted: trusting(
        forged,
        ...own.map((key, index) => set(`/organizations/0/administrators/keys/${index}/public_key`, key.publicKey)),
      ),
    },
  ]
}

function logs(): Unauthorized[] {
  const key = operator('ep:log:acme#1')
  const made = receipt({ checkpoint: { key } })
  const vkey = formatVerifierKey('log.acme.example/1', key.raw, 0x01)
  const unlogged = receipt({ alter: { logEntry: [set('/organization', 'ep:org:mallory')] } })
  const headElsewhere = receipt({ entriesAfter: 3, alter: { logProof: [set('/head/leaf_index', 2)] } })
  const headUnproven = receipt({ entriesBefore: 3, alter: { logProof: [set('/head/leaf_index', 1)] } })
  const witnessed = { policies: [{ commit_after: { level: 'witnessed', k: 2 } }], witnesses: 3 }
  const by = (count: number): Made => ({
    ...receipt({ checkpoint: { witnesses: makeWorld({ witnesses: 3 }).witnesses.slice(0, count) } }, witnessed),
    trust: 'trust/acme-witnessed.json',
  })
  return [
    {
      id: 'log',
      authority: 'log',
      requirements: 'EP-REC-4',
      description: 'A log that nobody pinned.',
      refusal: ['inclusion', 'checkpoint_signature_invalid'],
      made,
      granted: trusting(made, set('/organizations/0/log/keys/0/vkey', vkey)),
    },
    {
      id: 'not-logged',
      authority: 'log',
      requirements: 'EP-REC-3',
      description: 'The log holds an entry of another organization instead.',
      refusal: ['inclusion', 'inclusion_root_mismatch'],
      made: unlogged,
      granted: receipt(),
    },
    {
      id: 'head-logged-later',
      authority: 'head proof',
      requirements: 'EP-REC-5',
      description: 'The head is said to stand behind the receipt in the log.',
      refusal: ['inclusion', 'log_head_order_invalid'],
      made: headElsewhere,
      granted: receipt({ entriesAfter: 3 }),
    },
    {
      id: 'head-not-logged',
      authority: 'head proof',
      requirements: 'EP-REC-5',
      description: 'Where the head is said to stand, something else was logged.',
      refusal: ['inclusion', 'inclusion_root_mismatch'],
      made: headUnproven,
      granted: receipt({ entriesBefore: 3 }),
    },
    {
      id: 'witness-left-out',
      authority: 'witness',
      requirements: 'EP-SEC-3',
      description: 'Nobody outside saw the checkpoint, and the policy asks for two witnesses.',
      refusal: ['inclusion', 'witness_count_insufficient'],
      made: by(0),
      granted: by(2),
    },
  ]
}
