/**
 * The only place where two platforms differ: `node:crypto` on Node for speed, the noble libraries elsewhere.
 * Both leaves are synchronous, answer the same on every input, and run over every vector. All checks of form
 * (SPKI prefix, point encoding, small order, strict DER, lengths) stand before the leaf, in shared code.
 */
export interface CryptoLeaf {
  /** SHA-256 of `data`: 32 octets. */
  sha256(data: Uint8Array): Uint8Array
  /** SHA-256 of the UTF-8 of `text`, which has no lone surrogate. */
  sha256Text(text: string): Uint8Array
  /** The same as 64 lowercase hex digits. */
  sha256HexOfText(text: string): string
  /** A key handle from 32 raw octets, already checked to be a canonical point of large order. */
  importEd25519(raw: Uint8Array): KeyHandle
  /** A key handle from 64 octets x || y; undefined if the point is not on P-256. */
  importP256(xy: Uint8Array): KeyHandle | undefined
  /** Cofactorless Ed25519 (RFC 8032): R is compared octet for octet. `signature` has 64 octets. */
  verifyEd25519(key: KeyHandle, message: Uint8Array, signature: Uint8Array): boolean
  /**
   * ECDSA over SHA-256(message); `signature` is r || s, 64 octets; high s is accepted. `der`: the same signature in strict DER, where it
   * came so; a leaf takes the form that it likes better.
   */
  verifyP256(key: KeyHandle, message: Uint8Array, signature: Uint8Array, der?: Uint8Array): boolean
}

/** Opaque: only the leaf that made it reads it. */
export type KeyHandle = { readonly __leaf: unknown }
