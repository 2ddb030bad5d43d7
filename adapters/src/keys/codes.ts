/** Every code that key files are refused with, and what it means. One cause, one code. */
export const keyFileCodes = {
  key_file_algorithm_unsupported: 'A key file names another algorithm than Ed25519.',
  key_file_kdf_unsupported: 'A key file names another derivation than scrypt with r = 8 and p = 1.',
  key_file_cipher_unsupported: 'A key file names another cipher than AES-256-GCM.',
  key_file_cost_malformed: 'The scrypt cost of a key file is not a power of two from 2^14 to 2^20.',
  key_file_protection_missing: 'A key file has neither a protected nor an unprotected private key.',
  key_file_protection_duplicate: 'A key file has a protected and an unprotected private key.',
  key_file_passphrase_missing: 'The key is protected by a passphrase and none was given, or an empty one.',
  key_file_passphrase_mismatch: 'The passphrase is not the one that the key file was made with.',
  key_file_ciphertext_invalid:
    'The passphrase is right, but the file was altered: the private key does not authenticate.',
  key_file_public_key_mismatch: 'The private key in the file does not belong to the public key beside it.',
} as const
