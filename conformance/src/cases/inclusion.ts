import { encodeBinary } from '@countersign/pure/core/digest'
import type { JsonArray, JsonObject, JsonValue } from '@countersign/pure/core/json'
import type { PatchOperation } from '@countersign/pure/core/json-patch'
import { softwareKey } from '@countersign/simulator/signer'
import { makeWorld } from '@countersign/simulator/world'
import type { VectorCase } from '../vector-case.js'
import {
  bundle,
  denial,
  drop,
  indeterminate,
  type Made,
  patched,
  put,
  receipt,
  refused,
  set,
  someHash,
  trusting,
  usualTrust,
} from './case.js'

/** Steps inclusion and windows. */
export function inclusionCases(): readonly VectorCase[] {
  return [...checkpoints(), ...positions(), ...witnesses(), ...windows(), ...clocks()]
}

function row(id: string, requirements: string, description: string, code: string, made: Made): VectorCase {
  return refused(id, requirements, description, ['inclusion', code], made)
}

const proof = (...operations: readonly PatchOperation[]) =>
  receipt({ entriesAfter: 3, alter: { logProof: operations } })

function checkpoints(): VectorCase[] {
  const attacker = softwareKey('ep:log:acme#1', 'attacker')
  const globex = makeWorld({ organization: 'globex' }).log
  const signature = '/checkpoint/log_signature'
  const logKey = (publicKey: string) =>
    put('/organizations/0/compromised/-', { public_key: publicKey, compromised_at: '2027-01-01T00:00:00Z' })
  return [
    row(
      'checkpoint-of-other-origin',
      'EP-REC-4',
      'The checkpoint, signed by the right key, is of another origin.',
      'checkpoint_origin_mismatch',
      receipt({ checkpoint: { claim: { origin: 'log.globex.example/1' } } }),
    ),
    row(
      'checkpoint-of-other-organization',
      'EP-VER-2',
      'The checkpoint is signed by the log of another organization of the same trust file.',
      'checkpoint_key_unknown',
      {
        ...receipt({
          checkpoint: { key: globex.key },
          alter: { logProof: [set('/checkpoint/log_key_id', globex.logKeyId)] },
        }),
        trust: 'trust/two-organizations.json',
      },
    ),
    row(
      'checkpoint-by-other-organization-renamed',
      'EP-VER-2',
      "The same under this organization's key id.",
      'checkpoint_signature_invalid',
      { ...receipt({ checkpoint: { key: globex.key } }), trust: 'trust/two-organizations.json' },
    ),
    row(
      'checkpoint-key-unknown',
      'EP-REC-4',
      'A key id that nobody pinned.',
      'checkpoint_key_unknown',
      receipt({ alter: { logProof: [set('/checkpoint/log_key_id', 'ep:log:acme#2')] } }),
    ),
    row(
      'checkpoint-forged',
      'EP-REC-4',
      'Another key signed the checkpoint.',
      'checkpoint_signature_invalid',
      receipt({ checkpoint: { key: attacker } }),
    ),
    row(
      'checkpoint-signature-malformed',
      'EP-ENC-8',
      'The signature is none of its algorithm.',
      'checkpoint_signature_malformed',
      proof(set(signature, encodeBinary(new Uint8Array(64).fill(0xff)))),
    ),
    row(
      'checkpoint-size-changed',
      'EP-REC-4',
      'The tree size was changed after the log signed.',
      'checkpoint_signature_invalid',
      proof(set('/checkpoint/tree_size', 6)),
    ),
    row(
      'checkpoint-root-changed',
      'EP-REC-4',
      'The root was changed after the log signed.',
      'checkpoint_signature_invalid',
      proof(set('/checkpoint/root_hash', someHash('1'))),
    ),
    row(
      'checkpoint-key-compromised',
      'EP-DIR-6',
      'The key of the log counts as compromised, and no witness saw the checkpoint before.',
      'checkpoint_key_compromised',
      trusting(receipt(), logKey(makeWorld().log.key.publicKey)),
    ),
    row(
      'denial-checkpoint-forged',
      'EP-DEN-1',
      'Another key signed the checkpoint of a denial record.',
      'checkpoint_signature_invalid',
      denial({ checkpoint: { key: attacker } }),
    ),
  ]
}

function positions(): VectorCase[] {
  const head = makeWorld().currentHead().published.head
  const otherHead = { type: 'ep.log.directory_head.v1', organization: 'ep:org:acme', head }
  return [
    row(
      'log-path-empty',
      'EP-VER-5',
      'An empty path in a log of five entries.',
      'inclusion_path_malformed',
      proof(set('/inclusion_path', [])),
    ),
    row(
      'log-path-long',
      'EP-VER-5',
      'A path with one hash too many.',
      'inclusion_path_malformed',
      proof(put('/inclusion_path/-', someHash('1'))),
    ),
    row(
      'log-path-other',
      'EP-VER-5',
      'Another hash in the path.',
      'inclusion_root_mismatch',
      proof(set('/inclusion_path/0', someHash('1'))),
    ),
    row(
      'log-index-other',
      'EP-VER-5',
      'The index of another entry.',
      'inclusion_root_mismatch',
      proof(set('/leaf_index', 3)),
    ),
    row(
      'log-index-beyond',
      'EP-VER-5',
      'The index is the tree size.',
      'inclusion_index_too_large',
      proof(set('/leaf_index', 5)),
    ),
    row(
      'log-size-other-signed',
      'EP-VER-5',
      'A tree size that the log signed, and that the path does not fit.',
      'inclusion_path_malformed',
      receipt({ entriesAfter: 3, checkpoint: { claim: { treeSize: 100 } } }),
    ),
    row(
      'log-single-leaf-with-path',
      'EP-VER-5',
      'A path in a tree of one leaf.',
      'inclusion_path_malformed',
      receipt(
        { headProof: false, alter: { logProof: [put('/inclusion_path/-', someHash('1'))] } },
        { logHeads: false },
      ),
    ),
    ...(
      [
        ['receipt_hash', someHash('1')],
        ['nonce_hash', someHash('1')],
        ['organization', 'ep:org:globex'],
        ['committed_at', '2026-11-20T12:10:02Z'],
        ['prev_receipt_hash', someHash('1')],
      ] as readonly (readonly [string, JsonValue])[]
    ).map(([member, value]) =>
      row(
        `logged-other-${member}`,
        'EP-REC-3',
        `The log holds an entry with another ${member}.`,
        'inclusion_root_mismatch',
        receipt({ alter: { logEntry: [set(`/${member}`, value)] } }),
      ),
    ),
    row(
      'logged-as-denial',
      'EP-REC-3',
      'The log holds the entry of a denial.',
      'inclusion_root_mismatch',
      receipt({ alter: { logEntry: (draft) => asDenial(draft as JsonObject) } }),
    ),
    row(
      'denial-logged-as-receipt',
      'EP-DEN-1',
      'The log holds the entry of a receipt.',
      'inclusion_root_mismatch',
      denial({ alter: { logEntry: (draft) => asReceipt(draft as JsonObject) } }),
    ),
    row(
      'receipt-changed-after',
      'EP-REC-1',
      'A member that nobody signed was changed after the receipt was logged.',
      'inclusion_root_mismatch',
      patched('receipt', 'receipt-usual', set('/display/surface', 'operator-page')),
    ),
    row(
      'receipt-id-changed-after',
      'EP-REC-2',
      'The receipt id was changed.',
      'inclusion_root_mismatch',
      patched('receipt', 'receipt-usual', set('/receipt_id', 'ep:receipt:01J9Z3K5V8Q2W4X6Y7A8B9C0DE')),
    ),
    row(
      'head-logged-after',
      'EP-REC-5',
      'The head was logged only after the receipt.',
      'log_head_order_invalid',
      headAfter(),
    ),
    row(
      'head-at-index-of-receipt',
      'EP-REC-5',
      'The head is said to stand where the receipt stands.',
      'log_head_order_invalid',
      proof(set('/head/leaf_index', 1)),
    ),
    row(
      'head-not-logged',
      'EP-REC-5',
      'The log holds another head there.',
      'inclusion_root_mismatch',
      otherHeadLogged(otherHead),
    ),
  ]
}

function asDenial({ receipt_hash, committed_at, ...entry }: JsonObject): JsonObject {
  return { ...entry, type: 'ep.log.denial.v1', denial_hash: receipt_hash!, state: 'DENIED', denied_at: committed_at! }
}

function asReceipt({ denial_hash, denied_at, ...entry }: JsonObject): JsonObject {
  return {
    ...entry,
    type: 'ep.log.receipt.v1',
    receipt_hash: denial_hash!,
    state: 'COMMITTED',
    committed_at: denied_at!,
  }
}

/** The log takes the receipt first and the head second; both are proven as they stand. */
function headAfter(): Made {
  const world = makeWorld({ logHeads: false })
  const { head } = world.currentHead().published
  const { log } = makeWorld({ logHeads: false })
  log.append(entryOfUsual())
  log.append({ type: 'ep.log.directory_head.v1', organization: world.organization, head })
  const proof = { ...log.position(0), head: log.position(1), checkpoint: log.checkpoint() }
  return receipt({ headProof: false, alter: { logProof: () => proof } })
}

/** The log entry of the usual receipt. */
function entryOfUsual(): JsonObject {
  let entry: JsonObject = {}
  receipt({
    headProof: false,
    alter: {
      logEntry: (draft) => {
        entry = draft as JsonObject
        return draft
      },
    },
  })
  return entry
}

/** The log holds a head of another organization where this one is said to stand. */
function otherHeadLogged(otherHead: JsonObject): Made {
  const { log } = makeWorld({ logHeads: false })
  log.append({ ...otherHead, organization: 'ep:org:globex' })
  log.append(entryOfUsual())
  const proof = { ...log.position(1), head: log.position(0), checkpoint: log.checkpoint() }
  return receipt({ alter: { logProof: () => proof } })
}

function witnesses(): VectorCase[] {
  const { witnesses } = makeWorld({ witnesses: 3 })
  const witnessed = { policies: [{ commit_after: { level: 'witnessed', k: 2 } }], witnesses: 3 }
  const by = (count: number, ...operations: readonly PatchOperation[]): Made => ({
    ...receipt({ checkpoint: { witnesses: witnesses.slice(0, count) }, alter: { logProof: operations } }, witnessed),
    trust: 'trust/acme-witnessed.json',
  })
  const reversed = receipt(
    { checkpoint: { witnesses }, alter: { logProof: (draft) => reverse(draft as JsonObject) } },
    witnessed,
  )
  const witnessesAt = (timestamp: number) =>
    receipt({ checkpoint: { witnesses: witnesses.slice(0, 2), timestamp } }, witnessed)
  return [
    row(
      'witnesses-too-few',
      'EP-SEC-3',
      'One witness cosigned where the policy asks for two.',
      'witness_count_insufficient',
      by(1),
    ),
    row(
      'witnesses-too-few-for-policy',
      'EP-SEC-3',
      'One cosigned, which is enough for the trust file and not for the policy.',
      'witness_count_insufficient',
      trusting(by(1), set('/organizations/0/witnesses/k', 1)),
    ),
    row(
      'witnesses-too-few-for-trust',
      'EP-SEC-3',
      'Two cosigned where the trust file asks for three.',
      'witness_count_insufficient',
      trusting(by(2), set('/organizations/0/witnesses/k', 3)),
    ),
    row(
      'cosignature-forged',
      'EP-SEC-3',
      'The cosignature of a pinned witness states another time than was signed.',
      'cosignature_signature_invalid',
      by(2, set('/checkpoint/cosignatures/0/timestamp', 1_795_175_000)),
    ),
    row('cosignature-without-time', 'EP-SEC-3', 'A pinned witness stated no time.', 'cosignature_signature_invalid', {
      ...witnessesAt(0),
      trust: 'trust/acme-witnessed.json',
    }),
    row(
      'cosignature-twice',
      'EP-SEC-3',
      'One witness stands twice.',
      'cosignature_order_invalid',
      by(1, put('/checkpoint/cosignatures/-', cosignatureOf(by(1)))),
    ),
    row('cosignatures-unordered', 'EP-REC-4', 'Cosignatures are not sorted by name.', 'cosignature_order_invalid', {
      ...reversed,
      trust: 'trust/acme-witnessed.json',
    }),
    indeterminate(
      'witnesses-not-pinned',
      'EP-VER-2',
      'The policy asks for witnesses, and the trust file pins none.',
      ['inclusion', 'witnesses_unpinned_missing'],
      { ...by(2), trust: usualTrust },
    ),
  ]
}

function cosignatureOf(made: Made): JsonValue {
  const { log_proof } = made.input as { log_proof: { checkpoint: { cosignatures: JsonArray } } }
  return log_proof.checkpoint.cosignatures[0]!
}

function reverse(proof: JsonObject): JsonObject {
  const checkpoint = proof['checkpoint'] as JsonObject
  return {
    ...proof,
    checkpoint: { ...checkpoint, cosignatures: (checkpoint['cosignatures'] as JsonArray).toReversed() },
  }
}

function windows(): VectorCase[] {
  const row = (id: string, description: string, code: string, made: Made) =>
    refused(id, 'EP-MN-1', description, ['windows', code], made)
  const signedAt = (instant: string) => ({ alter: { signoffs: [set('/0/signed_at', instant)] } })
  return [
    row(
      'requested-after-issued',
      'The action was requested after its contexts were issued.',
      'window_issued_at_invalid',
      receipt({ instants: { requestedAt: '2026-11-20T12:00:01Z' } }),
    ),
    row(
      'signed-before-issued',
      'Signed one second before the contexts were issued.',
      'window_signed_at_invalid',
      receipt(signedAt('2026-11-20T11:59:59Z')),
    ),
    row(
      'signed-at-end',
      'Signed at the instant at which the contexts end.',
      'window_signed_at_expired',
      receipt(signedAt('2026-11-20T12:15:00Z')),
    ),
    row(
      'bundle-signed-at-end',
      'The same in a bundle.',
      'window_signed_at_expired',
      bundle(signedAt('2026-11-20T12:15:00Z')),
    ),
    row(
      'committed-before-signed',
      'Committed one second before the last signature.',
      'window_committed_at_invalid',
      receipt({ instants: { committedAt: '2026-11-20T12:00:59Z' } }),
    ),
    row(
      'committed-at-end',
      'Committed at the instant at which the contexts end.',
      'window_committed_at_expired',
      receipt({ instants: { committedAt: '2026-11-20T12:15:00Z' } }),
    ),
    row(
      'denied-at-end',
      'Denied at the instant at which the context ends.',
      'window_signed_at_expired',
      denial({ alter: { denial: [set('/denied_at', '2026-11-20T12:15:00Z')] } }),
    ),
    row(
      'denied-before-issued',
      'Denied before the context was issued.',
      'window_signed_at_invalid',
      denial({ alter: { denial: [set('/denied_at', '2026-11-20T11:59:59Z')] } }),
    ),
  ]
}

function clocks(): VectorCase[] {
  const row = (id: string, requirements: string, description: string, code: string, made: Made) =>
    refused(id, requirements, description, ['windows', code], made)
  return [
    row(
      'receipt-of-the-future',
      'EP-VER-2',
      'Committed more than a minute after the given clock.',
      'window_clock_invalid',
      { ...receipt(), clock: '2026-11-20T12:09:00Z' },
    ),
    row(
      'denial-of-the-future',
      'EP-VER-2',
      'Denied more than a minute after the given clock.',
      'window_clock_invalid',
      { ...denial(), clock: '2026-11-20T11:59:59Z' },
    ),
    row(
      'bundle-of-the-future',
      'EP-BUN-2',
      "Signed more than a minute after the executor's clock.",
      'window_clock_invalid',
      { ...bundle(), clock: '2026-11-20T11:59:59Z' },
    ),
    row(
      'bundle-issued-in-the-future',
      'EP-BUN-2',
      "Issued more than a minute after the executor's clock.",
      'window_clock_invalid',
      { ...bundle(), clock: '2026-11-20T11:58:59Z' },
    ),
    row(
      'bundle-expired',
      'EP-MN-1 EP-BUN-2',
      "The contexts have ended by the executor's clock.",
      'window_authorization_expired',
      { ...bundle(), clock: '2026-11-20T12:15:00Z' },
    ),
    row(
      'bundle-head-too-old',
      'EP-DIR-5',
      'The head is older than the executor allows.',
      'head_age_too_large',
      trusting(bundle(), put('/organizations/0/max_head_age_seconds', 86_400)),
    ),
    refused(
      'checkpoint-missing',
      'EP-REC-1',
      'A receipt without its checkpoint.',
      ['structure', 'member_missing'],
      patched('receipt', 'receipt-usual', drop('/log_proof/checkpoint')),
    ),
  ]
}
