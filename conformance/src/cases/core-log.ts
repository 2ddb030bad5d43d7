import { encodeBase64, encodeBase64Url } from '@countersign/pure/core/base64'
import { concatBytes, utf8Encode } from '@countersign/pure/core/bytes'
import { checkpointText } from '@countersign/pure/core/checkpoint'
import { cosignatureMessage, encodeTimestampedSignature } from '@countersign/pure/core/cosignature'
import { hashString } from '@countersign/pure/core/digest'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonValue } from '@countersign/pure/core/json'
import { leafHash, MerkleTree } from '@countersign/pure/core/merkle'
import { formatNote, parseVerifierKey } from '@countersign/pure/core/note'
import { makeWitness, SimulatedLog } from '@countersign/simulator/log'
import { softwareKey } from '@countersign/simulator/signer'
import type { VectorCase } from '../vector-case.js'
import { type Made, octets, refused, satisfied, someHash } from './case.js'

/** Merkle proofs, signed notes, checkpoints, cosignatures, tiles and log entries (EP-VER-5, EP-REC-3, EP-REC-4; C2SP). */
export function logCases(): readonly VectorCase[] {
  return [...inclusion(), ...consistency(), ...verifierKeys(), ...notes(), ...checkpoints(), ...tiles(), ...entries()]
}

const leaves = Array.from({ length: 21 }, (_, index) => leafHash(utf8Encode(`leaf ${index}`)))
const tree = MerkleTree.of(leaves)

function inclusion(): VectorCase[] {
  const proof = (index: number, size: number, changes: { [member: string]: JsonValue } = {}): Made => ({
    kind: 'inclusion',
    input: {
      leaf: hashString(leaves[index]!),
      leaf_index: index,
      tree_size: size,
      path: tree.inclusionPath(index, size).map(hashString),
      root: hashString(tree.root(size)),
      ...changes,
    },
  })
  const positions = [
    [0, 1],
    [0, 2],
    [1, 2],
    [2, 3],
    [6, 7],
    [7, 8],
    [8, 9],
    [3, 21],
    [20, 21],
  ] as const
  const rows: readonly (readonly [id: string, code: string, Made])[] = [
    ['index-negative', 'inclusion_index_malformed', proof(3, 7, { leaf_index: -1 })],
    ['size-unsafe', 'inclusion_size_malformed', proof(3, 7, { tree_size: 2 ** 53 })],
    ['index-is-size', 'inclusion_index_too_large', proof(3, 7, { leaf_index: 7 })],
    ['index-2-32', 'inclusion_index_too_large', proof(3, 7, { leaf_index: 2 ** 32 + 3 })],
    ['path-empty', 'inclusion_path_malformed', proof(3, 7, { path: [] })],
    [
      'path-long',
      'inclusion_path_malformed',
      proof(3, 7, { path: [...tree.inclusionPath(3, 7).map(hashString), someHash('0')] }),
    ],
    ['other-root', 'inclusion_root_mismatch', proof(3, 7, { root: someHash('0') })],
    ['other-index', 'inclusion_root_mismatch', proof(2, 7, { leaf_index: 3 })],
    ['empty-tree', 'inclusion_index_too_large', proof(0, 1, { tree_size: 0 })],
  ]
  return [
    ...positions.map(([index, size]) =>
      satisfied(`inclusion-${index}-of-${size}`, 'EP-VER-5', 'A leaf in a tree of this size.', proof(index, size)),
    ),
    ...rows.map(([id, code, made]) =>
      refused(`inclusion-${id}`, 'EP-VER-5', 'No proof of this leaf at this index.', ['', code], made),
    ),
  ]
}

function consistency(): VectorCase[] {
  const proven = (from: number, to: number) => tree.consistencyPath(from, to).map(hashString)
  const proof = (from: number, to: number, changes: { [member: string]: JsonValue } = {}): Made => ({
    kind: 'consistency',
    input: {
      old_size: from,
      old_root: hashString(tree.root(from)),
      new_size: to,
      new_root: hashString(tree.root(to)),
      path: proven(from, to),
      ...changes,
    },
  })
  const sizes = [
    [0, 7],
    [1, 8],
    [3, 7],
    [4, 8],
    [6, 8],
    [7, 7],
    [8, 21],
  ] as const
  const rows: readonly (readonly [id: string, code: string, Made])[] = [
    ['size-half', 'consistency_size_malformed', proof(3, 7, { old_size: 3.5 })],
    ['shrinking', 'consistency_size_too_large', proof(3, 7, { old_size: 8 })],
    ['path-empty', 'consistency_path_malformed', proof(3, 7, { path: [] })],
    ['path-empty-whole', 'consistency_path_malformed', proof(4, 8, { path: [] })],
    ['path-long', 'consistency_path_malformed', proof(4, 8, { path: [...proven(4, 8), someHash('0')] })],
    ['path-short', 'consistency_path_malformed', proof(3, 7, { path: proven(3, 7).slice(0, -1) })],
    ['same-size-with-path', 'consistency_path_malformed', proof(7, 7, { path: [someHash('0')] })],
    ['other-old-root', 'consistency_old_root_mismatch', proof(3, 7, { old_root: someHash('0') })],
    ['empty-old-root', 'consistency_old_root_mismatch', proof(0, 7, { old_root: someHash('0') })],
    ['other-new-root', 'consistency_new_root_mismatch', proof(3, 7, { new_root: someHash('0') })],
    ['same-size-other-root', 'consistency_new_root_mismatch', proof(7, 7, { new_root: someHash('0') })],
  ]
  return [
    ...sizes.map(([from, to]) =>
      satisfied(
        `consistency-${from}-to-${to}`,
        'EP-VER-5',
        'The newer tree begins with the older one.',
        proof(from, to),
      ),
    ),
    ...rows.map(([id, code, made]) =>
      refused(
        `consistency-${id}`,
        'EP-VER-5',
        'No proof that the newer tree begins with the older one.',
        ['', code],
        made,
      ),
    ),
  ]
}

const key = softwareKey('ep:log:vectors#1', 'vectors log')
const log = new SimulatedLog('log.vectors.example/1', 'ep:log:vectors#1', key)
const witness = makeWitness('witness.vectors.example', 'vectors')

function verifierKeys(): VectorCase[] {
  const vkey = log.vkey
  const [name, id, material] = [
    vkey.slice(0, vkey.indexOf('+')),
    vkey.split('+')[1]!,
    vkey.slice(vkey.indexOf('+') + 10),
  ]
  const rows: readonly (readonly [id: string, code: string, input: string])[] = [
    ['no-parts', 'verifier_key_malformed', 'log.vectors.example'],
    ['name-with-space', 'verifier_key_malformed', `log vectors+${id}+${material}`],
    ['short-key', 'verifier_key_malformed', `${name}+${id}+${encodeBase64(Uint8Array.of(1, 2, 3))}`],
    [
      'type',
      'verifier_key_algorithm_unsupported',
      `${name}+${id}+${encodeBase64(concatBytes(Uint8Array.of(2), key.raw))}`,
    ],
    ['other-id', 'verifier_key_id_mismatch', `${name}+00000000+${material}`],
    ['other-name', 'verifier_key_id_mismatch', `log.other.example+${id}+${material}`],
    ['base64', 'base64_malformed', `${name}+${id}+${material.slice(0, -1)}`],
    [
      'small-order',
      'verifier_key_id_mismatch',
      `${name}+${id}+${encodeBase64(concatBytes(Uint8Array.of(1, 1), new Uint8Array(31)))}`,
    ],
  ]
  return [
    satisfied('verifier-key-note', 'EP-REC-4', 'The verifier key of a log.', { kind: 'verifier_key', input: vkey }),
    satisfied('verifier-key-cosignature', 'EP-SEC-3', 'The verifier key of a witness.', {
      kind: 'verifier_key',
      input: witness.vkey,
    }),
    ...rows.map(([row, code, input]) =>
      refused(`verifier-key-${row}`, 'EP-REC-4', 'No verifier key.', ['', code], { kind: 'verifier_key', input }),
    ),
  ]
}

function notes(): VectorCase[] {
  const text = checkpointText({ origin: log.origin, treeSize: 21, rootHash: tree.root() })
  const { keyId } = parseVerifierKey(log.vkey)
  const cosigner = parseVerifierKey(witness.vkey)
  const time = 1_795_176_000
  const cosignature = encodeTimestampedSignature({
    timestamp: time,
    signature: witness.key.signOctets(cosignatureMessage(time, text)),
  })
  const own = { name: log.origin, keyId, signature: key.signOctets(utf8Encode(text)) }
  const by = { name: witness.name, keyId: cosigner.keyId, signature: cosignature }
  const note = (...signatures: readonly (typeof own)[]) => formatNote(text, signatures)
  const vkeys = [log.vkey, witness.vkey]
  const made = (written: string): Made => ({ kind: 'note', input: { note: written, vkeys } })
  const line = note(own).slice(text.length + 1)
  const rows: readonly (readonly [id: string, code: string, Made])[] = [
    ['tampered', 'note_signature_invalid', made(note(own).replace('\n21\n', '\n22\n'))],
    [
      'one-broken-of-two',
      'note_signature_invalid',
      made(note(own, { ...by, signature: concatBytes(cosignature.slice(0, 71), Uint8Array.of(cosignature[71]! ^ 1)) })),
    ],
    ['unknown-keys', 'note_signature_unknown', made(note({ ...own, keyId: keyId ^ 1 }))],
    ['no-signature', 'note_signature_missing', made(text)],
    ['no-last-newline', 'note_signature_malformed', made(note(own).slice(0, -1))],
    ['hyphen', 'note_signature_malformed', made(note(own).replace('\u2014 ', '- '))],
    ['control-character', 'note_character_unsupported', made(note(own).replace('\n21\n', '\n21\r\n'))],
    ['65-signatures', 'note_signature_count_too_large', made(text.concat('\n', line.repeat(65)))],
    ['large', 'note_too_large', made(`${'x'.repeat(512 * 1024)}\n\n${line}`)],
    [
      'utf8',
      'utf8_invalid',
      {
        kind: 'note',
        input: { note_b64: encodeBase64Url(concatBytes(Uint8Array.of(0xff), utf8Encode(note(own)))), vkeys },
      },
    ],
    ['cosignature-short', 'cosignature_malformed', made(note({ ...by, signature: cosignature.slice(0, 71) }))],
    [
      'cosignature-time-zero',
      'cosignature_timestamp_missing',
      made(note({ ...by, signature: concatBytes(new Uint8Array(8), cosignature.slice(8)) })),
    ],
    [
      'cosignature-time-large',
      'cosignature_timestamp_too_large',
      made(note({ ...by, signature: concatBytes(Uint8Array.of(1), cosignature.slice(1)) })),
    ],
  ]
  return [
    satisfied('note-by-log', 'EP-REC-4', 'A checkpoint as the log signs it.', made(note(own))),
    satisfied('note-cosigned', 'EP-SEC-3', 'With the cosignature of a witness.', made(note(own, by))),
    satisfied(
      'note-unknown-line',
      'EP-REC-4',
      'A line of an unknown key is ignored.',
      made(note(own, { ...own, keyId: keyId ^ 1 })),
    ),
    ...rows.map(([id, code, one]) => refused(`note-${id}`, 'EP-REC-4', 'The whole note is refused.', ['', code], one)),
    satisfied(
      'cosignature-octets',
      'EP-SEC-3',
      'Eight octets of time and 64 of signature.',
      octets('cosignature', cosignature),
    ),
    refused(
      'cosignature-octets-short',
      'EP-SEC-3',
      'One octet is missing.',
      ['', 'cosignature_malformed'],
      octets('cosignature', cosignature.slice(1)),
    ),
  ]
}

function checkpoints(): VectorCase[] {
  const root = encodeBase64(tree.root())
  const rows: readonly (readonly [id: string, code: string, input: string])[] = [
    ['two-lines', 'checkpoint_text_malformed', `${log.origin}\n21\n`],
    ['no-last-newline', 'checkpoint_text_malformed', `${log.origin}\n21\n${root}`],
    ['extension', 'checkpoint_extension_unsupported', `${log.origin}\n21\n${root}\nextension\n`],
    ['no-origin', 'checkpoint_origin_malformed', `\n21\n${root}\n`],
    ['leading-zero', 'checkpoint_tree_size_malformed', `${log.origin}\n021\n${root}\n`],
    ['size-unsafe', 'checkpoint_tree_size_too_large', `${log.origin}\n9007199254740992\n${root}\n`],
    ['short-root', 'checkpoint_root_hash_malformed', `${log.origin}\n21\n${encodeBase64(new Uint8Array(31))}\n`],
  ]
  return [
    satisfied('checkpoint-text', 'EP-REC-4', 'The three lines of a checkpoint.', {
      kind: 'checkpoint',
      input: `${log.origin}\n21\n${root}\n`,
    }),
    ...rows.map(([id, code, input]) =>
      refused(`checkpoint-text-${id}`, 'EP-REC-4', 'No text of a checkpoint.', ['', code], {
        kind: 'checkpoint',
        input,
      }),
    ),
  ]
}

function tiles(): VectorCase[] {
  const wrong = [
    'tile/0/1',
    'tile/0/000.p/256',
    'tile/64/000',
    'tile/0/x001/1',
    '/tile/0/000',
    'tile/0/../000',
    'tile/0/x000/000',
  ]
  const large = concatBytes(...Array.from({ length: 257 }, () => Uint8Array.of(0, 0)))
  return [
    satisfied('tile-path-full', 'EP-REC-3', 'A full tile of level 1.', {
      kind: 'tile_path',
      input: 'tile/1/x001/x234/067',
    }),
    satisfied('tile-path-partial', 'EP-REC-3', 'A partial bundle of entries.', {
      kind: 'tile_path',
      input: 'tile/entries/000.p/3',
    }),
    ...wrong.map((input) =>
      refused(`tile-path:${input}`, 'EP-REC-3', 'Not the one spelling of a tile path.', ['', 'tile_path_malformed'], {
        kind: 'tile_path',
        input,
      }),
    ),
    satisfied(
      'entry-bundle',
      'EP-REC-3',
      'Two entries, one of them empty.',
      octets('entry_bundle', Uint8Array.of(0, 2, 1, 2, 0, 0)),
    ),
    refused(
      'entry-bundle-cut-off',
      'EP-REC-3',
      'The last entry is cut off.',
      ['', 'entry_bundle_malformed'],
      octets('entry_bundle', Uint8Array.of(0, 2, 1)),
    ),
    refused(
      'entry-bundle-257',
      'EP-REC-3',
      'More entries than a tile is wide.',
      ['', 'entry_bundle_width_too_large'],
      octets('entry_bundle', large),
    ),
  ]
}

function entries(): VectorCase[] {
  const receipt = {
    type: 'ep.log.receipt.v1',
    organization: 'ep:org:acme',
    receipt_hash: someHash('1'),
    nonce_hash: someHash('2'),
    state: 'COMMITTED',
    committed_at: '2026-11-20T12:10:01Z',
    prev_receipt_hash: someHash('0'),
  }
  const entry = (value: JsonValue): Made => octets('log_entry', canonicalBytes(value))
  return [
    satisfied('log-entry-receipt', 'EP-REC-3', 'The entry of a receipt.', entry(receipt)),
    satisfied(
      'log-entry-outcome',
      'EP-SM-2',
      'The entry of an outcome.',
      entry({
        type: 'ep.log.outcome.v1',
        organization: 'ep:org:acme',
        outcome_hash: someHash('1'),
        receipt_hash: someHash('2'),
        outcome: 'indeterminate',
      }),
    ),
    refused(
      'log-entry-state',
      'EP-REC-3',
      'The entry of a receipt in another state.',
      ['', 'log_entry_state_mismatch'],
      entry({ ...receipt, state: 'DENIED' }),
    ),
    refused(
      'log-entry-type',
      'EP-REC-3',
      'An entry of a type that does not exist.',
      ['', 'type_unknown'],
      entry({ ...receipt, type: 'ep.log.note.v1' }),
    ),
  ]
}
