import { encodeBase64Url } from '@countersign/pure/core/base64'
import { concatBytes, utf8Decode, utf8Encode } from '@countersign/pure/core/bytes'
import { sha256 } from '@countersign/pure/core/digest'
import { decodeHex } from '@countersign/pure/core/hex'
import { parsePublicKey } from '@countersign/pure/core/public-key'
import { Refusal } from '@countersign/pure/core/refusal'
import {
  type ExpectedAssertion,
  verifyAssertion,
  type WebauthnAssertion,
} from '@countersign/pure/core/webauthn-assertion'
import { type AssertionRequest, authenticatorFlags, makeAuthenticator } from '@countersign/simulator/authenticator'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const numRuns = process.env.SLOW ? 6000 : 300
const { userPresent, userVerified, backupEligible, backedUp, attestedData, extensionData } = authenticatorFlags
const honest = userPresent | userVerified

const origin = 'https://approve.example'
const rpId = 'approve.example'
const challenge = sha256(utf8Encode('an authorization context'))
const another = sha256(utf8Encode('another context'))

function answerOf(assertion: WebauthnAssertion, expected: ExpectedAssertion): string {
  try {
    verifyAssertion(assertion, expected, '/signoffs/0')
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    return `${(error as Refusal).code} ${(error as Refusal).at.replace('/signoffs/0', '')}`.trim()
  }
  return 'accepted'
}

describe.each(['ES256', 'Ed25519'] as const)('%s', (algorithm) => {
  const device = makeAuthenticator({ seed: 'alice', algorithm, rpId })
  const key = parsePublicKey(device.publicKeySpki)
  const expected: ExpectedAssertion = {
    challenge,
    key,
    origins: ['https://other.example', origin],
    rpId,
    pinnedRpIds: ['other.example', rpId],
  }
  const good = device.assert({ challenge, origin, signCount: 7 })

  test('EP-KEY-A: what a good assertion says of its key is returned', () => {
    expect(verifyAssertion(good, expected)).toEqual({ signCount: 7, backupEligible: false, backedUp: false })
    const says = (flags: number, signCount = 0) =>
      verifyAssertion(device.assert({ challenge, origin, flags, signCount }), expected)
    expect(says(honest | backupEligible)).toEqual({ signCount: 0, backupEligible: true, backedUp: false })
    expect(says(honest | backupEligible | backedUp)).toEqual({ signCount: 0, backupEligible: true, backedUp: true })
    expect(says(honest, 0xffffffff).signCount).toBe(0xffffffff)
  })

  test('EP-KEY-A: the authenticator signs one thing changed, and the verifier names it', () => {
    const data = '/webauthn/authenticator_data'
    const json = '/webauthn/client_data_json'
    const raw = (change: (text: string) => string) => ({
      rawClientData: utf8Encode(change(utf8Decode(good.clientDataJson))),
    })
    const put = (member: string) => raw((text) => text.replace('{', `{${member},`))
    const map = decodeHex('a163666f6ff5')
    const rows: [string, Partial<AssertionRequest>, string][] = [
      ['nothing', {}, 'accepted'],
      ['type of a registration', { type: 'webauthn.create' }, `webauthn_type_mismatch ${json}`],
      ['type of a payment', { type: 'payment.get' }, `webauthn_type_mismatch ${json}`],
      ['type a number', { extraClientData: { type: 1 } }, `webauthn_client_data_malformed ${json}`],
      ['type missing', { extraClientData: { type: undefined } }, `webauthn_client_data_malformed ${json}`],
      ['another challenge', { challenge: another }, `webauthn_challenge_mismatch ${json}`],
      ['challenge cut off', { challenge: challenge.slice(0, 31) }, `webauthn_challenge_mismatch ${json}`],
      ['challenge empty', { challenge: new Uint8Array(0) }, `webauthn_challenge_mismatch ${json}`],
      [
        'challenge padded',
        { extraClientData: { challenge: `${encodeBase64Url(challenge)}=` } },
        `webauthn_challenge_malformed ${json}`,
      ],
      [
        'unused bits of the challenge',
        { extraClientData: { challenge: encodeBase64Url(challenge).replace(/.$/, nextCharacter) } },
        `webauthn_challenge_malformed ${json}`,
      ],
      ['challenge missing', { extraClientData: { challenge: undefined } }, `webauthn_client_data_malformed ${json}`],
      ['another origin', { origin: 'https://evil.example' }, `webauthn_origin_mismatch ${json}`],
      ['origin of a subdomain', { origin: 'https://x.approve.example' }, `webauthn_origin_mismatch ${json}`],
      ['origin with a port', { origin: `${origin}:8443` }, `webauthn_origin_mismatch ${json}`],
      ['origin with a slash', { origin: `${origin}/` }, `webauthn_origin_mismatch ${json}`],
      ['origin in upper case', { origin: 'https://APPROVE.example' }, `webauthn_origin_mismatch ${json}`],
      ['origin in http', { origin: 'http://approve.example' }, `webauthn_origin_mismatch ${json}`],
      ['origin an array', { extraClientData: { origin: [origin] } }, `webauthn_client_data_malformed ${json}`],
      ['origin missing', { extraClientData: { origin: undefined } }, `webauthn_client_data_malformed ${json}`],
      ['crossOrigin absent', { extraClientData: { crossOrigin: undefined } }, 'accepted'],
      ['crossOrigin true', { crossOrigin: true }, `webauthn_cross_origin_unsupported ${json}`],
      ['crossOrigin a string', { crossOrigin: 'false' }, `webauthn_client_data_malformed ${json}`],
      ['crossOrigin null', { extraClientData: { crossOrigin: null } }, `webauthn_client_data_malformed ${json}`],
      ['topOrigin', { topOrigin: origin }, `webauthn_top_origin_unsupported ${json}`],
      ['topOrigin null', { topOrigin: null }, `webauthn_top_origin_unsupported ${json}`],
      ['an unknown member', { extraClientData: { other_keys_can_be_added_here: 'do not compare' } }, 'accepted'],
      ['an unknown number that is not exact', put('"x":0.10000000000000000001'), 'accepted'],
      ['a member called __proto__', put('"__proto__":{"topOrigin":"x"}'), 'accepted'],
      [
        'challenge twice',
        put(`"challenge":"${encodeBase64Url(another)}"`),
        `webauthn_client_data_member_duplicate ${json}`,
      ],
      [
        'origin twice, once escaped',
        put('"\\u006frigin":"https://evil.example"'),
        `webauthn_client_data_member_duplicate ${json}`,
      ],
      ['an unknown member twice', put('"x":1,"x":1'), `webauthn_client_data_member_duplicate ${json}`],
      ['a duplicate further in', put('"x":{"y":1,"y":2}'), `webauthn_client_data_member_duplicate ${json}`],
      ['not an object', raw((text) => `[${text}]`), `webauthn_client_data_malformed ${json}`],
      ['null', raw(() => 'null'), `webauthn_client_data_malformed ${json}`],
      ['octets behind', raw((text) => `${text}x`), `webauthn_client_data_malformed ${json}`],
      ['a byte-order mark', raw((text) => `\ufeff${text}`), `webauthn_client_data_malformed ${json}`],
      [
        'bad UTF-8',
        { rawClientData: concatBytes(good.clientDataJson, Uint8Array.of(0xff)) },
        `webauthn_client_data_malformed ${json}`,
      ],
      ['4 KiB', raw((text) => text.padEnd(4096)), 'accepted'],
      ['4 KiB and one octet', raw((text) => text.padEnd(4097)), `webauthn_client_data_too_large ${json}`],
      ['another RP id', { rpId: 'evil.example' }, `webauthn_rp_id_mismatch ${data}`],
      ['another pinned RP id', { rpId: 'other.example' }, `webauthn_rp_id_mismatch ${data}`],
      ['UP off', { flags: userVerified }, `webauthn_user_presence_missing ${data}`],
      ['UV off', { flags: userPresent }, `webauthn_user_verification_missing ${data}`],
      ['BS without BE', { flags: honest | backedUp }, `webauthn_backup_state_invalid ${data}`],
      ['AT on', { flags: honest | attestedData }, `webauthn_attested_data_unsupported ${data}`],
      ['bits reserved for later', { flags: honest | 0x22 }, 'accepted'],
      ['an extension map', { flags: honest | extensionData, extensions: map }, 'accepted'],
      ['an empty extension map', { flags: honest | extensionData, extensions: decodeHex('a0') }, 'accepted'],
      ['octets that no flag announces', { extensions: map }, `webauthn_authenticator_data_trailing ${data}`],
      [
        'octets behind the map',
        { flags: honest | extensionData, extensions: concatBytes(map, map) },
        `webauthn_authenticator_data_trailing ${data}`,
      ],
      ['ED without a map', { flags: honest | extensionData }, `webauthn_authenticator_data_malformed ${data}`],
      [
        'ED with an array',
        { flags: honest | extensionData, extensions: decodeHex('80') },
        `webauthn_authenticator_data_malformed ${data}`,
      ],
      [
        'ED with half a map',
        { flags: honest | extensionData, extensions: map.slice(0, -1) },
        `webauthn_authenticator_data_malformed ${data}`,
      ],
      [
        'ED with an indefinite map',
        { flags: honest | extensionData, extensions: decodeHex('bfff') },
        `webauthn_authenticator_data_malformed ${data}`,
      ],
    ]
    const answer = (change: Partial<AssertionRequest>) =>
      answerOf(device.assert({ challenge, origin, ...change }), expected)
    expect(rows.map(([name, change]) => [name, answer(change)])).toEqual(rows.map(([name, , says]) => [name, says]))
  })

  test('EP-KEY-A: what the verifier pinned decides', () => {
    const stranger = parsePublicKey(makeAuthenticator({ seed: 'mallory', algorithm, rpId }).publicKeySpki)
    const otherAlgorithm = algorithm === 'ES256' ? 'Ed25519' : 'ES256'
    const crossed = parsePublicKey(makeAuthenticator({ seed: 'alice', algorithm: otherAlgorithm, rpId }).publicKeySpki)
    const rows: [string, Partial<ExpectedAssertion>, string][] = [
      ['nothing', {}, 'accepted'],
      ['no origin pinned', { origins: [] }, 'webauthn_origin_missing /webauthn/client_data_json'],
      ['an empty origin pinned', { origins: [''] }, 'webauthn_origin_mismatch /webauthn/client_data_json'],
      [
        'another origin pinned',
        { origins: ['https://other.example'] },
        'webauthn_origin_mismatch /webauthn/client_data_json',
      ],
      ['RP id not pinned', { pinnedRpIds: ['other.example'] }, 'webauthn_rp_id_unknown /webauthn/authenticator_data'],
      ['no RP id pinned', { pinnedRpIds: [] }, 'webauthn_rp_id_unknown /webauthn/authenticator_data'],
      [
        'key enrolled under another RP id',
        { rpId: 'other.example' },
        'webauthn_rp_id_mismatch /webauthn/authenticator_data',
      ],
      ['another challenge', { challenge: another }, 'webauthn_challenge_mismatch /webauthn/client_data_json'],
      ['another key', { key: stranger }, 'webauthn_signature_invalid /signature'],
      ['a key of the other algorithm', { key: crossed }, 'webauthn_signature_malformed /signature'],
    ]
    const answer = (change: Partial<ExpectedAssertion>) => answerOf(good, { ...expected, ...change })
    expect(rows.map(([name, change]) => [name, answer(change)])).toEqual(rows.map(([name, , says]) => [name, says]))
  })

  test('EP-KEY-A: octets changed after signing do not verify', () => {
    const flip = (bytes: Uint8Array, at: number) => bytes.map((octet, i) => (i === at ? octet ^ 1 : octet))
    const rows: [string, Partial<WebauthnAssertion>, string][] = [
      ['sign count', { authenticatorData: flip(good.authenticatorData, 36) }, 'webauthn_signature_invalid /signature'],
      [
        'a reserved flag',
        { authenticatorData: good.authenticatorData.map((octet, i) => (i === 32 ? octet | 2 : octet)) },
        'webauthn_signature_invalid /signature',
      ],
      [
        'white space in the client data',
        { clientDataJson: concatBytes(good.clientDataJson, utf8Encode(' ')) },
        'webauthn_signature_invalid /signature',
      ],
      [
        '36 octets of data',
        { authenticatorData: good.authenticatorData.slice(0, 36) },
        'webauthn_authenticator_data_malformed /webauthn/authenticator_data',
      ],
      [
        'no data',
        { authenticatorData: new Uint8Array(0) },
        'webauthn_authenticator_data_malformed /webauthn/authenticator_data',
      ],
      [
        'an octet behind the data',
        { authenticatorData: concatBytes(good.authenticatorData, Uint8Array.of(0)) },
        'webauthn_authenticator_data_trailing /webauthn/authenticator_data',
      ],
      [
        'the last octet of the signature',
        { signature: flip(good.signature, good.signature.length - (algorithm === 'ES256' ? 1 : 33)) },
        'webauthn_signature_invalid /signature',
      ],
      [
        'an octet behind the signature',
        { signature: concatBytes(good.signature, Uint8Array.of(0)) },
        'webauthn_signature_malformed /signature',
      ],
      ['a signature cut off', { signature: good.signature.slice(0, -1) }, 'webauthn_signature_malformed /signature'],
      ['no signature', { signature: new Uint8Array(0) }, 'webauthn_signature_malformed /signature'],
      [
        'a signature over the client data hash alone',
        { signature: device.sign(sha256(good.clientDataJson)) },
        'webauthn_signature_invalid /signature',
      ],
      [
        'a signature over the challenge',
        { signature: device.sign(challenge) },
        'webauthn_signature_invalid /signature',
      ],
    ]
    const answer = (change: Partial<WebauthnAssertion>) => answerOf({ ...good, ...change }, expected)
    expect(rows.map(([name, change]) => [name, answer(change)])).toEqual(rows.map(([name, , says]) => [name, says]))
  })

  test('the simulator makes the same octets from the same seed', () => {
    const again = makeAuthenticator({ seed: 'alice', algorithm, rpId })
    expect(again.publicKeySpki).toEqual(device.publicKeySpki)
    expect(again.assert({ challenge, origin, signCount: 7 })).toEqual(good)
    expect(makeAuthenticator({ seed: 'bob', algorithm, rpId }).publicKeySpki).not.toEqual(device.publicKeySpki)
  })
})

test('EP-KEY-A: ES256 takes no raw signature, and no DER that could be written shorter', () => {
  const device = makeAuthenticator({ seed: 'alice', algorithm: 'ES256', rpId })
  const expected: ExpectedAssertion = {
    challenge,
    key: parsePublicKey(device.publicKeySpki),
    origins: [origin],
    rpId,
    pinnedRpIds: [rpId],
  }
  const good = device.assert({ challenge, origin })
  const longForm = concatBytes(Uint8Array.of(0x30, 0x81), good.signature.slice(1))
  for (const signature of [new Uint8Array(64).fill(1), longForm])
    expect(answerOf({ ...good, signature }, expected)).toBe('webauthn_signature_malformed /signature')
})

test('arbitrary octets are refused with a webauthn code, and throw nothing else', () => {
  const device = makeAuthenticator({ seed: 'alice', algorithm: 'ES256', rpId })
  const expected: ExpectedAssertion = {
    challenge,
    key: parsePublicKey(device.publicKeySpki),
    origins: [origin],
    rpId,
    pinnedRpIds: [rpId],
  }
  const good = device.assert({ challenge, origin })
  const garbled = (bytes: Uint8Array) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(bytes) },
      fc.uint8Array({ maxLength: 90 }),
      fc
        .tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }))
        .map(([at, x]) => bytes.map((octet, i) => (i === at ? octet ^ x : octet))),
      fc
        .tuple(fc.nat(bytes.length), fc.uint8Array({ maxLength: 9 }))
        .map(([at, put]) => concatBytes(bytes.slice(0, at), put)),
    )
  const assertion = fc.record({
    authenticatorData: garbled(good.authenticatorData),
    clientDataJson: garbled(good.clientDataJson),
    signature: garbled(good.signature),
  })
  const property = fc.property(assertion, (assertion) => {
    const unchanged =
      [assertion.authenticatorData, assertion.clientDataJson, assertion.signature].join() ===
      [good.authenticatorData, good.clientDataJson, good.signature].join()
    expect(answerOf(assertion, expected)).toMatch(unchanged ? /^accepted$/ : /^webauthn_/)
  })
  fc.assert(property, { numRuns })
})

/** The same base64url character with one unused bit set. */
function nextCharacter(last: string): string {
  return String.fromCharCode(last.charCodeAt(0) + 1)
}
