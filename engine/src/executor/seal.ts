import { encodeBinary } from '@countersign/pure/core/digest'
import { type Sealed, sealMessage } from '@countersign/pure/ep/sealed'
import type { Signer } from '../ports/signer.js'

/** The key of this executor and the name under which its leaf holds it. */
export interface ExecutorKey {
  readonly keyId: string
  readonly signer: Signer
}

/** Seals a body with the one key of this executor (EP-ENC-9). */
export async function seal<B>(body: B, { keyId, signer }: ExecutorKey): Promise<Sealed<B>> {
  const signature = encodeBinary(await signer.sign(sealMessage(body)))
  return { body, signatures: [{ key_id: keyId, signature }] }
}
