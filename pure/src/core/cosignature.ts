import { concatBytes, utf8Encode } from './bytes.js'
import type { PublicKey } from './public-key.js'
import { Refusal, require } from './refusal.js'
import { verifySignature } from './signature.js'

/**
 * C2SP tlog-cosignature, the Ed25519 type (0x04): a witness states that at `timestamp` this checkpoint was the largest
 * tree of its log that it had seen, consistent with all before. It states nothing about the entries.
 * Not supported: ML-DSA-44 (0x06), whose lines count as signatures of unknown keys.
 */

/** The signature type octet of a cosigner's verifier key. */
export const cosignatureAlgorithm = 0x04

const timestampOctets = 8
const signatureOctets = 64

/** `struct { u64 timestamp; opaque ed25519_signature[64] }`, read. `timestamp` is in POSIX seconds. */
export interface TimestampedSignature {
  readonly timestamp: number
  readonly signature: Uint8Array
}

/** The octets that a witness signs: two lines that no note text of a log can begin with, and the whole note text. */
export function cosignatureMessage(timestamp: number, checkpointText: string): Uint8Array {
  return utf8Encode(`cosignature/v1\ntime ${timestamp}\n${checkpointText}`)
}

/**
 * The signature part of a cosigner's note line.
 *
 * @throws Refusal as `decodeTimestampedSignature`
 */
export function encodeTimestampedSignature({ timestamp, signature }: TimestampedSignature): Uint8Array {
  requireTimestamp(timestamp, '')
  require(signature.length === signatureOctets, 'cosignature_malformed')
  const time = new Uint8Array(timestampOctets)
  new DataView(time.buffer).setBigUint64(0, BigInt(timestamp))
  return concatBytes(time, signature)
}

/**
 * Reads the signature part of a cosigner's note line. The draft allows timestamps to 2^63-1; above 2^53-1 a number
 * is not exact in JSON either, and no clock will say it. Zero means "without a timestamp", which a witness must not say.
 *
 * @throws Refusal cosignature_malformed, cosignature_timestamp_missing, cosignature_timestamp_too_large
 */
export function decodeTimestampedSignature(octets: Uint8Array, at = ''): TimestampedSignature {
  require(octets.length === timestampOctets + signatureOctets, 'cosignature_malformed', at)
  const timestamp = Number(new DataView(octets.buffer, octets.byteOffset).getBigUint64(0))
  requireTimestamp(timestamp, at)
  return { timestamp, signature: octets.slice(timestampOctets) }
}

/** Whether this cosigner signed this checkpoint text at this time; false also for a key of another type. */
export function verifyCosignature(
  key: { readonly algorithm: number; readonly publicKey: PublicKey },
  checkpointText: string,
  timestamp: number,
  signature: Uint8Array,
): boolean {
  if (key.algorithm !== cosignatureAlgorithm || !isTimestamp(timestamp)) return false
  return verifySignature(key.publicKey, cosignatureMessage(timestamp, checkpointText), signature) === 'valid'
}

function requireTimestamp(timestamp: number, at: string): void {
  if (timestamp === 0) throw new Refusal('cosignature_timestamp_missing', at)
  require(isTimestamp(timestamp), 'cosignature_timestamp_too_large', at)
}

function isTimestamp(timestamp: number): boolean {
  return Number.isSafeInteger(timestamp) && timestamp > 0
}
