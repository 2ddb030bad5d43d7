import { encodeBase64Url } from '@countersign/pure/core/base64'
import { concatBytes, utf8Encode } from '@countersign/pure/core/bytes'
import { encodeBinary, parseBinary, sha256 } from '@countersign/pure/core/digest'
import { decodeHex, encodeHex } from '@countersign/pure/core/hex'
import type { JsonObject } from '@countersign/pure/core/json'
import { authenticatorFlags, makeAuthenticator } from '@countersign/simulator/authenticator'
import { softwareKey } from '@countersign/simulator/signer'
import type { VectorCase } from '../vector-case.js'
import { type Made, refused, satisfied } from './case.js'

/** Public keys, signatures and WebAuthn assertions (EP-ENC-8, EP-KEY-A), which every platform must judge alike. */
export function signatureCases(): readonly VectorCase[] {
  return [...publicKeys(), ...signatures(), ...assertions()]
}

const ed25519Prefix = '302a300506032b6570032100'
const p256Prefix = '3059301306072a8648ce3d020106082a8648ce3d03010703420004'
const compressedPrefix = '3039301306072a8648ce3d020106082a8648ce3d030107032200'
const p256 = softwareKey('ep:key:vectors#1', 'vectors', 'ES256')
const ed25519 = softwareKey('ep:key:vectors#1', 'vectors')
const zeros = (octets: number) => '00'.repeat(octets)
// The group orders.
const ed25519Order = 2n ** 252n + 27742317777372353535851937790883648493n
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

function publicKeys(): VectorCase[] {
  const xy = encodeHex(p256.raw)
  const rows: readonly (readonly [id: string, spki: string, code: string | undefined])[] = [
    ['ed25519', ed25519Prefix + encodeHex(ed25519.raw), undefined],
    ['p256', p256Prefix + xy, undefined],
    ['empty', '', 'public_key_malformed'],
    ['raw', encodeHex(ed25519.raw), 'public_key_malformed'],
    ['x25519', ed25519Prefix.replace('2b6570', '2b656e') + encodeHex(ed25519.raw), 'public_key_malformed'],
    ['ed25519-short', ed25519Prefix + encodeHex(ed25519.raw.slice(1)), 'public_key_malformed'],
    ['p256-short', p256Prefix + xy.slice(2), 'public_key_malformed'],
    ['p256-compressed-short', `${compressedPrefix}02${xy.slice(0, 62)}`, 'public_key_malformed'],
    ['59-octets', zeros(59), 'public_key_malformed'],
    ['92-octets', zeros(92), 'public_key_malformed'],
    ['ed25519-trailing', `${ed25519Prefix}${encodeHex(ed25519.raw)}00`, 'public_key_trailing_malformed'],
    ['p256-trailing', `${p256Prefix}${xy}00`, 'public_key_trailing_malformed'],
    ['p256-compressed', `${compressedPrefix}02${xy.slice(0, 64)}`, 'public_key_compressed_unsupported'],
    [
      'p256-off-curve',
      `${p256Prefix}${xy.slice(0, 126)}${xy.endsWith('00') ? '01' : '00'}`,
      'public_key_point_invalid',
    ],
    ['p256-zero', p256Prefix + zeros(64), 'public_key_point_invalid'],
    ['p256-x-not-reduced', `${p256Prefix}${'ff'.repeat(32)}${xy.slice(64)}`, 'public_key_point_invalid'],
    ['ed25519-no-point', `${ed25519Prefix}02${zeros(31)}`, 'public_key_point_invalid'],
    ['ed25519-neutral', `${ed25519Prefix}01${zeros(31)}`, 'public_key_order_insufficient'],
    ['ed25519-order-2', `${ed25519Prefix}ec${'ff'.repeat(30)}7f`, 'public_key_order_insufficient'],
    ['ed25519-order-4', ed25519Prefix + zeros(32), 'public_key_order_insufficient'],
    [
      'ed25519-order-8',
      `${ed25519Prefix}26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05`,
      'public_key_order_insufficient',
    ],
    [
      'ed25519-order-8-negative',
      `${ed25519Prefix}c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa`,
      'public_key_order_insufficient',
    ],
    ['ed25519-neutral-sign-bit', `${ed25519Prefix}01${zeros(30)}80`, 'public_key_order_insufficient'],
    ['ed25519-y-is-p', `${ed25519Prefix}ed${'ff'.repeat(30)}7f`, 'public_key_point_noncanonical'],
    ['ed25519-y-above-p', `${ed25519Prefix}f0${'ff'.repeat(30)}ff`, 'public_key_point_noncanonical'],
  ]
  return rows.map(([id, spki, code]) => {
    const made = { kind: 'public_key', input: encodeBinary(decodeHex(spki)) }
    if (code === undefined) return satisfied(`spki-${id}`, 'EP-ENC-8', 'A key in its one form.', made)
    return refused(`spki-${id}`, 'EP-ENC-8', 'Refused before any library sees it.', ['', code], made)
  })
}

function signatures(): VectorCase[] {
  const message = utf8Encode('countersign')
  const signature = ed25519.signOctets(message)
  const es256 = p256.signOctets(message)
  const [r, s] = [es256.slice(0, 32), es256.slice(32)]
  const otherS = bigEndian(p256Order - toBigInt(s))
  const sPlusOrder = littleEndian(toBigInt(signature.slice(32).reverse()) + ed25519Order)
  const rows: readonly (readonly [
    id: string,
    verdict: 'valid' | 'invalid' | 'malformed',
    key: typeof p256,
    form: 'raw' | 'der',
    Uint8Array,
  ])[] = [
    ['ed25519', 'valid', ed25519, 'raw', signature],
    ['ed25519-other-message', 'invalid', ed25519, 'raw', ed25519.signOctets(utf8Encode('other'))],
    ['ed25519-s-not-reduced', 'malformed', ed25519, 'raw', concatBytes(signature.slice(0, 32), sPlusOrder)],
    ['ed25519-r-neutral', 'malformed', ed25519, 'raw', concatBytes(decodeHex(`01${zeros(31)}`), signature.slice(32))],
    [
      'ed25519-r-not-reduced',
      'malformed',
      ed25519,
      'raw',
      concatBytes(decodeHex(`ed${'ff'.repeat(30)}7f`), signature.slice(32)),
    ],
    [
      'ed25519-s-order-less-one',
      'invalid',
      ed25519,
      'raw',
      concatBytes(signature.slice(0, 32), littleEndian(ed25519Order - 1n)),
    ],
    ['ed25519-short', 'malformed', ed25519, 'raw', signature.slice(0, 63)],
    ['ed25519-long', 'malformed', ed25519, 'raw', concatBytes(signature, Uint8Array.of(0))],
    ['ed25519-der', 'malformed', ed25519, 'der', signature],
    ['ed25519-es256-der', 'malformed', ed25519, 'der', der(r, s)],
    ['es256', 'valid', p256, 'raw', es256],
    ['es256-other-s', 'valid', p256, 'raw', concatBytes(r, otherS)],
    ['es256-s-zero', 'malformed', p256, 'raw', concatBytes(r, new Uint8Array(32))],
    ['es256-r-is-order', 'malformed', p256, 'raw', concatBytes(bigEndian(p256Order), s)],
    ['es256-s-order-less-one', 'invalid', p256, 'raw', concatBytes(r, bigEndian(p256Order - 1n))],
    ['es256-short', 'malformed', p256, 'raw', es256.slice(0, 63)],
    ['es256-long', 'malformed', p256, 'raw', concatBytes(es256, Uint8Array.of(0))],
    ['es256-other-message', 'invalid', p256, 'raw', p256.signOctets(utf8Encode('other'))],
    ['es256-der', 'valid', p256, 'der', der(r, s)],
    ['es256-der-other-s', 'valid', p256, 'der', der(r, otherS)],
    ['es256-der-trailing', 'malformed', p256, 'der', concatBytes(der(r, s), Uint8Array.of(0))],
    ['es256-der-padded', 'malformed', p256, 'der', derOf(concatBytes(Uint8Array.of(0, 0), minimal(r)), minimal(s))],
    ['es256-der-long-length', 'malformed', p256, 'der', longLength(der(r, s))],
    ['es256-der-negative', 'malformed', p256, 'der', derOf(Uint8Array.of(0x80, 1), minimal(s))],
    ['es256-der-s-long', 'malformed', p256, 'der', derOf(minimal(r), concatBytes(Uint8Array.of(1), s))],
    ['es256-raw-as-der', 'malformed', p256, 'der', es256],
  ]
  return rows.map(([id, verdict, key, form, octets]) => {
    const input = { public_key: key.publicKey, message: encodeBinary(message), signature: encodeBinary(octets), form }
    const made = { kind: 'signature', input }
    const description = 'Every platform says the same: valid, invalid, or malformed before any library sees it.'
    const one =
      verdict === 'valid'
        ? satisfied(`signature-${id}`, 'EP-ENC-8', description, made)
        : refused(`signature-${id}`, 'EP-ENC-8', description, ['', ''], made)
    return { ...one, expect: { ...one.expect, value: { verdict } } }
  })
}

function assertions(): VectorCase[] {
  const challenge = sha256(utf8Encode('challenge'))
  const origin = 'https://approve.acme.example'
  const device = makeAuthenticator({ seed: 'vectors', algorithm: 'ES256', rpId: 'approve.acme.example' })
  const { userPresent, userVerified, backupEligible, extensionData } = authenticatorFlags
  const made = (request: Partial<Parameters<typeof device.assert>[0]> = {}): Made => {
    const assertion = device.assert({ challenge, origin, signCount: 7, ...request })
    return {
      kind: 'webauthn',
      input: {
        public_key: encodeBinary(device.publicKeySpki),
        challenge: encodeBinary(challenge),
        origins: [origin],
        rp_id: 'approve.acme.example',
        pinned_rp_ids: ['approve.acme.example'],
        authenticator_data: encodeBinary(assertion.authenticatorData),
        client_data_json: encodeBinary(assertion.clientDataJson),
        signature: encodeBinary(assertion.signature),
      },
    }
  }
  const text = (members: JsonObject) =>
    JSON.stringify({ type: 'webauthn.get', challenge: encodeBase64Url(challenge), origin, ...members })
  const clientData = (members: JsonObject, length = 0) => utf8Encode(text(members).padEnd(length))
  const long = clientData({ pad: 'x'.repeat(4096) })
  return [
    satisfied('webauthn-usual', 'EP-KEY-A', 'An assertion as devices make it.', made()),
    satisfied(
      'webauthn-backup-eligible',
      'EP-KEY-A',
      'BE is reported; whether it counts is for the trust file to say.',
      made({ flags: userPresent | userVerified | backupEligible }),
    ),
    satisfied(
      'webauthn-client-data-4-kib',
      'EP-KEY-A',
      'clientDataJSON of exactly 4 KiB.',
      made({ rawClientData: clientData({ pad: '' }, 4096) }),
    ),
    satisfied(
      'webauthn-without-cross-origin',
      'EP-KEY-A',
      'Older browsers do not write crossOrigin.',
      made({ rawClientData: clientData({}) }),
    ),
    satisfied(
      'webauthn-number-inexact',
      'EP-KEY-A',
      'An unknown member is tolerated whatever number it holds.',
      made({ rawClientData: utf8Encode(`{"later":0.10000000000000000001,${text({}).slice(1)}`) }),
    ),
    ...['type', 'challenge', 'origin'].map((member) =>
      refused(
        `webauthn-${member}-number`,
        'EP-KEY-A',
        `The ${member} is a number.`,
        ['', 'webauthn_client_data_malformed'],
        made({ rawClientData: clientData({ [member]: 1 }) }),
      ),
    ),
    refused(
      'webauthn-origin-list',
      'EP-KEY-A',
      'The origin is a list.',
      ['', 'webauthn_client_data_malformed'],
      made({ rawClientData: clientData({ origin: [origin] }) }),
    ),
    refused(
      'webauthn-data-short',
      'EP-KEY-A',
      'Authenticator data of 36 octets.',
      ['', 'webauthn_authenticator_data_malformed'],
      shortened(made(), 'authenticator_data', 36),
    ),
    refused(
      'webauthn-extensions-list',
      'EP-KEY-A',
      'The extensions are no map.',
      ['', 'webauthn_authenticator_data_malformed'],
      made({ flags: userPresent | userVerified | extensionData, extensions: Uint8Array.of(0x80) }),
    ),
    refused(
      'webauthn-extensions-cut',
      'EP-KEY-A',
      'The map of extensions ends early.',
      ['', 'webauthn_authenticator_data_malformed'],
      made({ flags: userPresent | userVerified | extensionData, extensions: Uint8Array.of(0xa1, 0x61, 0x61) }),
    ),
    refused(
      'webauthn-client-data-large',
      'EP-KEY-A',
      'clientDataJSON of more than 4 KiB.',
      ['', 'webauthn_client_data_too_large'],
      made({ rawClientData: long }),
    ),
    refused(
      'webauthn-other-challenge',
      'EP-KEY-A',
      'Another challenge.',
      ['', 'webauthn_challenge_mismatch'],
      made({ challenge: sha256(challenge) }),
    ),
  ]
}

function shortened(made: Made, member: string, length: number): Made {
  const input = made.input as JsonObject
  return { ...made, input: { ...input, [member]: encodeBinary(parseBinary(String(input[member])).slice(0, length)) } }
}

function minimal(integer: Uint8Array): Uint8Array {
  const first = integer.findIndex((octet) => octet !== 0)
  const digits = integer.slice(first)
  return digits[0]! >= 0x80 ? concatBytes(Uint8Array.of(0), digits) : digits
}

function derOf(r: Uint8Array, s: Uint8Array): Uint8Array {
  const body = concatBytes(Uint8Array.of(2, r.length), r, Uint8Array.of(2, s.length), s)
  return concatBytes(Uint8Array.of(0x30, body.length), body)
}

function der(r: Uint8Array, s: Uint8Array): Uint8Array {
  return derOf(minimal(r), minimal(s))
}

/** BER: the length in the long form. */
function longLength(signature: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0x30, 0x81), signature.slice(1))
}

function toBigInt(octets: Uint8Array): bigint {
  return BigInt(`0x${encodeHex(octets)}`)
}

function bigEndian(value: bigint): Uint8Array {
  return decodeHex(value.toString(16).padStart(64, '0'))
}

function littleEndian(value: bigint): Uint8Array {
  return bigEndian(value).reverse()
}
