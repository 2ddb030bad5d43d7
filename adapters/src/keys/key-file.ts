import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scrypt,
  sign,
} from 'node:crypto'
import type { Signer } from '@countersign/engine/ports/signer'
import { concatBytes, equalBytes, utf8Encode } from '@countersign/pure/core/bytes'
import { encodeBinary, hashString, parseBinary, sha256 } from '@countersign/pure/core/digest'
import { decodeHex } from '@countersign/pure/core/hex'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import { type JsonObject, parseJson } from '@countersign/pure/core/json'
import { Refusal, require } from '@countersign/pure/core/refusal'
import {
  binary,
  type Infer,
  integer,
  literal,
  object,
  optional,
  readShape,
  type Shape,
} from '@countersign/pure/core/shape'
import { keyId } from '@countersign/pure/ep/identifier'

/**
 * One Ed25519 key in one JSON file, encrypted under a passphrase: scrypt (parameters in the file), then AES-256-GCM over the
 * 32-octet seed. Whoever has the file can try passphrases at the speed that scrypt allows; a file without protection is the
 * key itself.
 */

// 128 MiB and some tenths of a second for each try.
const cost = 2 ** 17
const blockSize = 8
const parallelization = 1
const saltOctets = 16
const nonceOctets = 12
const tagOctets = 16
const seedOctets = 32
const checkOctets = 8
// PKCS #8 DER of an Ed25519 private key up to its 32 octets (RFC 8410).
const pkcs8Prefix = decodeHex('302e020100300506032b657004220420')

const costShape: Shape<number> = {
  read(value, path) {
    const read = integer(2 ** 14, 2 ** 20).read(value, path)
    require(Number.isInteger(Math.log2(read)), 'key_file_cost_malformed', `/${path.join('/')}`)
    return read
  },
}

const keyFile = object({
  type: literal('countersign.key.v1', 'type_mismatch'),
  key_id: keyId,
  algorithm: literal('Ed25519', 'key_file_algorithm_unsupported'),
  public_key: binary(44),
  protected: optional(
    object({
      kdf: literal('scrypt', 'key_file_kdf_unsupported'),
      n: costShape,
      r: literal(blockSize, 'key_file_kdf_unsupported'),
      p: literal(parallelization, 'key_file_kdf_unsupported'),
      salt: binary(saltOctets),
      /** Eight octets that only the right passphrase yields: a wrong one and an altered file are told apart. */
      check: binary(checkOctets),
      cipher: literal('AES-256-GCM', 'key_file_cipher_unsupported'),
      nonce: binary(nonceOctets),
      ciphertext: binary(seedOctets + tagOctets),
    }),
  ),
  unprotected: optional(object({ private_key: binary(seedOctets) })),
})
type KeyFile = Infer<typeof keyFile>

/** What a key file says without its passphrase; the public key is not proven to belong to the private one before `openKeyFile`. */
export interface KeyFileHeader {
  readonly keyId: string
  /** SPKI DER, 44 octets. */
  readonly publicKey: Uint8Array
  readonly protected: boolean
}

/** A signer with the name of its key. */
export interface NamedSigner extends Signer {
  readonly keyId: string
  readonly algorithm: 'Ed25519'
}

/** SHA-256 over the SPKI octets: what two people compare when one reads a key to the other. */
export function keyFingerprint(publicKey: Uint8Array): string {
  return hashString(sha256(publicKey))
}

/**
 * Makes a new Ed25519 key and the contents of its file.
 *
 * @param name - the key id, or a function of the fingerprint's 64 hex digits
 * @param passphrase - null writes the key unprotected: the caller must have been told to, in so many words
 */
export async function newKeyFile(
  name: string | ((fingerprint: string) => string),
  passphrase: string | null,
): Promise<{ readonly bytes: Uint8Array; readonly header: KeyFileHeader }> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(pkcs8Prefix.length)
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  const id = typeof name === 'string' ? name : name(keyFingerprint(spki).slice('sha256:'.length))
  const open = {
    type: 'countersign.key.v1',
    key_id: id,
    algorithm: 'Ed25519',
    public_key: encodeBinary(spki),
  } as const
  const file: KeyFile =
    passphrase === null
      ? { ...open, unprotected: { private_key: encodeBinary(seed) } }
      : { ...open, protected: await protect(open, seed, passphrase) }
  readShape(keyFile, file as unknown as JsonObject)
  return {
    bytes: utf8Encode(`${JSON.stringify(file, null, 2)}\n`),
    header: { keyId: id, publicKey: spki, protected: passphrase !== null },
  }
}

/** Reads what stands in the open. @throws Refusal with a pointer into the file */
export function readKeyFileHeader(bytes: Uint8Array): KeyFileHeader {
  const file = parseKeyFile(bytes)
  return {
    keyId: file.key_id,
    publicKey: parseBinary(file.public_key),
    protected: file.protected !== undefined,
  }
}

/**
 * Opens a key file for signing. The private key stays in the platform's key object.
 *
 * @param passphrase - null for a file without protection
 * @throws Refusal `key_file_passphrase_missing`, `key_file_passphrase_mismatch`, `key_file_ciphertext_invalid`,
 *   `key_file_public_key_mismatch`, or what is wrong with the file's form
 */
export async function openKeyFile(bytes: Uint8Array, passphrase: string | null): Promise<NamedSigner> {
  const file = parseKeyFile(bytes)
  const seed =
    file.unprotected === undefined ? await unprotect(file, passphrase) : parseBinary(file.unprotected.private_key)
  const key = privateKeyOf(seed)
  const publicKey = parseBinary(file.public_key)
  require(equalBytes(spkiOf(key), publicKey), 'key_file_public_key_mismatch', '/public_key')
  return {
    keyId: file.key_id,
    algorithm: 'Ed25519',
    publicKey,
    sign: async (message) => new Uint8Array(sign(null, message, key)),
  }
}

function parseKeyFile(bytes: Uint8Array): KeyFile {
  const file = readShape(keyFile, parseJson(bytes).value)
  if (file.protected === undefined && file.unprotected === undefined) throw new Refusal('key_file_protection_missing')
  if (file.protected !== undefined && file.unprotected !== undefined) throw new Refusal('key_file_protection_duplicate')
  return file
}

type OpenMembers = Pick<KeyFile, 'type' | 'key_id' | 'algorithm' | 'public_key'>

async function protect(open: OpenMembers, seed: Uint8Array, passphrase: string) {
  const salt = randomBytes(saltOctets)
  const nonce = randomBytes(nonceOctets)
  const { key, check } = await derive(passphrase, salt, cost)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(canonicalBytes(authenticated(open)))
  const ciphertext = concatBytes(cipher.update(seed), cipher.final(), cipher.getAuthTag())
  return {
    kdf: 'scrypt',
    n: cost,
    r: blockSize,
    p: parallelization,
    salt: encodeBinary(salt),
    check: encodeBinary(check),
    cipher: 'AES-256-GCM',
    nonce: encodeBinary(nonce),
    ciphertext: encodeBinary(ciphertext),
  } as const
}

async function unprotect(file: KeyFile, passphrase: string | null): Promise<Uint8Array> {
  const { n, salt, check, nonce, ciphertext } = file.protected!
  if (passphrase === null || passphrase === '') throw new Refusal('key_file_passphrase_missing', '/protected')
  const derived = await derive(passphrase, parseBinary(salt), n)
  require(equalBytes(derived.check, parseBinary(check)), 'key_file_passphrase_mismatch', '/protected/check')
  const octets = parseBinary(ciphertext)
  const cipher = createDecipheriv('aes-256-gcm', derived.key, parseBinary(nonce))
    .setAAD(canonicalBytes(authenticated(file)))
    .setAuthTag(octets.subarray(seedOctets))
  try {
    return concatBytes(cipher.update(octets.subarray(0, seedOctets)), cipher.final())
  } catch {
    throw new Refusal('key_file_ciphertext_invalid', '/protected/ciphertext')
  }
}

/** The members in the open are under the tag: nobody renames a key, or puts another public key beside it. */
function authenticated({ type, key_id, algorithm, public_key }: OpenMembers): JsonObject {
  return { type, key_id, algorithm, public_key }
}

async function derive(passphrase: string, salt: Uint8Array, n: number) {
  const secret = utf8Encode(passphrase.normalize('NFC'))
  const options = { N: n, r: blockSize, p: parallelization, maxmem: 256 * n * blockSize }
  const octets = await new Promise<Buffer>((resolve, reject) =>
    scrypt(secret, salt, 32 + checkOctets, options, (error, made) => (error === null ? resolve(made) : reject(error))),
  )
  return { key: octets.subarray(0, 32), check: new Uint8Array(octets.subarray(32)) }
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(concatBytes(pkcs8Prefix, seed)), format: 'der', type: 'pkcs8' })
}

function spkiOf(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }))
}
