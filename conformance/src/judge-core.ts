import { decodeBase64, decodeBase64Url } from '@countersign/pure/core/base64'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { parseCheckpointText } from '@countersign/pure/core/checkpoint'
import { decodeTimestampedSignature } from '@countersign/pure/core/cosignature'
import { encodeBinary, hashJson, parseBinary, parseHash } from '@countersign/pure/core/digest'
import { decodeHex, encodeHex } from '@countersign/pure/core/hex'
import { parseInstant } from '@countersign/pure/core/instant'
import { canonicalString } from '@countersign/pure/core/jcs'
import { type JsonArray, type JsonObject, parseJson } from '@countersign/pure/core/json'
import { verifyConsistency, verifyInclusion } from '@countersign/pure/core/merkle'
import { parseVerifierKey, verifyNote } from '@countersign/pure/core/note'
import { attempt } from '@countersign/pure/core/outcome'
import { parsePublicKey } from '@countersign/pure/core/public-key'
import { verifySignature, verifySignatureDer } from '@countersign/pure/core/signature'
import { decodeEntryBundle, parseTilePath } from '@countersign/pure/core/tile'
import { verifyAssertion } from '@countersign/pure/core/webauthn-assertion'
import { parseLogEntry } from '@countersign/pure/ep/log-entry'
import { octetsOfCase, type ResolvedCase } from './judge-artifact.js'
import type { Verdict } from './vector-case.js'

/** Judges the parts that artifacts are made of: JSON, encodings, keys, signatures, Merkle proofs, notes, assertions. */
export function judgeCore(one: ResolvedCase): Verdict | undefined {
  const procedure = procedures[one.kind]
  if (procedure === undefined) return undefined
  const read = attempt(() => procedure(one))
  if (!read.ok) return { outcome: 'refused', code: read.failure.code }
  const { refused, ...value } = read.value
  return { outcome: refused === true ? 'refused' : 'satisfied', value }
}

const procedures: Record<string, (one: ResolvedCase) => JsonObject> = {
  json: (one) => {
    const { value } = parseJson(octetsOfCase(one))
    return { canonical: canonicalString(value), hash: hashJson(value) }
  },
  instant: (one) => ({ milliseconds: parseInstant(textOf(one)) }),
  hash: (one) => ({ octets: encodeHex(parseHash(textOf(one))) }),
  binary: (one) => ({ octets: encodeHex(parseBinary(textOf(one))) }),
  hex: (one) => ({ octets: encodeHex(decodeHex(textOf(one))) }),
  base64: (one) => ({ octets: encodeHex(decodeBase64(textOf(one))) }),
  base64url: (one) => ({ octets: encodeHex(decodeBase64Url(textOf(one))) }),
  public_key: (one) => ({ algorithm: parsePublicKey(parseBinary(textOf(one))).algorithm }),
  signature: (one) => {
    const { public_key, message, signature, form } = membersOf(one)
    const key = parsePublicKey(parseBinary(String(public_key)))
    const verify = form === 'der' ? verifySignatureDer : verifySignature
    const verdict = verify(key, parseBinary(String(message)), parseBinary(String(signature)))
    return { verdict, refused: verdict !== 'valid' }
  },
  inclusion: (one) => {
    const { leaf, leaf_index, tree_size, path, root } = membersOf(one)
    const hashes = (path as string[]).map((hash) => parseHash(hash))
    verifyInclusion(parseHash(String(leaf)), leaf_index as number, tree_size as number, hashes, parseHash(String(root)))
    return {}
  },
  consistency: (one) => {
    const { old_size, old_root, new_size, new_root, path } = membersOf(one)
    const hashes = (path as string[]).map((hash) => parseHash(hash))
    const [oldRoot, newRoot] = [parseHash(String(old_root)), parseHash(String(new_root))]
    verifyConsistency(old_size as number, oldRoot, new_size as number, newRoot, hashes)
    return {}
  },
  verifier_key: (one) => {
    const { name, algorithm, publicKey } = parseVerifierKey(textOf(one))
    return { name, algorithm, public_key: encodeBinary(publicKey.spki) }
  },
  note: (one) => {
    const { note, note_b64, vkeys } = membersOf(one)
    const keys = (vkeys as JsonArray).map((vkey) => parseVerifierKey(String(vkey)))
    const octets = note_b64 === undefined ? utf8Encode(String(note)) : decodeBase64Url(String(note_b64))
    const { text, verified } = verifyNote(octets, keys)
    return { text, verified: [...verified] }
  },
  checkpoint: (one) => {
    const { origin, treeSize, rootHash } = parseCheckpointText(textOf(one))
    return { origin, tree_size: treeSize, root_hash: encodeHex(rootHash) }
  },
  cosignature: (one) => ({ timestamp: decodeTimestampedSignature(octetsOfCase(one)).timestamp }),
  tile_path: (one) => ({ ...parseTilePath(textOf(one)) }),
  entry_bundle: (one) => ({ entries: decodeEntryBundle(octetsOfCase(one)).map(encodeHex) }),
  log_entry: (one) => ({ type: parseLogEntry(octetsOfCase(one)).type }),
  webauthn: (one) => {
    const members = membersOf(one)
    const verified = verifyAssertion(
      {
        authenticatorData: parseBinary(String(members['authenticator_data'])),
        clientDataJson: parseBinary(String(members['client_data_json'])),
        signature: parseBinary(String(members['signature'])),
      },
      {
        challenge: parseBinary(String(members['challenge'])),
        key: parsePublicKey(parseBinary(String(members['public_key']))),
        origins: members['origins'] as string[],
        rpId: String(members['rp_id']),
        pinnedRpIds: members['pinned_rp_ids'] as string[],
      },
    )
    return { sign_count: verified.signCount, backup_eligible: verified.backupEligible, backed_up: verified.backedUp }
  },
}

/** What the kinds of this file are, for the README and its test. */
export const coreKinds: readonly string[] = Object.keys(procedures)

function textOf(one: ResolvedCase): string {
  return String(one.input)
}

function membersOf(one: ResolvedCase): JsonObject {
  return one.input as JsonObject
}
