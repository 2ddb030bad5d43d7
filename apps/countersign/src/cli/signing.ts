import type { NamedSigner } from '@countersign/adapters/keys/key-file'
import { digestJson, encodeBinary, hashJson } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { type Infer, readShape } from '@countersign/pure/core/shape'
import { request } from '@countersign/pure/ep/action'
import { type AuthorizationContext, authorizationContext } from '@countersign/pure/ep/context'
import { directoryHeadBody } from '@countersign/pure/ep/directory-head'
import { attestationBody } from '@countersign/pure/ep/directory-leaf'
import { possessionBody } from '@countersign/pure/ep/possession'
import { type Sealed, sealMessage } from '@countersign/pure/ep/sealed'
import { denialEnvelope, denialReason } from '@countersign/pure/ep/signoff'

// EP-KEY-U: no signing oracle. These are all the objects that this program ever signs with a key file. Each is built
// or recomputed here from its members and checked against its closed shape; none is a digest that somebody handed in.
const sealable = {
  'ep.directory_head.v1': directoryHeadBody,
  'ep.attestation.v1': attestationBody,
  'ep.possession.v1': possessionBody,
  'ep.request.v1': request,
}

export type Sealable = { [T in keyof typeof sealable]: Infer<(typeof sealable)[T]> }[keyof typeof sealable]

/** Seals one of the bodies that are on the list, by one or several keys (EP-ENC-9). */
export async function seal<B extends Sealable>(body: B, signers: readonly NamedSigner[]): Promise<Sealed<B>> {
  readShape<unknown>(sealable[body.type], body as unknown as JsonObject)
  const message = sealMessage(body)
  const signatures = await Promise.all(
    signers.map(async (signer) => ({ key_id: signer.keyId, signature: encodeBinary(await signer.sign(message)) })),
  )
  return { body, signatures: signatures.sort((a, b) => (a.key_id < b.key_id ? -1 : 1)) }
}

/** An approver's signature over one context: its hash is made here. */
export async function signContext(context: AuthorizationContext, signer: NamedSigner) {
  readShape(authorizationContext, context as unknown as JsonObject)
  const digest = digestJson(context as unknown as JsonObject)
  return {
    context_hash: hashJson(context as unknown as JsonObject),
    signature: encodeBinary(await signer.sign(digest)),
    approver_key_id: signer.keyId,
  }
}

/** An approver's signature over the denial of one context (EP-SIG-2). */
export async function signDenial(context: AuthorizationContext, reason: string | undefined, signer: NamedSigner) {
  readShape(authorizationContext, context as unknown as JsonObject)
  if (reason !== undefined) readShape(denialReason, reason)
  const contextHash = hashJson(context as unknown as JsonObject)
  const digest = digestJson(denialEnvelope(contextHash, reason))
  return {
    context_hash: contextHash,
    decision: 'denied' as const,
    ...(reason === undefined ? {} : { reason }),
    signature: encodeBinary(await signer.sign(digest)),
    approver_key_id: signer.keyId,
  }
}
