import { encodeBinary, parseBinary } from '@countersign/pure/core/digest';
import { parsePublicKey } from '@countersign/pure/core/public-key';
import { Refusal } from '@countersign/pure/core/refusal';
import { verifySignature } from '@countersign/pure/core/signature';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyFileCodes } from '../../src/keys/codes.js';
import { newKeyFile, openKeyFile, readKeyFileHeader } from '../../src/keys/key-file.js';
const keyId = 'ep:key:alice#1';
let file;
beforeAll(async () => {
    file = await newKeyFile(keyId, 'correct horse');
});
test('a protected key signs what the key that its file names verifies', async () => {
    const signer = await openKeyFile(file.bytes, 'correct horse');
    const message = new Uint8Array(32).fill(7);
    expect(signer.keyId).toBe(keyId);
    expect(verifySignature(parsePublicKey(signer.publicKey), message, await signer.sign(message))).toBe('valid');
});
test('the header is readable without the passphrase, and the private key is not', () => {
    expect(readKeyFileHeader(file.bytes)).toEqual(file.header);
    expect(Object.keys(textOf(file.bytes))).not.toContain('unprotected');
});
test('two files of one passphrase share neither salt nor nonce', async () => {
    const other = textOf((await newKeyFile(keyId, 'correct horse')).bytes);
    const first = textOf(file.bytes);
    expect(other.protected.salt).not.toBe(first.protected.salt);
    expect(other.protected.nonce).not.toBe(first.protected.nonce);
    expect(first.protected).toMatchObject({ kdf: 'scrypt', n: 131072, r: 8, p: 1, cipher: 'AES-256-GCM' });
});
test('a passphrase may be typed in either Unicode form', async () => {
    const { bytes } = await newKeyFile(keyId, 'caf\u00e9');
    expect((await openKeyFile(bytes, 'cafe\u0301')).keyId).toBe(keyId);
});
test('an unprotected key opens without a passphrase and takes its name from its fingerprint', async () => {
    const made = await newKeyFile((hex) => `ep:key:key-${hex.slice(0, 16)}#1`, null);
    expect(made.header.protected).toBe(false);
    expect((await openKeyFile(made.bytes, null)).keyId).toBe(made.header.keyId);
});
describe('each row breaks a key file that opens', () => {
    const flip = (text) => {
        const octets = parseBinary(text);
        octets[0] ^= 1;
        return encodeBinary(octets);
    };
    const rows = [
        ['key_file_passphrase_mismatch', 'correct hors', () => { }],
        ['key_file_passphrase_missing', null, () => { }],
        ['key_file_passphrase_missing', '', () => { }],
        [
            'key_file_ciphertext_invalid',
            'correct horse',
            (key) => (key.protected.ciphertext = flip(key.protected.ciphertext)),
        ],
        ['key_file_ciphertext_invalid', 'correct horse', (key) => (key.protected.nonce = flip(key.protected.nonce))],
        ['key_file_ciphertext_invalid', 'correct horse', (key) => (key.key_id = 'ep:key:mallory#1')],
        ['key_file_cost_malformed', 'correct horse', (key) => (key.protected.n = 100_000)],
        ['integer_malformed', 'correct horse', (key) => (key.protected.n = 2 ** 40)],
        ['key_file_kdf_unsupported', 'correct horse', (key) => (key.protected.p = 2)],
        ['key_file_kdf_unsupported', 'correct horse', (key) => (key.protected.kdf = 'pbkdf2')],
        ['key_file_cipher_unsupported', 'correct horse', (key) => (key.protected.cipher = 'AES-256-CBC')],
        ['key_file_algorithm_unsupported', 'correct horse', (key) => (key.algorithm = 'ES256')],
        ['key_file_protection_missing', 'correct horse', (key) => delete key.protected],
        [
            'key_file_protection_duplicate',
            null,
            (key) => (key.unprotected = { private_key: encodeBinary(new Uint8Array(32)) }),
        ],
        [
            'key_file_public_key_mismatch',
            null,
            (key) => {
                delete key.protected;
                key.unprotected = { private_key: encodeBinary(new Uint8Array(32)) };
            },
        ],
        ['type_mismatch', 'correct horse', (key) => (key.type = 'ep.trust.v1')],
        ['member_unknown', 'correct horse', (key) => (key.comment = 'mine')],
    ];
    test.each(rows)('%s', async (code, passphrase, change) => {
        const key = textOf(file.bytes);
        change(key);
        const opened = openKeyFile(new TextEncoder().encode(JSON.stringify(key)), passphrase);
        await expect(opened).rejects.toSatisfy((error) => error instanceof Refusal && error.code === code);
    });
    test('and every code of key files has a row', () => {
        const missing = Object.keys(keyFileCodes).filter((code) => !rows.some(([row]) => row === code));
        expect(missing).toEqual([]);
    });
});
function textOf(bytes) {
    return JSON.parse(new TextDecoder().decode(bytes));
}
