import { makeWitness } from '@countersign/simulator/log'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../src/core/bytes.js'
import {
  cosignatureMessage,
  decodeTimestampedSignature,
  encodeTimestampedSignature,
  verifyCosignature,
} from '../../src/core/cosignature.js'
import { sha256 } from '../../src/core/digest.js'
import { decodeHex } from '../../src/core/hex.js'
import {
  consistencyPathFrom,
  inclusionPathFrom,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from '../../src/core/merkle.js'
import { ed25519FromRaw, parsePublicKey } from '../../src/core/public-key.js'
import { verifyAssertion } from '../../src/core/webauthn-assertion.js'
import { refusalOf } from './refusal-of.js'

// What no vector can carry: octets that are no hash, callers that name no pointer, octets that change afterwards.
const hash = new Uint8Array(32)
const other = new Uint8Array(32).fill(1)
const path = [other, other]
const ed25519 = (last: string, length = 32) =>
  decodeHex(`302a300506032b6570032100${last.padStart(2, '0')}${'00'.repeat(length - 1)}`)
const p256 = (octets: number) =>
  decodeHex(`3059301306072a8648ce3d020106082a8648ce3d03010703420004${'00'.repeat(octets)}`)
const compressed = decodeHex(`3039301306072a8648ce3d020106082a8648ce3d030107032200${'00'.repeat(33)}`)

type Call = (...at: string[]) => unknown
const calls: readonly (readonly [code: string, Call])[] = [
  ['inclusion_size_malformed', (...at) => verifyInclusion(hash, 0, -1, [], hash, ...at)],
  ['inclusion_index_malformed', (...at) => verifyInclusion(hash, 0.5, 1, [], hash, ...at)],
  ['inclusion_index_too_large', (...at) => verifyInclusion(hash, 1, 1, [], hash, ...at)],
  ['inclusion_leaf_malformed', (...at) => verifyInclusion(other.slice(1), 0, 1, [], hash, ...at)],
  ['inclusion_path_malformed', (...at) => verifyInclusion(hash, 0, 1, path, hash, ...at)],
  ['inclusion_path_malformed', (...at) => verifyInclusion(hash, 0, 4, [other, other.slice(1)], hash, ...at)],
  ['inclusion_root_mismatch', (...at) => verifyInclusion(hash, 0, 1, [], other, ...at)],
  ['consistency_size_malformed', (...at) => verifyConsistency(-1, hash, 1, hash, [], ...at)],
  ['consistency_size_too_large', (...at) => verifyConsistency(2, hash, 1, hash, [], ...at)],
  ['consistency_old_root_mismatch', (...at) => verifyConsistency(0, hash, 1, hash, [], ...at)],
  ['consistency_path_malformed', (...at) => verifyConsistency(1, hash, 1, hash, path, ...at)],
  ['consistency_path_malformed', (...at) => verifyConsistency(4, hash, 16, hash, [other, other.slice(1)], ...at)],
  ['consistency_new_root_mismatch', (...at) => verifyConsistency(1, hash, 1, other, [], ...at)],
  ['cosignature_malformed', (...at) => decodeTimestampedSignature(new Uint8Array(71), ...at)],
  ['cosignature_timestamp_missing', (...at) => decodeTimestampedSignature(new Uint8Array(72), ...at)],
  ['cosignature_timestamp_too_large', (...at) => decodeTimestampedSignature(new Uint8Array(72).fill(255), ...at)],
  ['public_key_malformed', (...at) => parsePublicKey(new Uint8Array(0), ...at)],
  ['public_key_malformed', (...at) => parsePublicKey(new Uint8Array(92), ...at)],
  ['public_key_malformed', (...at) => ed25519FromRaw(new Uint8Array(31), ...at)],
  ['public_key_malformed', (...at) => ed25519FromRaw(new Uint8Array(33), ...at)],
  ['public_key_order_insufficient', (...at) => ed25519FromRaw(new Uint8Array(32), ...at)],
  ['public_key_point_noncanonical', (...at) => ed25519FromRaw(new Uint8Array(32).fill(255), ...at)],
  ['public_key_point_invalid', (...at) => parsePublicKey(ed25519('2'), ...at)],
  ['public_key_point_invalid', (...at) => parsePublicKey(p256(64), ...at)],
  ['public_key_trailing_malformed', (...at) => parsePublicKey(ed25519('2', 33), ...at)],
  ['public_key_trailing_malformed', (...at) => parsePublicKey(p256(65), ...at)],
  ['public_key_compressed_unsupported', (...at) => parsePublicKey(compressed, ...at)],
]

describe('EP-VER-1: a refusal points at what was refused', () => {
  test.each(calls)('%s', (code, call) => {
    expect(refusalOf(() => call())).toMatchObject({ code, at: '' })
    expect(refusalOf(() => call('/here'))).toMatchObject({ code, at: '/here' })
  })

  test('an assertion is named by the object that holds it', () => {
    const octets = { authenticatorData: hash, clientDataJson: hash, signature: hash }
    const expected = { challenge: hash, key: ed25519Key(), origins: [], rpId: '', pinnedRpIds: [] }
    const at = '/webauthn/client_data_json'
    expect(refusalOf(() => verifyAssertion(octets, expected))?.at).toBe(at)
    expect(refusalOf(() => verifyAssertion(octets, expected, '/signoffs/0'))?.at).toBe(`/signoffs/0${at}`)
  })

  test('what is built from own values has no pointer', () => {
    const read = () => hash
    const built: readonly (readonly [code: string, () => unknown])[] = [
      ['inclusion_index_too_large', () => inclusionPathFrom(read, 1, 1)],
      ['consistency_size_malformed', () => consistencyPathFrom(read, -1, 1)],
      ['consistency_size_too_large', () => consistencyPathFrom(read, 2, 1)],
      [
        'cosignature_timestamp_missing',
        () => encodeTimestampedSignature({ timestamp: 0, signature: new Uint8Array(64) }),
      ],
      ['cosignature_malformed', () => encodeTimestampedSignature({ timestamp: 1, signature: new Uint8Array(63) })],
    ]
    expect(built.map(([, build]) => refusalOf(build))).toMatchObject(built.map(([code]) => ({ code, at: '' })))
  })
})

test('EP-VER-5: a node over anything but two hashes is hashed as it stands', () => {
  for (const [left, right] of [
    [hash.slice(1), other],
    [hash, other.slice(1)],
    [hash.slice(1), other.slice(1)],
    [new Uint8Array(33), other],
    [hash, new Uint8Array(33)],
    [hash, other],
  ] as const)
    expect(nodeHash(left, right)).toEqual(sha256(concatBytes(Uint8Array.of(1), left, right)))
})

test('EP-SEC-3: what a witness writes is read back, and holds for a key of its type only', () => {
  const written = { timestamp: 1_795_176_000, signature: new Uint8Array(64).fill(7) }
  expect(decodeTimestampedSignature(encodeTimestampedSignature(written))).toEqual(written)
  const witness = makeWitness('witness.example', 'edges')
  const text = 'log.example/1\n1\nAAAA\n'
  const signature = witness.key.signOctets(cosignatureMessage(1, text))
  const publicKey = ed25519FromRaw(witness.key.raw)
  expect(verifyCosignature({ algorithm: 0x04, publicKey }, text, 1, signature)).toBe(true)
  expect(verifyCosignature({ algorithm: 0x01, publicKey }, text, 1, signature)).toBe(false)
})

test('EP-ENC-8: octets that a caller changes change no key', () => {
  const { spki } = ed25519Key()
  const given = spki.slice()
  const first = parsePublicKey(given)
  given.fill(0)
  expect(first.spki).toEqual(spki)
  first.spki.fill(0)
  expect(parsePublicKey(spki).spki).toEqual(spki)
  expect(ed25519Key().spki).toEqual(spki)
})

function ed25519Key() {
  return parsePublicKey(
    decodeHex('302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
  )
}
