import { decodeHex } from './hex.js'

// SubjectPublicKeyInfo in DER up to the point: the only two forms taken (EP-ENC-8). RFC 8410, RFC 5480.

/** 32 octets of an Ed25519 point follow: 44 in all. */
export const ed25519SpkiPrefix = decodeHex('302a300506032b6570032100')

/** The octet 04 included, so that 64 octets x || y of an uncompressed P-256 point follow: 91 in all. */
export const p256SpkiPrefix = decodeHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004')

/** The compressed form of a P-256 key, which Node would take: known only to be refused by its own name. */
export const p256CompressedSpkiPrefix = decodeHex('3039301306072a8648ce3d020106082a8648ce3d030107032200')
