import { hashJson, parseBinary, parseHash, sha256 } from '@countersign/pure/core/digest'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import { parsePublicKey } from '@countersign/pure/core/public-key'
import { verifySignature } from '@countersign/pure/core/signature'
import { denialEnvelope } from '@countersign/pure/ep/signoff'

/** Whether a signature by this key covers the digest of this object. */
export function covers(publicKey: string, signature: string, object: JsonObject): boolean {
  const digest = sha256(canonicalBytes(object))
  return verifySignature(parsePublicKey(parseBinary(publicKey)), digest, parseBinary(signature)) === 'valid'
}

/** Whether it covers this very digest: what an oracle would sign. */
export function coversHash(publicKey: string, signature: string, hash: string): boolean {
  return verifySignature(parsePublicKey(parseBinary(publicKey)), parseHash(hash), parseBinary(signature)) === 'valid'
}

/** The envelope of a denial as the operator got it. */
export function envelopeOf(context: JsonObject, reason: string | undefined): JsonObject {
  return denialEnvelope(hashJson(context), reason)
}

/** Whether an action stands on the screen: every plain value under its name, once, so that nothing passes for it. */
export function isShown(screen: string, action: JsonObject): boolean {
  const { system, resource } = action['target'] as JsonObject
  const plain: readonly Shown[] = [
    ['action', String(action['action_type'])],
    ['system', String(system)],
    ['resource', JSON.stringify(resource)],
    ...leaves(action['parameters']!, '/parameters').filter((pair) => pair.every((text) => /^[!-[\]-~]+$/.test(text))),
  ]
  return plain.every(([name, value]) => standsOnce(screen, name, value))
}

type Shown = readonly [name: string, value: string]

function standsOnce(screen: string, name: string, value: string): boolean {
  const lines = screen.split('\n').filter((line) => line.startsWith(`  ${name} `))
  return lines.length === 1 && lines[0]!.endsWith(` ${value}`)
}

function leaves(value: JsonValue, at: string): Shown[] {
  if (typeof value !== 'object' || value === null) return [[at, JSON.stringify(value)]]
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, `${at}/${name}`))
}
