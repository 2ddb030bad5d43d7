/**
 * Every code that `pure/core` refuses with, and what it means. One cause, one code: subject_aspect_defect.
 * Codes are part of the interface: relying parties match on them, so a meaning never changes.
 */
export const coreCodes = {
  internal_error: 'An unexpected exception: a bug, or the platform failing under hostile input. Never a permission.',

  // Strict JSON (json.ts) and canonical form (jcs.ts)
  json_size_too_large: 'The document has more octets than the limit (256 KiB unless the caller says otherwise).',
  json_byte_order_mark_unsupported: 'The document begins with a byte-order mark.',
  json_utf8_invalid: 'The document is not well-formed UTF-8.',
  json_syntax_invalid: 'The document does not follow the JSON grammar (RFC 8259).',
  json_trailing_malformed: 'Octets other than white space follow the JSON value.',
  json_depth_too_large: 'Arrays and objects are nested deeper than the limit (64 unless the caller says otherwise).',
  json_member_duplicate: 'An object has two members of the same name, compared after escapes are decoded.',
  json_surrogate_invalid: 'A string holds a surrogate that is not part of a pair.',
  json_escape_invalid: 'A string holds an escape sequence that JSON does not know.',
  json_control_character_invalid: 'A string holds a raw control character (below U+0020).',
  json_nonfinite_unsupported: 'NaN or Infinity stands where a JSON value is expected.',
  json_number_malformed: 'A number does not follow the JSON grammar (leading zero, plus sign, missing digits).',
  json_number_too_large: 'A number overflows an IEEE 754 double.',
  json_number_inexact: 'The exact decimal value of a number differs from its ECMAScript round trip.',
  json_integer_too_large: 'An integer without fraction and exponent lies outside +-(2^53-1).',
  json_pointers_too_large:
    'The JSON Pointers of all numbers in the document together are longer than 16 Mi characters.',
  json_value_unsupported: 'A value in memory is not JSON (undefined, function, bigint, class instance, sparse array).',

  // Closed shapes (shape.ts)
  member_unknown: 'A closed object has a member that its type does not know.',
  member_missing: 'A required member is absent.',
  member_type_mismatch: 'A member is not of the JSON type that its place demands.',
  type_unknown: 'The member that tells variants apart names none that is known.',
  value_unknown: 'A member is none of the values that its place allows.',
  list_insufficient: 'A list has fewer items than its place demands.',
  list_too_large: 'A list has more items than its place allows.',
  text_missing: 'A text is empty.',
  text_too_large: 'A text has more UTF-16 code units than its place allows.',
  integer_malformed: 'A number is not an integer, or outside the range that its place allows.',
  binary_length_mismatch: 'A binary string has not the number of octets that its place demands.',

  // JSON Patch (json-patch.ts)
  patch_path_missing: 'An operation of a JSON Patch names a place that is not there.',

  // Encodings (base64.ts, hex.ts, bytes.ts, digest.ts)
  base64url_malformed: 'The text is not unpadded base64url.',
  base64url_noncanonical: 'The unused bits of the last base64url character are not zero.',
  base64_malformed: 'The text is not padded base64.',
  base64_noncanonical: 'The unused bits of the last base64 character are not zero.',
  hex_malformed: 'The text is not lowercase hexadecimal with two digits for each octet.',
  utf8_invalid: 'The octets are not well-formed UTF-8.',
  text_surrogate_invalid: 'The text holds a surrogate that is not part of a pair and cannot be encoded.',
  hash_malformed: 'A hash string is not `sha256:` and 64 lowercase hexadecimal digits.',
  binary_malformed: 'A binary string is not `b64u:` and unpadded base64url.',
  binary_noncanonical: 'The unused bits of the last character of a binary string are not zero.',

  // Instants (instant.ts)
  instant_malformed: 'An instant does not follow RFC 3339 with upper-case T and Z.',
  instant_zone_missing: 'An instant has no time zone.',
  instant_offset_unsupported: 'An instant has a numeric offset; only Z is accepted.',
  instant_precision_unsupported: 'An instant is more precise than milliseconds.',
  instant_leap_second_unsupported: 'An instant has second 60.',
  instant_date_invalid: 'An instant names a day or a time of day that does not exist.',
  instant_year_unsupported: 'An instant lies outside the years 0000 to 9999 and has no RFC 3339 form.',

  // Public keys (public-key.ts)
  public_key_malformed: 'A public key is not the SPKI DER of an Ed25519 or an uncompressed P-256 key.',
  public_key_trailing_malformed: 'Octets follow the SPKI DER of a public key.',
  public_key_compressed_unsupported: 'A P-256 public key is in compressed form.',
  public_key_point_invalid: 'A public key is not a point on its curve.',
  public_key_point_noncanonical: 'A coordinate of a public key is not less than the prime of its field.',
  public_key_order_insufficient: 'An Ed25519 public key is one of the eight points of small order.',

  // Merkle proofs (merkle.ts)
  inclusion_index_malformed: 'A leaf index is not an integer from 0 to 2^53-1.',
  inclusion_size_malformed: 'The tree size of an inclusion proof is not an integer from 0 to 2^53-1.',
  inclusion_index_too_large: 'The leaf index is not below the tree size.',
  inclusion_leaf_malformed: 'A leaf hash has not 32 octets.',
  inclusion_path_malformed: 'An inclusion path has not exactly the hashes of 32 octets that index and size demand.',
  inclusion_root_mismatch: 'The root computed from leaf and path is not the root of the tree.',
  consistency_size_malformed: 'A tree size of a consistency proof is not an integer from 0 to 2^53-1.',
  consistency_size_too_large: 'The older tree is larger than the newer one.',
  consistency_path_malformed: 'A consistency path has not exactly the hashes of 32 octets that the two sizes demand.',
  consistency_old_root_mismatch: 'The root computed for the older tree is not its root.',
  consistency_new_root_mismatch:
    'The root computed for the newer tree is not its root: it does not begin with the older tree.',

  // Tiles (tile.ts)
  tile_path_malformed: 'A path is not the one spelling of the path of a tile or entry bundle.',
  entry_bundle_malformed: 'The last entry of an entry bundle is cut off.',
  entry_bundle_width_too_large: 'An entry bundle holds more than 256 entries.',
  log_entry_too_large: 'A log entry has more than 65535 octets.',

  // Signed notes (note.ts)
  verifier_key_malformed: 'A verifier key is not `name+id+base64(type || key)`, or its name or key cannot be one.',
  verifier_key_algorithm_unsupported: 'A verifier key has a type other than Ed25519 (0x01) and cosignature/v1 (0x04).',
  verifier_key_id_mismatch: 'The key id of a verifier key is not the hash of its name, type and key.',
  note_too_large: 'A note has more than 512 KiB.',
  note_character_unsupported: 'A note holds a control character other than newline.',
  note_text_malformed: 'The text of a note does not end in a newline.',
  note_signature_missing: 'A note has no signature lines behind an empty line.',
  note_signature_malformed: 'A signature line of a note is not `— name base64(key id || signature)` and a newline.',
  note_signature_count_too_large: 'A note has more than 64 signatures.',
  note_signature_invalid: 'A signature of a trusted key does not verify, so the whole note is refused.',
  note_signature_unknown: 'No signature of a note is by a trusted key.',

  // Checkpoints and cosignatures (checkpoint.ts, cosignature.ts)
  checkpoint_text_malformed: 'The text of a checkpoint has not three lines that end in newlines.',
  checkpoint_extension_unsupported: 'The text of a checkpoint has extension lines.',
  checkpoint_origin_malformed: 'The origin of a checkpoint is empty or does not fit on one line.',
  checkpoint_tree_size_malformed: 'The tree size of a checkpoint is not a decimal integer without leading zeros.',
  checkpoint_tree_size_too_large: 'The tree size of a checkpoint is above 2^53-1.',
  checkpoint_root_hash_malformed: 'The root hash of a checkpoint has not 32 octets.',
  cosignature_malformed: 'A cosignature has not 8 octets of time and 64 of signature.',
  cosignature_timestamp_missing: 'The timestamp of a cosignature is zero.',
  cosignature_timestamp_too_large: 'The timestamp of a cosignature is above 2^53-1.',

  // WebAuthn assertions (webauthn-assertion.ts)
  webauthn_client_data_too_large: 'clientDataJSON has more than 4 KiB.',
  webauthn_client_data_malformed:
    'clientDataJSON is not a JSON object with the members of an assertion, of their types.',
  webauthn_client_data_member_duplicate: 'clientDataJSON has two members of the same name.',
  webauthn_type_mismatch: 'The type in clientDataJSON is not `webauthn.get`.',
  webauthn_challenge_malformed: 'The challenge in clientDataJSON is not unpadded canonical base64url.',
  webauthn_challenge_mismatch: 'The challenge in clientDataJSON is not the digest that was to be signed.',
  webauthn_origin_missing: 'No origin is pinned, so none can be accepted.',
  webauthn_origin_mismatch: 'The origin in clientDataJSON is none of the pinned ones.',
  webauthn_cross_origin_unsupported: 'The assertion was made in a frame of another origin.',
  webauthn_top_origin_unsupported: 'clientDataJSON names a top-level origin.',
  webauthn_rp_id_unknown: 'The RP id of the key is none of the pinned ones.',
  webauthn_rp_id_mismatch: 'The authenticator data is for another RP id.',
  webauthn_user_presence_missing: 'The authenticator did not test that a user is present (UP).',
  webauthn_user_verification_missing: 'The authenticator did not verify its user (UV).',
  webauthn_backup_state_invalid: 'The credential says that it is backed up but cannot be (BS without BE).',
  webauthn_attested_data_unsupported:
    'The authenticator data announces attested credential data (AT), as none of an assertion may.',
  webauthn_authenticator_data_malformed:
    'The authenticator data is shorter than its fixed part, or its extensions are not one CBOR map.',
  webauthn_authenticator_data_trailing: 'Octets follow what the flags of the authenticator data announce.',
  webauthn_signature_malformed:
    'The assertion signature has not the form that its algorithm demands (strict DER, or 64 octets).',
  webauthn_signature_invalid: 'The assertion signature does not verify under the key.',
} as const

export type CoreCode = keyof typeof coreCodes

/**
 * Codes that no octets from outside can cause, only a caller in memory (or a bug): no vector can emit them.
 */
export const callerCodes: readonly CoreCode[] = [
  'internal_error',
  'json_value_unsupported',
  'text_surrogate_invalid',
  'instant_year_unsupported',
  'log_entry_too_large',
  'note_text_malformed',
  'inclusion_leaf_malformed',
  'patch_path_missing',
]
