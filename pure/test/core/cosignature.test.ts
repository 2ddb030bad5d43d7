import { utf8Decode } from '@countersign/pure/core/bytes'
import {
  cosignatureMessage,
  decodeTimestampedSignature,
  encodeTimestampedSignature,
  verifyCosignature,
} from '@countersign/pure/core/cosignature'
import { formatVerifierKey, parseVerifierKey } from '@countersign/pure/core/note'
import { Refusal } from '@countersign/pure/core/refusal'
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const numRuns = process.env.SLOW ? 6000 : 300
const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
const secret = new Uint8Array(32).fill(9)
const raw = ed25519.getPublicKey(secret)
const key = parseVerifierKey(formatVerifierKey('witness.example/w1', raw, 4))

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    return (error as Refusal).code
  }
  return 'accepted'
}

test('EP-SEC-3: a witness signs the octets of the specification', () => {
  expect(utf8Decode(cosignatureMessage(1679315147, text))).toBe(`cosignature/v1
time 1679315147
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
`)
})

test('EP-SEC-3: a cosignature holds for its text, its time and its key only', () => {
  const signature = ed25519.sign(cosignatureMessage(1679315147, text), secret)
  const plain = ed25519.sign(new TextEncoder().encode(text), secret)
  const another = parseVerifierKey(formatVerifierKey('w', ed25519.getPublicKey(new Uint8Array(32)), 4))
  const asNoteKey = parseVerifierKey(formatVerifierKey('witness.example/w1', raw, 1))
  const rows: [string, boolean, boolean][] = [
    ['nothing changed', verifyCosignature(key, text, 1679315147, signature), true],
    ['another time', verifyCosignature(key, text, 1679315148, signature), false],
    ['another text', verifyCosignature(key, `${text}x\n`, 1679315147, signature), false],
    ['another key', verifyCosignature(another, text, 1679315147, signature), false],
    ['a key of type 0x01', verifyCosignature(asNoteKey, text, 1679315147, signature), false],
    ['a signature over the text alone', verifyCosignature(key, text, 1679315147, plain), false],
    ['63 octets', verifyCosignature(key, text, 1679315147, signature.slice(1)), false],
  ]
  expect(rows.map(([change, said]) => [change, said])).toEqual(rows.map(([change, , truth]) => [change, truth]))
})

test('EP-SEC-3: a time that is no positive safe integer is no time, even if it was signed', () => {
  for (const timestamp of [0, -1, 0.5, 2 ** 53]) {
    const signature = ed25519.sign(cosignatureMessage(timestamp, text), secret)
    expect(verifyCosignature(key, text, timestamp, signature)).toBe(false)
  }
})

test('EP-SEC-3: the timestamped signature comes back, or is refused with its cause', () => {
  const signature = new Uint8Array(64).fill(7)
  const property = fc.property(fc.maxSafeNat(), (timestamp) => {
    fc.pre(timestamp > 0)
    expect(decodeTimestampedSignature(encodeTimestampedSignature({ timestamp, signature }))).toEqual({
      timestamp,
      signature,
    })
  })
  fc.assert(property, { numRuns })
  const octets = (...time: number[]) => Uint8Array.of(...time, ...signature)
  const rows: [string, () => unknown, string][] = [
    ['2^53-1', () => decodeTimestampedSignature(octets(0, 31, 255, 255, 255, 255, 255, 255)), 'accepted'],
    ['2^53', () => decodeTimestampedSignature(octets(0, 32, 0, 0, 0, 0, 0, 0)), 'cosignature_timestamp_too_large'],
    ['2^53+1', () => decodeTimestampedSignature(octets(0, 32, 0, 0, 0, 0, 0, 1)), 'cosignature_timestamp_too_large'],
    ['2^64-1', () => decodeTimestampedSignature(octets(...Array(8).fill(255))), 'cosignature_timestamp_too_large'],
    ['zero', () => decodeTimestampedSignature(octets(0, 0, 0, 0, 0, 0, 0, 0)), 'cosignature_timestamp_missing'],
    ['no time', () => decodeTimestampedSignature(signature), 'cosignature_malformed'],
    ['an octet more', () => decodeTimestampedSignature(octets(0, 0, 0, 0, 0, 0, 0, 1, 0)), 'cosignature_malformed'],
    [
      'write time 2^53',
      () => encodeTimestampedSignature({ timestamp: 2 ** 53, signature }),
      'cosignature_timestamp_too_large',
    ],
    [
      'write 63 octets',
      () => encodeTimestampedSignature({ timestamp: 1, signature: signature.slice(1) }),
      'cosignature_malformed',
    ],
  ]
  expect(rows.map(([name, run]) => [name, codeOf(run)])).toEqual(rows.map(([name, , code]) => [name, code]))
})
