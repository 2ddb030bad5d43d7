import { concatBytes, utf8Encode } from '@countersign/pure/core/bytes'
import type { VectorCase } from '../vector-case.js'
import { octets, refused, satisfied } from './case.js'

/** Strict JSON and canonical form (EP-ENC-1, EP-ENC-2), and the encodings inside strings. */
export function jsonCases(): readonly VectorCase[] {
  return [...taken(), ...broken(), ...encodings()]
}

function taken(): VectorCase[] {
  const rows: readonly (readonly [id: string, text: string])[] = [
    ['empty-object', ' { } '],
    ['member-order', '{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}'],
    [
      'numbers',
      '[333333333.33333329,1e30,4.50,2e-3,0.000000000000000000000000001,-0,1E+2,5e-324,9007199254740991,1.7976931348623157e308]'.replace(
        '333333333.33333329',
        '333333333.3333333',
      ),
    ],
    ['escapes', '"\\u20ac$\\u000f\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/"'],
    ['control-characters', '"\\b\\t\\n\\f\\r\\u001f\\u007f"'],
    ['proto', '{"__proto__":{"a":1},"constructor":2,"hasOwnProperty":3}'],
    ['nested', '[[[{"b":[true,false,null],"a":{}}]]]'],
    ['depth-64', `${'['.repeat(64)}${']'.repeat(64)}`],
    ['astral', '{"\ud83d\ude00":"\u{10ffff}"}'],
  ]
  return rows.map(([id, text]) =>
    satisfied(
      `json-${id}`,
      'EP-ENC-1 EP-ENC-2 EP-ENC-3',
      'Canonical form and hash of this text.',
      octets('json', text),
    ),
  )
}

function broken(): VectorCase[] {
  const name = 'n'.repeat(120_000)
  const rows: readonly (readonly [id: string, code: string, input: string | Uint8Array])[] = [
    ['bom', 'json_byte_order_mark_unsupported', concatBytes(Uint8Array.of(0xef, 0xbb, 0xbf), utf8Encode('{}'))],
    ['utf8-overlong', 'json_utf8_invalid', Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)],
    ['utf8-surrogate', 'json_utf8_invalid', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
    ['utf8-cut-off', 'json_utf8_invalid', Uint8Array.of(0x22, 0xe2, 0x82)],
    ['empty', 'json_syntax_invalid', ''],
    ['single-quotes', 'json_syntax_invalid', "{'a':1}"],
    ['trailing-comma', 'json_syntax_invalid', '[1,]'],
    ['comment', 'json_syntax_invalid', '[1/*x*/]'],
    ['unfinished', 'json_syntax_invalid', '{"a":'],
    ['trailing', 'json_trailing_malformed', '{} {}'],
    ['trailing-nul', 'json_trailing_malformed', '{}\u0000'],
    ['duplicate', 'json_member_duplicate', '{"a":1,"b":2,"a":1}'],
    ['duplicate-escaped', 'json_member_duplicate', '{"a":1,"\\u0061":2}'],
    ['duplicate-nested', 'json_member_duplicate', '[{"x":{"a":1,"a":2}}]'],
    ['duplicate-proto', 'json_member_duplicate', '{"__proto__":1,"__proto__":2}'],
    ['lone-high-surrogate', 'json_surrogate_invalid', '"\\ud800"'],
    ['lone-low-surrogate', 'json_surrogate_invalid', '"\\udc00x"'],
    ['swapped-surrogates', 'json_surrogate_invalid', '"\\ude00\\ud83d"'],
    ['lone-surrogate-in-name', 'json_surrogate_invalid', '{"\\ud800":1}'],
    ['escape-x', 'json_escape_invalid', '"\\x41"'],
    ['escape-short', 'json_escape_invalid', '"\\u12"'],
    ['control-character', 'json_control_character_invalid', '"a\nb"'],
    ['nan', 'json_nonfinite_unsupported', '[NaN]'],
    ['infinity', 'json_nonfinite_unsupported', '-Infinity'],
    ['leading-zero', 'json_number_malformed', '01'],
    ['plus-sign', 'json_number_malformed', '+1'],
    ['no-digits', 'json_number_malformed', '1.e5'],
    ['overflow', 'json_number_too_large', '1e400'],
    ['inexact', 'json_number_inexact', '0.1000000000000000055511151231257827'],
    ['inexact-digits', 'json_number_inexact', '333333333.33333329'],
    ['underflow', 'json_number_inexact', '1e-400'],
    ['integer-large', 'json_integer_too_large', '9007199254740992'],
    ['integer-small', 'json_integer_too_large', '-9007199254740992'],
    ['depth-65', 'json_depth_too_large', `${'['.repeat(65)}${']'.repeat(65)}`],
    ['large', 'json_size_too_large', `"${'x'.repeat(256 * 1024 - 1)}"`],
    ['pointers', 'json_pointers_too_large', `{"${name}":[${Array.from({ length: 150 }, () => '1').join()}]}`],
  ]
  return rows.map(([id, code, input]) =>
    refused(`json-${id}`, 'EP-ENC-1', 'Strict I-JSON refuses this text.', ['', code], octets('json', input)),
  )
}

function encodings(): VectorCase[] {
  const rows: readonly (readonly [kind: string, input: string, code: string | undefined])[] = [
    ['instant', '2026-11-20T12:00:00Z', undefined],
    ['instant', '2026-11-20T12:00:00.5Z', undefined],
    ['instant', '0000-02-29T00:00:00Z', undefined],
    ['instant', '9999-12-31T23:59:59.999Z', undefined],
    ['instant', '2100-02-29T00:00:00Z', 'instant_date_invalid'],
    ['instant', '2026-11-20T24:00:00Z', 'instant_date_invalid'],
    ['instant', '2026-11-20 12:00:00Z', 'instant_malformed'],
    ['instant', '2026-11-20T12:00:00', 'instant_zone_missing'],
    ['instant', '2026-11-20T12:00:00-00:00', 'instant_offset_unsupported'],
    ['instant', '2026-11-20T12:00:00.0000Z', 'instant_precision_unsupported'],
    ['instant', '2016-12-31T23:59:60Z', 'instant_leap_second_unsupported'],
    ['hash', `sha256:${'0a'.repeat(32)}`, undefined],
    ['hash', `sha256:${'0A'.repeat(32)}`, 'hash_malformed'],
    ['hash', `sha512:${'0a'.repeat(32)}`, 'hash_malformed'],
    ['binary', 'b64u:', undefined],
    ['binary', 'b64u:_-8', undefined],
    ['binary', 'b64u:_-9', 'binary_noncanonical'],
    ['binary', 'b64u:/+8', 'binary_malformed'],
    ['binary', '_-8', 'binary_malformed'],
    ['base64url', 'AQ', undefined],
    ['base64url', 'AQ==', 'base64url_malformed'],
    ['base64url', 'A', 'base64url_malformed'],
    ['base64url', 'AR', 'base64url_noncanonical'],
    ['base64', 'AQ==', undefined],
    ['base64', 'AQ', 'base64_malformed'],
    ['base64', 'AR==', 'base64_noncanonical'],
    ['hex', '00ff', undefined],
    ['hex', '00FF', 'hex_malformed'],
    ['hex', '0', 'hex_malformed'],
  ]
  return rows.map(([kind, input, code]) => {
    const [id, requirement] = [
      `${kind}:${input}`,
      kind === 'instant' ? 'EP-ENC-5' : kind === 'hash' ? 'EP-ENC-3' : 'EP-ENC-4',
    ]
    if (code === undefined) return satisfied(id, requirement, `A text of the form ${kind}.`, { kind, input })
    return refused(id, requirement, `No text of the form ${kind}.`, ['', code], { kind, input })
  })
}
