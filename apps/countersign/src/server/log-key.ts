import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type NamedSigner, newKeyFile, openKeyFile } from '@countersign/adapters/keys/key-file'
import type { LogKey } from '@countersign/engine/log/signed-checkpoint'
import { formatVerifierKey, noteAlgorithm } from '@countersign/pure/core/note'
import { writeNew } from '../cli/write-new.js'

/** The key that signs checkpoints, and what relying parties pin for it. */
export interface OpenLogKey extends LogKey {
  readonly signer: NamedSigner
}

const keyName = 'log.key'
const vkeyName = 'log.vkey'

/**
 * Opens the log key of a data folder, making it at the first start. Beside it stands `log.vkey`, the line to give to others.
 *
 * @param segment - the last segment of the organization's id, which names the key
 * @param passphrase - null: the key file has no protection but its permissions
 * @throws Refusal key_file_...
 */
export async function openLogKey(
  folder: string,
  origin: string,
  segment: string,
  passphrase: string | null,
): Promise<OpenLogKey> {
  const path = join(folder, keyName)
  const bytes = (await readIfThere(path)) ?? (await makeKey(path, segment, passphrase))
  const signer = await openKeyFile(bytes, passphrase)
  // The last 32 octets of the SPKI are the key as RFC 8032 writes it.
  const vkey = formatVerifierKey(origin, signer.publicKey.subarray(-32), noteAlgorithm)
  // Dying before this leaves no vkey file: the next start writes it, from the key.
  if ((await readIfThere(join(folder, vkeyName))) === null) await writeNew(join(folder, vkeyName), `${vkey}\n`)
  return { signer, vkey, logKeyId: logKeyIdOf(segment, vkey) }
}

/** A key's id follows from its vkey, so that everyone who is given the line names it alike. */
export function logKeyIdOf(segment: string, vkey: string): string {
  return `ep:log:${segment}#${vkey.split('+')[1]!}`
}

async function makeKey(path: string, segment: string, passphrase: string | null): Promise<Uint8Array> {
  const { bytes } = await newKeyFile((fingerprint) => `ep:key:${segment}#log-${fingerprint.slice(0, 16)}`, passphrase)
  // Dying while this is written leaves a torn file that no start can open: nothing was signed yet, it may be removed.
  await writeNew(path, bytes)
  return bytes
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
