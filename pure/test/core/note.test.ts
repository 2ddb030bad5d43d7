import { decodeBase64, encodeBase64 } from '@countersign/pure/core/base64'
import { concatBytes, utf8Encode } from '@countersign/pure/core/bytes'
import { cosignatureMessage, encodeTimestampedSignature } from '@countersign/pure/core/cosignature'
import {
  formatNote,
  formatVerifierKey,
  type NoteSignature,
  noteSignatureLine,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
  verifyNote,
} from '@countersign/pure/core/note'
import { Refusal } from '@countersign/pure/core/refusal'
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const numRuns = process.env.SLOW ? 6000 : 300

// The example of C2SP signed-note.
const exampleKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const exampleText = 'This is an example message.\n'
const exampleLine =
  '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
const example = `${exampleText}\n${exampleLine}`

// The other example there: a text with an empty line in it.
const quasimodo = `Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
`

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    return (error as Refusal).code
  }
  return 'accepted'
}

interface Signer {
  readonly vkey: VerifierKey
  sign(text: string): NoteSignature
}

function makeSigner(name: string, octet: number, type: VerifierKey['algorithm'] = 1): Signer {
  const secret = new Uint8Array(32).fill(octet)
  const vkey = parseVerifierKey(formatVerifierKey(name, ed25519.getPublicKey(secret), type))
  const over = (message: Uint8Array) => ed25519.sign(message, secret)
  const plain = (text: string) => over(utf8Encode(text))
  const timestamped = (text: string) =>
    encodeTimestampedSignature({ timestamp: 1700000000, signature: over(cosignatureMessage(1700000000, text)) })
  return {
    vkey,
    sign: (text) => ({ name, keyId: vkey.keyId, signature: type === 1 ? plain(text) : timestamped(text) }),
  }
}

const log = makeSigner('log.example/1', 1)
const witness = makeSigner('witness.example/w1', 2, 4)
const text = 'log.example/1\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'

test('EP-REC-4: the example of the specification verifies under its key', () => {
  expect(verifyNote(example, [parseVerifierKey(exampleKey)])).toEqual({
    text: exampleText,
    verified: ['example.com/foo'],
  })
  expect(verifyNote(utf8Encode(example), [parseVerifierKey(exampleKey)]).text).toBe(exampleText)
})

test('EP-REC-4: a text may hold empty lines, the last one ends it', () => {
  const { text, signatures } = parseNote(quasimodo)
  expect(text.endsWith('\n\ned è subito sera.\n')).toBe(true)
  expect(signatures.map(({ name, keyId }) => [name, keyId])).toEqual([['quasimodo.example/salvatore', 0x367ba04b]])
})

test('EP-REC-4: a verifier key comes back as it was written', () => {
  const key = parseVerifierKey(exampleKey)
  expect([key.name, key.keyId, key.algorithm, key.publicKey.algorithm]).toEqual([
    'example.com/foo',
    0x530d903a,
    1,
    'Ed25519',
  ])
  expect(formatVerifierKey(key.name, key.publicKey.spki.slice(12), key.algorithm)).toBe(exampleKey)
})

test('EP-REC-4: a verifier key with one thing changed is refused for that thing', () => {
  const raw = decodeBase64('AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k').slice(1)
  const vkey = (octets: Uint8Array) => `example.com/foo+530d903a+${encodeBase64(octets)}`
  const rows: [string, string, string][] = [
    ['nothing', exampleKey, 'accepted'],
    ['no parts', 'example.com', 'verifier_key_malformed'],
    ['name empty', exampleKey.slice('example.com/foo'.length), 'verifier_key_malformed'],
    ['space in the name', exampleKey.replace('/', ' '), 'verifier_key_malformed'],
    ['no-break space in the name', exampleKey.replace('/', '\u00a0'), 'verifier_key_malformed'],
    ['newline in the name', exampleKey.replace('/', '\n'), 'verifier_key_malformed'],
    ['control character in the name', exampleKey.replace('/', '\u0001'), 'verifier_key_malformed'],
    ['lone surrogate in the name', exampleKey.replace('/', '\ud800'), 'verifier_key_malformed'],
    ['key id in upper case', exampleKey.replace('530d903a', '530D903A'), 'verifier_key_malformed'],
    ['key id of 7 digits', exampleKey.replace('530d903a', '530d903'), 'verifier_key_malformed'],
    ['another key id', exampleKey.replace('530d903a', '530d903b'), 'verifier_key_id_mismatch'],
    ['another name', exampleKey.replace('foo', 'fox'), 'verifier_key_id_mismatch'],
    ['another key', vkey(concatBytes(Uint8Array.of(1), raw.toReversed())), 'verifier_key_id_mismatch'],
    ['another type', vkey(concatBytes(Uint8Array.of(4), raw)), 'verifier_key_id_mismatch'],
    ['ECDSA type', vkey(concatBytes(Uint8Array.of(2), raw)), 'verifier_key_algorithm_unsupported'],
    ['key of 31 octets', vkey(concatBytes(Uint8Array.of(1), raw.slice(1))), 'verifier_key_malformed'],
    ['base64 without padding', vkey(raw).slice(0, -1), 'base64_malformed'],
    [
      'key of small order',
      formatVerifierKey('a', Uint8Array.of(1, ...new Uint8Array(31)), 1),
      'public_key_order_insufficient',
    ],
    ['too long', `${'a'.repeat(2000)}${exampleKey}`, 'verifier_key_malformed'],
  ]
  expect(rows.map(([change, vkey]) => [change, codeOf(() => parseVerifierKey(vkey))])).toEqual(
    rows.map(([change, , code]) => [change, code]),
  )
})

test('EP-REC-4: a note with one thing changed is refused for that thing', () => {
  const rows: [string, string | Uint8Array, string][] = [
    ['nothing', example, 'accepted'],
    ['text', example.replace('example m', 'exemple m'), 'note_signature_invalid'],
    ['signature', example.replace('QM=', 'QA='), 'note_signature_invalid'],
    [
      'signature of 63 octets',
      `${exampleText}\n${noteSignatureLine({ ...parseNote(example).signatures[0]!, signature: new Uint8Array(63) })}`,
      'note_signature_invalid',
    ],
    ['key id', example.replace('Uw2Q', 'Uw2R'), 'note_signature_unknown'],
    ['key name', example.replace('/foo', '/fox'), 'note_signature_unknown'],
    ['unused bits of base64', example.replace('QM=', 'QN='), 'base64_noncanonical'],
    ['no padding', example.replace('QM=', 'QM'), 'base64_malformed'],
    ['no empty line', exampleText + exampleLine, 'note_signature_missing'],
    ['no signature', `${exampleText}\n`, 'note_signature_missing'],
    ['nothing at all', '', 'note_signature_missing'],
    ['no newline at the end', example.slice(0, -1), 'note_signature_malformed'],
    ['hyphen for the dash', example.replace('—', '-'), 'note_signature_malformed'],
    ['two spaces', example.replace('— ', '—  '), 'note_signature_malformed'],
    ['space at the end of a line', `${example.slice(0, -1)} \n`, 'note_signature_malformed'],
    ['plus in the key name', example.replace('/foo', '+foo'), 'note_signature_malformed'],
    ['no-break space in the key name', example.replace('/foo', '\u00a0foo'), 'note_signature_malformed'],
    ['key id without signature', `${exampleText}\n— a AAAAAA==\n`, 'note_signature_malformed'],
    ['tab', example.replace('an ', 'an\t'), 'note_character_unsupported'],
    ['carriage return', example.replaceAll('\n', '\r\n'), 'note_character_unsupported'],
    ['bad UTF-8', concatBytes(Uint8Array.of(0xff), utf8Encode(example)), 'utf8_invalid'],
    ['lone surrogate', `\ud800${example}`, 'text_surrogate_invalid'],
    ['64 signatures', example + exampleLine.repeat(63), 'accepted'],
    ['65 signatures', example + exampleLine.repeat(64), 'note_signature_count_too_large'],
    ['512 KiB', 'a'.repeat(512 * 1024 - utf8Encode(example).length) + example, 'note_signature_invalid'],
    ['512 KiB and one octet', 'a'.repeat(512 * 1024 + 1 - utf8Encode(example).length) + example, 'note_too_large'],
    ['512 Ki characters of two octets', 'è'.repeat(512 * 1024 - example.length) + example, 'note_too_large'],
  ]
  const keys = [parseVerifierKey(exampleKey)]
  expect(rows.map(([change, note]) => [change, codeOf(() => verifyNote(note, keys))])).toEqual(
    rows.map(([change, , code]) => [change, code]),
  )
})

test('EP-REC-4: lines of unknown keys count for nothing, a broken line of a known key refuses the note', () => {
  const stranger = makeSigner('stranger.example', 3)
  const broken = (line: NoteSignature) => ({
    ...line,
    signature: line.signature.map((octet, i) => (i === 20 ? octet ^ 1 : octet)),
  })
  const samePlace = { ...stranger.sign(text), name: log.vkey.name }
  const rows: [string, NoteSignature[], VerifierKey[], string][] = [
    [
      'log and witness',
      [log.sign(text), witness.sign(text)],
      [log.vkey, witness.vkey],
      'log.example/1,witness.example/w1',
    ],
    ['a stranger too', [stranger.sign(text), log.sign(text)], [log.vkey], 'log.example/1'],
    ['a broken stranger too', [broken(stranger.sign(text)), log.sign(text)], [log.vkey], 'log.example/1'],
    ['a stranger by the same name', [samePlace, log.sign(text)], [log.vkey], 'log.example/1'],
    ['the same line twice', [log.sign(text), log.sign(text)], [log.vkey], 'log.example/1'],
    ['strangers only', [stranger.sign(text)], [log.vkey], 'note_signature_unknown'],
    ['no keys', [log.sign(text)], [], 'note_signature_unknown'],
    [
      'a broken witness',
      [log.sign(text), broken(witness.sign(text))],
      [log.vkey, witness.vkey],
      'note_signature_invalid',
    ],
    ['a second line broken', [log.sign(text), broken(log.sign(text))], [log.vkey], 'note_signature_invalid'],
    ['another text', [log.sign(`${text}more\n`)], [log.vkey], 'note_signature_invalid'],
    [
      'a cosignature without time',
      [{ ...witness.sign(text), signature: new Uint8Array(64) }],
      [witness.vkey],
      'cosignature_malformed',
    ],
    [
      'a plain signature by a cosigner',
      [{ ...makeSigner('witness.example/w1', 2).sign(text), keyId: witness.vkey.keyId }],
      [witness.vkey],
      'cosignature_malformed',
    ],
  ]
  const answer = (lines: NoteSignature[], keys: VerifierKey[]) => {
    let verified = ''
    const code = codeOf(() => {
      verified = verifyNote(formatNote(text, lines), keys).verified.join()
    })
    return code === 'accepted' ? verified : code
  }
  expect(rows.map(([name, lines, keys]) => [name, answer(lines, keys)])).toEqual(
    rows.map(([name, , , says]) => [name, says]),
  )
})

test('EP-REC-4: what cannot be read as a note is not written', () => {
  const line = log.sign(text)
  const rows: [string, () => unknown, string][] = [
    ['text without newline', () => formatNote('a', [line]), 'note_text_malformed'],
    ['no signatures', () => formatNote(text, []), 'note_signature_missing'],
    ['65 signatures', () => formatNote(text, Array(65).fill(line)), 'note_signature_count_too_large'],
    ['name with a space', () => formatNote(text, [{ ...line, name: 'a b' }]), 'note_signature_malformed'],
    [
      'empty signature',
      () => formatNote(text, [{ ...line, signature: new Uint8Array(0) }]),
      'note_signature_malformed',
    ],
    ['control character', () => formatNote('a\u0000\n', [line]), 'note_character_unsupported'],
    ['key of 31 octets', () => formatVerifierKey('a', new Uint8Array(31), 1), 'verifier_key_malformed'],
    ['key name with a plus', () => formatVerifierKey('a+b', new Uint8Array(32), 1), 'verifier_key_malformed'],
  ]
  expect(rows.map(([name, run]) => [name, codeOf(run)])).toEqual(rows.map(([name, , code]) => [name, code]))
})

test('EP-REC-4: every note that is written comes back', () => {
  const line = fc.record({
    name: fc.stringMatching(/^[a-zè/.]{1,20}$/),
    keyId: fc.nat(0xffffffff),
    signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  })
  const body = fc.array(fc.stringMatching(/^[ -~è—]{0,20}$/)).map((lines) => `${lines.join('\n')}\n`)
  const property = fc.property(body, fc.array(line, { minLength: 1, maxLength: 5 }), (text, signatures) => {
    expect(parseNote(formatNote(text, signatures))).toEqual({ text, signatures })
  })
  fc.assert(property, { numRuns })
})

test('arbitrary octets and texts are refused or read, and throw nothing else', () => {
  const keys = [parseVerifierKey(exampleKey), witness.vkey]
  const mutated = fc
    .tuple(fc.nat(example.length), fc.string({ unit: 'binary' }))
    .map(([at, s]) => example.slice(0, at) + s + example.slice(at))
  const property = fc.property(fc.uint8Array(), mutated, fc.string({ unit: 'binary' }), (bytes, note, vkey) => {
    codeOf(() => verifyNote(bytes, keys))
    codeOf(() => verifyNote(note, keys))
    codeOf(() => parseVerifierKey(vkey))
    codeOf(() => parseVerifierKey(`a+00000000+${vkey}`))
  })
  fc.assert(property, { numRuns })
})
