import { concatBytes, utf8Encode } from '@countersign/pure/core/bytes'
import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import { into } from '@countersign/pure/core/refusal'
import { makeBundle, makeDenial, makeReceipt } from '@countersign/simulator/attempt'
import { makeWorld } from '@countersign/simulator/world'
import type { VectorCase } from '../vector-case.js'
import { drop, type Made, octets, patched, put, refused, set, usualTrust } from './case.js'

/** What is refused in the parser, before anything is hashed: every member taken away, surplus, or of another type. */
export function structureCases(): readonly VectorCase[] {
  const world = makeWorld()
  const made = {
    receipt: makeReceipt(world).receipt,
    bundle: makeBundle(world).bundle,
    denial: makeDenial(world).record,
  }
  return [
    ...family('receipt', 'receipt-usual', made.receipt),
    ...family(
      'bundle',
      'bundle-usual',
      made.bundle,
      (path) => /^\/(type|state|approver_key_proofs)$/.test(path) || path === '',
    ),
    ...family('denial', 'denial-usual', made.denial, (path) => /^\/(denial|context)?(\/|$)/.test(path) || path === ''),
    ...single(),
    ...lists(),
    ...bytes(canonicalString(made.receipt)),
  ]
}

// Taken away without breaking the structure: other steps judge that.
const optional =
  /^\/(initiation|authority\/policy|consumption\/(executor_id|executor_entry|consume|anchor)|log_proof\/head|policy\/rules\/0\/when)$/
const free = /^\/action\/(parameters|target)(\/|$)/

const missingCodes: readonly (readonly [RegExp, string])[] = [
  [/^\/action\/initiator$/, 'action_initiator_missing'],
  [/\/required_approvals$/, 'required_approvals_missing'],
  [/^\/consumption\/nonce$/, 'consumption_nonce_missing'],
  [/\/status\/valid_to$/, 'leaf_valid_to_missing'],
  [/\/status\/compromised_at$/, 'leaf_compromised_at_missing'],
  [/\/entry\/responsible$/, 'entity_principal_missing'],
  [/^\/approver_key_proofs\/1\/leaf\/entry\/(key_id|public_key)$/, 'entity_key_malformed'],
  [/^\/policy\/rules\/0\/quorum$/, 'policy_quorum_missing'],
  [/\/dec_ge$/, 'condition_node_malformed'],
]

const typeCodes: readonly (readonly [RegExp, string])[] = [
  [/\/leaf\/entry\/type$/, 'type_unknown'],
  [/\/type$/, 'type_mismatch'],
  [/ep_version$/, 'ep_version_unsupported'],
  [/context_type$/, 'context_type_mismatch'],
  [/^\/state$/, 'bundle_state_mismatch'],
  [/^\/denial\/decision$/, 'denial_decision_unknown'],
  [/\/required_approvals$/, 'required_approvals_malformed'],
  [/\/dec_ge\/0$/, 'condition_pointer_malformed'],
  [/\/dec_ge\/1$/, 'condition_literal_malformed'],
]

function family(
  kind: string,
  base: string,
  document: JsonObject,
  within: (path: string) => boolean = () => true,
): VectorCase[] {
  const cases: VectorCase[] = []
  const add = (id: string, description: string, code: string, made: Made) =>
    cases.push(refused(`${base}${id}`, 'EP-ENC-7', description, ['structure', code], made))
  walk(document, '', (path, value, inObject) => {
    if (!within(path) || (free.test(path) && !/^\/action\/target\/(system|resource)$/.test(path))) return
    const codeOf = (table: typeof typeCodes, usual: string) => table.find(([form]) => form.test(path))?.[1] ?? usual
    if (inObject && !optional.test(path))
      add(
        `-without:${path}`,
        'A required member is absent.',
        codeOf(missingCodes, 'member_missing'),
        patched(kind, base, drop(path)),
      )
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const code = /\/when$/.test(path) ? 'condition_node_malformed' : 'member_unknown'
      add(
        `-surplus:${path}`,
        'A closed object has an unknown member.',
        code,
        patched(kind, base, put(`${path}/surplus`, 1)),
      )
    }
    if (typeof value !== 'object' || value === null) {
      const other = typeof value === 'number' ? String(value) : 7
      add(
        `-type:${path}`,
        'A member of another type.',
        codeOf(typeCodes, 'member_type_mismatch'),
        patched(kind, base, set(path, other)),
      )
    }
    if (typeof value === 'string' && /^\d{4}-.*Z$/.test(value))
      add(
        `-offset:${path}`,
        'An instant with an offset.',
        'instant_offset_unsupported',
        patched(kind, base, set(path, value.replace('Z', '+00:00'))),
      )
  })
  return cases
}

function walk(
  value: JsonValue,
  path: string,
  visit: (path: string, value: JsonValue, inObject: boolean) => void,
  inObject = false,
): void {
  visit(path, value, inObject)
  if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, into(path, index), visit)
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value)) walk(member, into(path, name), visit, true)
}

const fourToTheFourth = { all: many(4, { any: many(4, { k: 1, roles: ['a'] }) }) }

/** One defect of form each, by its own code. */
function single(): VectorCase[] {
  const rows: readonly (readonly [
    id: string,
    requirement: string,
    description: string,
    path: string,
    value: JsonValue,
    code: string,
  ])[] = [
    [
      'instant-lower-case',
      'EP-ENC-5',
      'A lower-case t.',
      '/contexts/0/issued_at',
      '2026-11-20t12:00:00Z',
      'instant_malformed',
    ],
    [
      'instant-no-zone',
      'EP-ENC-5',
      'An instant without zone.',
      '/contexts/0/issued_at',
      '2026-11-20T12:00:00',
      'instant_zone_missing',
    ],
    [
      'instant-microseconds',
      'EP-ENC-5',
      'Finer than milliseconds.',
      '/contexts/0/issued_at',
      '2026-11-20T12:00:00.000001Z',
      'instant_precision_unsupported',
    ],
    [
      'instant-leap-second',
      'EP-ENC-5',
      'Second 60.',
      '/contexts/0/issued_at',
      '2026-12-31T23:59:60Z',
      'instant_leap_second_unsupported',
    ],
    [
      'instant-no-such-day',
      'EP-ENC-5',
      '30 February.',
      '/contexts/0/issued_at',
      '2026-02-30T12:00:00Z',
      'instant_date_invalid',
    ],
    [
      'hash-upper-case',
      'EP-ENC-3',
      'Upper-case digits in a hash string.',
      '/action_hash',
      `sha256:${'A'.repeat(64)}`,
      'hash_malformed',
    ],
    [
      'hash-short',
      'EP-ENC-3',
      'A hash string of 63 digits.',
      '/action_hash',
      `sha256:${'0'.repeat(63)}`,
      'hash_malformed',
    ],
    [
      'binary-prefix',
      'EP-ENC-4',
      'A binary string without its prefix.',
      '/contexts/0/nonce',
      'LN9ZCNW8P26aDQvhEuNFTMztYwFOIZwpWk2Fah4SCEU',
      'binary_malformed',
    ],
    [
      'binary-padded',
      'EP-ENC-4',
      'Padding in a binary string.',
      '/contexts/0/nonce',
      'b64u:LN9ZCNW8P26aDQvhEuNFTMztYwFOIZwpWk2Fah4SCEU=',
      'binary_malformed',
    ],
    [
      'binary-last-character',
      'EP-ENC-4',
      'Unused bits of the last character are not zero.',
      '/contexts/0/nonce',
      'b64u:LN9ZCNW8P26aDQvhEuNFTMztYwFOIZwpWk2Fah4SCEV',
      'binary_noncanonical',
    ],
    [
      'binary-length',
      'EP-ENC-4',
      'A log signature of 63 octets.',
      '/log_proof/checkpoint/log_signature',
      `b64u:${'A'.repeat(84)}`,
      'binary_length_mismatch',
    ],
    [
      'nonce-short',
      'EP-CTX-2',
      'A nonce of 15 octets.',
      '/contexts/0/nonce',
      `b64u:${'A'.repeat(20)}`,
      'nonce_length_insufficient',
    ],
    [
      'nonce-long',
      'EP-CTX-2',
      'A nonce of 66 octets.',
      '/contexts/0/nonce',
      `b64u:${'A'.repeat(88)}`,
      'nonce_length_too_large',
    ],
    [
      'consumption-nonce-short',
      'EP-CTX-2',
      'A short nonce in the consumption record.',
      '/consumption/nonce',
      `b64u:${'A'.repeat(20)}`,
      'nonce_length_insufficient',
    ],
    [
      'identifier-segment',
      'EP-ENC-6',
      'An upper-case letter in an identifier.',
      '/action/initiator',
      'ep:entity:Agent',
      'identifier_malformed',
    ],
    [
      'identifier-kind',
      'EP-ENC-6',
      'An approver where an entity is named.',
      '/action/initiator',
      'ep:approver:jchen',
      'identifier_malformed',
    ],
    [
      'identifier-policy-version',
      'EP-ENC-6',
      'A policy id without version.',
      '/action/policy_id',
      'ep:policy:wires',
      'identifier_malformed',
    ],
    [
      'identifier-line-end',
      'EP-ENC-6',
      'A line end behind an identifier.',
      '/action/initiator',
      'ep:entity:agent\n',
      'identifier_malformed',
    ],
    [
      'receipt-id',
      'EP-ENC-6',
      'A receipt id that is no ULID.',
      '/receipt_id',
      'ep:receipt:81J9Z3K5V8Q2W4X6Y7A8B9C0DE',
      'identifier_malformed',
    ],
    [
      'public-key-short',
      'EP-ENC-8',
      'A public key of 43 octets.',
      '/approver_key_proofs/3/leaf/entry/public_key',
      `b64u:${'A'.repeat(58)}`,
      'public_key_length_mismatch',
    ],
    [
      'required-approvals-zero',
      'EP-CTX-6',
      'required_approvals is zero.',
      '/contexts/0/required_approvals',
      0,
      'required_approvals_malformed',
    ],
    [
      'required-approvals-text',
      'EP-CTX-6',
      'required_approvals is a string.',
      '/contexts/0/required_approvals',
      '1',
      'required_approvals_malformed',
    ],
    [
      'required-approvals-half',
      'EP-CTX-6',
      'required_approvals is not whole.',
      '/contexts/0/required_approvals',
      1.5,
      'required_approvals_malformed',
    ],
    ['index-negative', 'EP-VER-5', 'A negative leaf index.', '/log_proof/leaf_index', -1, 'integer_malformed'],
    [
      'tree-size-zero',
      'EP-VER-5',
      'A checkpoint of an empty tree.',
      '/log_proof/checkpoint/tree_size',
      0,
      'integer_malformed',
    ],
    ['class-unknown', 'EP-KEY-X', 'A key class that does not exist.', '/signoffs/0/key_class', 'D', 'value_unknown'],
    ['drill', 'EP-SEC-4', 'A context of a drill.', '/contexts/0/context_type', 'ep.drill.v1', 'context_type_mismatch'],
    [
      'denial-type',
      'EP-ENC-8',
      'The type of a denial record on a receipt.',
      '/type',
      'ep.denial_record.v1',
      'type_mismatch',
    ],
    [
      'entry-type',
      'EP-DIR-1',
      'An entry of a type that does not exist.',
      '/approver_key_proofs/3/leaf/entry/type',
      'ep.visitor.v1',
      'type_unknown',
    ],
    [
      'aaguid',
      'EP-ENC-6',
      'An AAGUID in upper case.',
      '/approver_key_proofs/3/leaf/entry/aaguid',
      '01020304-0506-0708-0102-03040506070A',
      'aaguid_malformed',
    ],
    [
      'rp-id',
      'EP-ENC-6',
      'An RP id with a scheme.',
      '/approver_key_proofs/3/leaf/entry/rp_id',
      'https://approve.acme.example',
      'rp_id_malformed',
    ],
    ['text-empty', 'EP-ENC-7', 'An empty resource.', '/action/target/resource', '', 'text_missing'],
    [
      'text-long',
      'EP-ENC-7',
      'A resource of 513 characters.',
      '/action/target/resource',
      'x'.repeat(513),
      'text_too_large',
    ],
    [
      'pointer-malformed',
      'EP-ACT-4',
      'A material pointer without slash.',
      '/policy/material',
      ['amount'],
      'pointer_malformed',
    ],
    [
      'rule-with-quorum',
      'EP-POL-1',
      'A rule that refuses has a quorum.',
      '/policy/rules/0/then',
      'refuse',
      'policy_quorum_unsupported',
    ],
    [
      'commit-after-k',
      'EP-SM-3',
      'k without witnesses.',
      '/policy/commit_after',
      { level: 'anchored', k: 1 },
      'policy_commit_after_malformed',
    ],
    [
      'commit-after-no-k',
      'EP-SM-3',
      'Witnesses without k.',
      '/policy/commit_after',
      { level: 'witnessed' },
      'policy_commit_after_malformed',
    ],
    [
      'quorum-malformed',
      'EP-POL-3',
      'A quorum of two kinds.',
      '/policy/rules/0/quorum',
      { all: [{ k: 1, roles: ['treasury'] }], any: [] },
      'quorum_malformed',
    ],
    [
      'quorum-empty',
      'EP-POL-3',
      'An empty list of quorums.',
      '/policy/rules/0/quorum',
      { any: [] },
      'quorum_list_insufficient',
    ],
    [
      'quorum-nodes',
      'EP-POL-3',
      'A quorum of 33 nodes.',
      '/policy/rules/0/quorum',
      { any: many(32, { k: 1, roles: ['treasury'] }) },
      'quorum_nodes_too_large',
    ],
    [
      'quorum-slots',
      'EP-POL-3',
      'A quorum of 17 approvers.',
      '/policy/rules/0/quorum',
      {
        all: [
          { k: 16, roles: ['a'] },
          { k: 1, roles: ['b'] },
        ],
      },
      'quorum_slots_too_large',
    ],
    [
      'quorum-alternatives',
      'EP-POL-3',
      'A quorum that can be satisfied in 4^5 ways.',
      '/policy/rules/0/quorum',
      { all: many(5, { any: many(4, { k: 1, roles: ['a'] }) }) },
      'quorum_alternatives_too_large',
    ],
    [
      'quorum-alternatives-257',
      'EP-POL-3',
      'A quorum that can be satisfied in 4^4 ways and one more.',
      '/policy/rules/0/quorum',
      { any: [fourToTheFourth, { k: 1, roles: ['a'] }] },
      'quorum_alternatives_too_large',
    ],
    [
      'quorum-alternatives-below-any',
      'EP-POL-3',
      'One of two alternatives can be satisfied in 4^5 ways.',
      '/policy/rules/0/quorum',
      { any: [{ k: 1, roles: ['a'] }, { all: many(5, { any: many(4, { k: 1, roles: ['a'] }) }) }] },
      'quorum_alternatives_too_large',
    ],
    [
      'quorum-alternatives-below-all',
      'EP-POL-3',
      'One of the quorums that must be met can be satisfied in 4^5 ways.',
      '/policy/rules/0/quorum',
      { all: [{ all: many(5, { any: many(4, { k: 1, roles: ['a'] }) }) }] },
      'quorum_alternatives_too_large',
    ],
    [
      'quorum-slots-of-one-alternative',
      'EP-POL-3',
      'One of two alternatives asks for 17 approvers.',
      '/policy/rules/0/quorum',
      {
        any: [
          { k: 1, roles: ['a'] },
          {
            all: [
              { k: 16, roles: ['a'] },
              { k: 1, roles: ['b'] },
            ],
          },
        ],
      },
      'quorum_slots_too_large',
    ],
    ['quorum-list', 'EP-POL-3', 'A list of quorums.', '/policy/rules/0/quorum', [], 'quorum_malformed'],
    ['quorum-null', 'EP-POL-3', 'No quorum.', '/policy/rules/0/quorum', null, 'quorum_malformed'],
    [
      'quorum-no-roles',
      'EP-POL-3',
      'A quorum without roles.',
      '/policy/rules/0/quorum',
      { k: 1, roles: [] },
      'list_insufficient',
    ],
    [
      'quorum-k-zero',
      'EP-POL-3',
      'A quorum of nobody.',
      '/policy/rules/0/quorum',
      { k: 0, roles: ['treasury'] },
      'integer_malformed',
    ],
    [
      'condition-two-members',
      'EP-POL-2',
      'A node of two members.',
      '/policy/rules/0/when',
      { exists: ['/parameters'], not: { exists: ['/parameters'] } },
      'condition_node_malformed',
    ],
    [
      'condition-list',
      'EP-POL-2',
      'A list of nodes where one is asked for.',
      '/policy/rules/0/when',
      { not: [{ exists: ['/parameters'] }] },
      'condition_node_malformed',
    ],
    [
      'condition-null',
      'EP-POL-2',
      'A node that is null.',
      '/policy/rules/0/when',
      { not: null },
      'condition_node_malformed',
    ],
    [
      'condition-all-object',
      'EP-POL-2',
      'One node where a list is asked for.',
      '/policy/rules/0/when',
      { all: { exists: ['/parameters'] } },
      'condition_node_malformed',
    ],
    [
      'condition-below-not',
      'EP-POL-2',
      'An operator that does not exist, under not.',
      '/policy/rules/0/when',
      { not: { matches: ['/parameters/amount', '.*'] } },
      'condition_operator_unknown',
    ],
    [
      'condition-operands',
      'EP-POL-2',
      'An operator with one operand too many.',
      '/policy/rules/0/when',
      { eq: ['/parameters', 1, 2] },
      'condition_node_malformed',
    ],
    [
      'condition-operator',
      'EP-POL-2',
      'An operator that does not exist.',
      '/policy/rules/0/when',
      { matches: ['/parameters/amount', '.*'] },
      'condition_operator_unknown',
    ],
    [
      'condition-pointer',
      'EP-POL-2',
      'A pointer with a bad escape.',
      '/policy/rules/0/when',
      { exists: ['/parameters/~2'] },
      'condition_pointer_malformed',
    ],
    [
      'condition-pointer-relative',
      'EP-POL-2',
      'A pointer that does not begin with a slash.',
      '/policy/rules/0/when',
      { exists: ['parameters/amount'] },
      'condition_pointer_malformed',
    ],
    [
      'condition-pointer-list',
      'EP-POL-2',
      'A pointer in a list.',
      '/policy/rules/0/when',
      { exists: [['/parameters/amount']] },
      'condition_pointer_malformed',
    ],
    [
      'condition-provenance-whole',
      'EP-POL-2',
      'A pointer to provenance itself.',
      '/policy/rules/0/when',
      { exists: ['/provenance'] },
      'condition_pointer_unsupported',
    ],
    [
      'condition-provenance',
      'EP-POL-2',
      'A pointer into provenance.',
      '/policy/rules/0/when',
      { exists: ['/provenance/ticket'] },
      'condition_pointer_unsupported',
    ],
    [
      'condition-decimal',
      'EP-POL-2',
      'A decimal with a leading zero.',
      '/policy/rules/0/when',
      { dec_ge: ['/parameters/amount', '0100'] },
      'condition_literal_malformed',
    ],
    [
      'condition-prefix-number',
      'EP-POL-2',
      'A prefix that is a number.',
      '/policy/rules/0/when',
      { prefix: ['/parameters/amount', 1] },
      'condition_literal_malformed',
    ],
    [
      'condition-in-scalar',
      'EP-POL-2',
      'A list that is none.',
      '/policy/rules/0/when',
      { in: ['/parameters/amount', '1'] },
      'condition_literal_malformed',
    ],
    [
      'condition-in-empty',
      'EP-POL-2',
      'An empty list of values.',
      '/policy/rules/0/when',
      { in: ['/parameters/amount', []] },
      'condition_list_insufficient',
    ],
    [
      'condition-all-empty',
      'EP-POL-2',
      'An empty list of conditions.',
      '/policy/rules/0/when',
      { all: [] },
      'condition_list_insufficient',
    ],
    [
      'condition-nodes',
      'EP-POL-2',
      'A condition of 257 nodes.',
      '/policy/rules/0/when',
      { all: many(256, { exists: ['/parameters'] }) },
      'condition_nodes_too_large',
    ],
    [
      'human-without-principal',
      'EP-INV-4',
      'A human entity that names no principal.',
      '/approver_key_proofs/1/leaf/entry/kind',
      'human',
      'entity_principal_missing',
    ],
    [
      'agent-with-principal',
      'EP-INV-4',
      'An agent that is a principal.',
      '/approver_key_proofs/1/leaf/entry/principal_id',
      'ep:principal:7',
      'entity_principal_mismatch',
    ],
    [
      'cosignature-name',
      'EP-REC-4',
      'A name of a cosignature with a plus sign.',
      '/log_proof/checkpoint/cosignatures',
      [{ name: 'a+b', timestamp: 1, signature: `b64u:${'A'.repeat(86)}` }],
      'cosignature_name_malformed',
    ],
  ]
  const cases = rows.map(([id, requirement, description, path, value, code]) =>
    refused(
      `structure-${id}`,
      requirement,
      description,
      ['structure', code],
      patched('receipt', 'receipt-usual', put(path, value)),
    ),
  )
  const [signature, ...again] = [
    { key_id: 'ep:key:payments#1', signature: `b64u:${'A'.repeat(86)}` },
    { key_id: 'ep:key:payments#1', signature: `b64u:${'A'.repeat(86)}` },
  ]
  cases.push(
    refused(
      'structure-seal-key-twice',
      'EP-ENC-9',
      'Two signatures of one key under a sealed object.',
      ['structure', 'sealed_signature_order_invalid'],
      patched('receipt', 'receipt-usual', set('/consumption/consume/signatures', [signature!, ...again])),
    ),
    refused(
      'structure-denial-reason-long',
      'EP-SIG-2',
      'A reason of 281 characters.',
      ['structure', 'text_too_large'],
      patched('denial', 'denial-with-reason', set('/denial/reason', 'x'.repeat(281))),
    ),
    refused(
      'structure-denial-as-receipt',
      'EP-ENC-8',
      'A denial record where a receipt is expected.',
      ['structure', ''],
      patched('receipt', 'denial-usual'),
    ),
    refused(
      'structure-bundle-as-receipt',
      'EP-ENC-8',
      'A bundle where a receipt is expected: approval is not commitment.',
      ['structure', 'type_mismatch'],
      { ...patched('receipt', 'bundle-usual', drop('/state')) },
    ),
  )
  return cases
}

function lists(): VectorCase[] {
  const rows: readonly (readonly [id: string, path: string, value: JsonValue, code: string])[] = [
    ['no-contexts', '/contexts', [], 'list_insufficient'],
    ['no-signoffs', '/signoffs', [], 'list_insufficient'],
    ['no-approvers', '/authority/approvers', [], 'list_insufficient'],
    ['no-head-signature', '/authority/head/signatures', [], 'list_insufficient'],
    ['long-path', '/log_proof/inclusion_path', many(65, `sha256:${'0'.repeat(64)}`), 'list_too_large'],
    ['openings-object', '/approver_key_proofs', {}, 'member_type_mismatch'],
    ['openings-garbage', '/approver_key_proofs/0', 'garbage', 'member_type_mismatch'],
    ['no-action-types', '/policy/action_types', [], 'list_insufficient'],
    ['long-action-types', '/policy/action_types', many(65, 'wire'), 'list_too_large'],
    ['no-rules', '/policy/rules', [], 'list_insufficient'],
    ['no-masking', '/policy/display/masking', [], 'list_insufficient'],
    ['long-evidence-required', '/policy/evidence_required', many(17, 'example.photo.v1'), 'list_too_large'],
    ['no-material', '/policy/material', [], 'list_insufficient'],
    ['no-pinned', '/policy/pinned', [], 'list_insufficient'],
    ['no-consume-signature', '/consumption/consume/signatures', [], 'list_insufficient'],
    ['evidence-without-type', '/evidence', [{ digest: 'x' }], 'member_missing'],
  ]
  return rows.map(([id, path, value, code]) =>
    refused(
      `structure-${id}`,
      'EP-ENC-7',
      `A list of another length or form at ${path}.`,
      ['structure', code],
      patched('receipt', 'receipt-usual', put(path, value)),
    ),
  )
}

/** Defects of the octets, in a receipt that is whole otherwise. */
function bytes(text: string): VectorCase[] {
  const made = (octetsOrText: Uint8Array | string) => octets('receipt', octetsOrText, { trust: usualTrust })
  const rows: readonly (readonly [id: string, description: string, code: string, Made])[] = [
    [
      'bom',
      'A byte-order mark before the receipt.',
      'json_byte_order_mark_unsupported',
      made(concatBytes(Uint8Array.of(0xef, 0xbb, 0xbf), utf8Encode(text))),
    ],
    ['trailing', 'A second value behind the receipt.', 'json_trailing_malformed', made(`${text}{}`)],
    [
      'duplicate',
      'The action stands twice.',
      'json_member_duplicate',
      made(text.replace('{"action":', '{"action":{},"action":')),
    ],
    [
      'duplicate-escaped',
      'A name twice, once with an escape.',
      'json_member_duplicate',
      made(text.replace('{"action":', '{"\\u0061ction":{},"action":')),
    ],
    [
      'utf8',
      'An octet that is no UTF-8.',
      'json_utf8_invalid',
      made(concatBytes(utf8Encode(text.slice(0, 40)), Uint8Array.of(0xff), utf8Encode(text.slice(40)))),
    ],
    [
      'number-exponent',
      'An index written so that its double differs.',
      'json_number_inexact',
      made(text.replace('"leaf_index":0', '"leaf_index":0.00000000000000000000000000000000001234567890123456789')),
    ],
    ['empty', 'No octets at all.', 'json_syntax_invalid', made('')],
    ['null', 'The value null.', 'member_type_mismatch', made('null')],
  ]
  return rows.map(([id, description, code, one]) =>
    refused(`octets-${id}`, 'EP-ENC-1', description, ['structure', code], one),
  )
}

function many<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item)
}
