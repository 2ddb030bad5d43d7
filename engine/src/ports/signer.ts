/** Holds a private key somewhere (a file, a token) and signs with it. */
export interface Signer {
  readonly algorithm: 'Ed25519' | 'ES256'
  /** SPKI DER, 44 or 91 octets. */
  readonly publicKey: Uint8Array
  /** Ed25519: 64 octets over `message`. ES256: r || s, 64 octets, over SHA-256(message). */
  sign(message: Uint8Array): Promise<Uint8Array>
}
