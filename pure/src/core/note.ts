import { decodeBase64, encodeBase64 } from './base64.js'
import { concatBytes, utf8Decode, utf8Encode } from './bytes.js'
import { cosignatureAlgorithm, decodeTimestampedSignature, verifyCosignature } from './cosignature.js'
import { sha256 } from './digest.js'
import { decodeHex, encodeHex } from './hex.js'
import { ed25519FromRaw, type PublicKey } from './public-key.js'
import { into, Refusal, require } from './refusal.js'
import { verifySignature } from './signature.js'

/**
 * C2SP signed notes: a text and the lines of those who signed it. Supported keys: Ed25519 (0x01) and timestamped Ed25519
 * cosignatures (0x04); lines of any other key are ignored, as the specification demands.
 */

/** The signature type octet of an Ed25519 note key. */
export const noteAlgorithm = 0x01

const keyIdOctets = 4
const keyOctets = 32
const maxVerifierKeyLength = 1024
// Room for 64 post-quantum signatures of 5 kB in base64.
const maxNoteOctets = 512 * 1024
const maxSignatures = 64

/** A key that the reader of a note trusts. Name and key id together find its lines; the id alone identifies nothing. */
export interface VerifierKey {
  readonly name: string
  readonly keyId: number
  readonly algorithm: typeof noteAlgorithm | typeof cosignatureAlgorithm
  readonly publicKey: PublicKey
}

/** One signature line; `signature` is what stands behind the key id: 64 octets (0x01), or 8 of time and 64 (0x04). */
export interface NoteSignature {
  readonly name: string
  readonly keyId: number
  readonly signature: Uint8Array
}

/** A note as read: nothing in it is verified. `text` ends in a newline. */
export interface Note {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A note of which at least one trusted key signed the text. `verified` names the keys that did, each once, in order. */
export interface VerifiedNote {
  readonly text: string
  readonly verified: readonly string[]
}

/**
 * Reads `name+hex(key id)+base64(type || key)`.
 *
 * @throws Refusal verifier_key_malformed, verifier_key_algorithm_unsupported, verifier_key_id_mismatch, or what base64
 *   and the public key say
 */
export function parseVerifierKey(vkey: string, at = ''): VerifierKey {
  // Key material in base64 may hold a plus; a name and a key id cannot.
  const match = vkey.length <= maxVerifierKeyLength ? /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(vkey) : null
  if (match === null || !isKeyName(match[1]!)) throw new Refusal('verifier_key_malformed', at)
  const [algorithm, ...raw] = decodeBase64(match[3]!, at)
  const known = algorithm === noteAlgorithm || algorithm === cosignatureAlgorithm
  if (!known) throw new Refusal('verifier_key_algorithm_unsupported', at)
  require(raw.length === keyOctets, 'verifier_key_malformed', at)
  const key = Uint8Array.from(raw)
  const keyId = keyIdOf(match[1]!, algorithm, key)
  require(keyId === readUint32(decodeHex(match[2]!, at)), 'verifier_key_id_mismatch', at)
  return { name: match[1]!, keyId, algorithm, publicKey: ed25519FromRaw(key, at) }
}

/**
 * Writes a verifier key.
 *
 * @param rawEd25519 - the 32 octets of RFC 8032
 * @throws Refusal verifier_key_malformed for a name that notes cannot hold, or a key of another length
 */
export function formatVerifierKey(name: string, rawEd25519: Uint8Array, type: VerifierKey['algorithm']): string {
  require(isKeyName(name) && rawEd25519.length === keyOctets, 'verifier_key_malformed')
  const keyId = uint32(keyIdOf(name, type, rawEd25519))
  return `${name}+${encodeHex(keyId)}+${encodeBase64(concatBytes(Uint8Array.of(type), rawEd25519))}`
}

/**
 * Reads a note without believing it.
 *
 * @throws Refusal note_too_large, note_encoding_malformed, note_character_unsupported, note_signature_missing,
 *   note_signature_malformed, note_signature_count_too_large, or what base64 says
 */
export function parseNote(note: Uint8Array | string, at = ''): Note {
  const whole = noteText(note, at)
  const end = whole.lastIndexOf('\n\n')
  require(end !== -1 && end + 2 < whole.length, 'note_signature_missing', at)
  require(whole.endsWith('\n'), 'note_signature_malformed', at)
  const lines = whole.slice(end + 2, -1).split('\n')
  require(lines.length <= maxSignatures, 'note_signature_count_too_large', at)
  const signatures = lines.map((line, i) => parseSignatureLine(line, into(into(at, 'signatures'), i)))
  return { text: whole.slice(0, end + 1), signatures }
}

/**
 * Writes a note.
 *
 * @throws Refusal note_text_malformed for a text without a last newline, and as `parseNote` for what it would not read
 */
export function formatNote(text: string, signatures: readonly NoteSignature[]): string {
  require(text.endsWith('\n'), 'note_text_malformed')
  require(signatures.length > 0, 'note_signature_missing')
  require(signatures.length <= maxSignatures, 'note_signature_count_too_large')
  const note = `${text}\n${signatures.map(noteSignatureLine).join('')}`
  return noteText(note, '')
}

/** `— name base64(key id || signature)` and a newline. */
export function noteSignatureLine({ name, keyId, signature }: NoteSignature): string {
  require(isKeyName(name) && signature.length > 0, 'note_signature_malformed')
  return `— ${name} ${encodeBase64(concatBytes(uint32(keyId), signature))}\n`
}

/**
 * Establishes that keys which the caller trusts signed the text. A note that carries a broken signature of a trusted key
 * is refused as a whole, however many others verify: somebody tampered with it.
 *
 * @throws Refusal as `parseNote`; note_signature_invalid, note_signature_unknown if none is by a key in `vkeys`,
 *   and the cosignature codes for a broken timestamp
 * @see C2SP signed-note, section Signatures
 */
export function verifyNote(note: Uint8Array | string, vkeys: readonly VerifierKey[], at = ''): VerifiedNote {
  const { text, signatures } = parseNote(note, at)
  const verified = new Set<string>()
  for (const [i, line] of signatures.entries()) {
    const key = vkeys.find(({ name, keyId }) => name === line.name && keyId === line.keyId)
    if (key === undefined) continue
    const where = into(into(at, 'signatures'), i)
    require(verifyLine(key, text, line.signature, where), 'note_signature_invalid', where)
    verified.add(key.name)
  }
  require(verified.size > 0, 'note_signature_unknown', at)
  return { text, verified: [...verified] }
}

function verifyLine(key: VerifierKey, text: string, octets: Uint8Array, at: string): boolean {
  if (key.algorithm === noteAlgorithm) return verifySignature(key.publicKey, utf8Encode(text), octets) === 'valid'
  const { timestamp, signature } = decodeTimestampedSignature(octets, at)
  return verifyCosignature(key, text, timestamp, signature)
}

function parseSignatureLine(line: string, at: string): NoteSignature {
  const match = /^— ([^ ]+) ([^ ]+)$/u.exec(line)
  if (match === null || !isKeyName(match[1]!)) throw new Refusal('note_signature_malformed', at)
  const octets = decodeBase64(match[2]!, at)
  require(octets.length > keyIdOctets, 'note_signature_malformed', at)
  return { name: match[1]!, keyId: readUint32(octets), signature: octets.slice(keyIdOctets) }
}

/** The note as text: bounded, UTF-8, and without control characters below U+0020 other than newline. */
function noteText(note: Uint8Array | string, at: string): string {
  require(note.length <= maxNoteOctets, 'note_too_large', at)
  const octets = typeof note === 'string' ? utf8Encode(note) : note
  require(octets.length <= maxNoteOctets, 'note_too_large', at)
  require(!octets.some((octet) => octet < 0x20 && octet !== 0x0a), 'note_character_unsupported', at)
  return utf8Decode(octets, at)
}

/** Key names are not empty and hold neither Unicode spaces, nor a plus, nor what a note cannot hold. */
function isKeyName(name: string): boolean {
  const printable = [...name].every((character) => character > ' ')
  return name !== '' && printable && !/[\p{White_Space}\p{Cs}+]/u.test(name)
}

/** key id = SHA-256(name || 0x0A || type || public key)[:4], big-endian. */
function keyIdOf(name: string, algorithm: number, key: Uint8Array): number {
  return readUint32(sha256(concatBytes(utf8Encode(`${name}\n`), Uint8Array.of(algorithm), key)))
}

function readUint32(octets: Uint8Array): number {
  return new DataView(octets.buffer, octets.byteOffset).getUint32(0)
}

function uint32(value: number): Uint8Array {
  const octets = new Uint8Array(4)
  new DataView(octets.buffer).setUint32(0, value)
  return octets
}
