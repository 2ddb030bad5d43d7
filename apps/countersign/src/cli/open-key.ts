import {
  type KeyFileHeader,
  type NamedSigner,
  openKeyFile,
  readKeyFileHeader,
} from '@countersign/adapters/keys/key-file'
import { attempt } from '@countersign/pure/core/outcome'
import { Refusal } from '@countersign/pure/core/refusal'
import { Stop } from './exit.js'
import { readFileInput } from './input.js'
import { askPassphrase } from './passphrase.js'
import { refusalLine } from './refusals.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'

/** Opens a key file, asking for its passphrase if it has one. @throws Stop that names the file and the code */
export async function openKey(
  path: string,
  passphraseFile: string | undefined,
  terminal: Terminal,
): Promise<NamedSigner> {
  const bytes = await readFileInput(path)
  const { keyId, protected: isProtected } = headerOf(bytes, path)
  const passphrase = isProtected ? await askPassphrase(`The passphrase of ${keyId}`, passphraseFile, terminal) : null
  try {
    return await openKeyFile(bytes, passphrase)
  } catch (error) {
    if (error instanceof Refusal) throw new Stop(`the key file ${visible(path)}: ${refusalLine(error)}`)
    throw error
  }
}

/** What a key file says in the open: its id and public key. @throws Stop */
export async function readPublicKey(path: string): Promise<KeyFileHeader> {
  return headerOf(await readFileInput(path), path)
}

function headerOf(bytes: Uint8Array, path: string): KeyFileHeader {
  const header = attempt(() => readKeyFileHeader(bytes))
  if (!header.ok) throw new Stop(`the key file ${visible(path)}: ${refusalLine(header.failure)}`)
  return header.value
}
