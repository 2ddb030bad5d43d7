import { keyFingerprint, newKeyFile } from '@countersign/adapters/keys/key-file'
import { encodeBinary } from '@countersign/pure/core/digest'
import { readShape } from '@countersign/pure/core/shape'
import { keyId } from '@countersign/pure/ep/identifier'
import { type Command, InvalidArgumentError } from 'commander'
import { Stop } from './exit.js'
import { askNewPassphrase } from './passphrase.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'
import { writeNew } from './write-new.js'

export interface NewKeyOptions {
  readonly out: string
  readonly keyId?: string
  readonly passphraseFile?: string
  /** False after `--no-passphrase`. */
  readonly passphrase: boolean
}

/** `keygen`: a new Ed25519 key in a file. */
export function addKeygen(program: Command, terminal: Terminal): void {
  const command = program
    .command('keygen')
    .description('make an Ed25519 key in a file, under a passphrase')
    .option('--key-id <id>', 'its name, ep:key:NAME#N; made from its fingerprint if absent', parseKeyId)
  newKeyOptions(command).action(async (options: NewKeyOptions) => {
    const header = await makeKey(options, terminal)
    terminal.out(`key id      ${header.keyId}\n`)
    terminal.out(`public key  ${encodeBinary(header.publicKey)}\n`)
    terminal.out(`fingerprint ${keyFingerprint(header.publicKey)}\n`)
  })
}

/** The options of every command that makes a key. */
export function newKeyOptions(command: Command): Command {
  return command
    .requiredOption('--out <file>', 'the key file to make; it must not exist')
    .option('--passphrase-file <file>', 'read the passphrase from a file instead of asking')
    .option('--no-passphrase', 'leave the key unprotected: whoever reads the file has the key')
}

/** Makes a key file and answers with what stands in it in the open. */
export async function makeKey(options: NewKeyOptions, terminal: Terminal, what = 'new key') {
  if (!options.passphrase && options.passphraseFile !== undefined)
    throw new Stop('--passphrase-file and --no-passphrase exclude each other')
  const passphrase = options.passphrase ? await askNewPassphrase(what, options.passphraseFile, terminal) : null
  const name = options.keyId ?? ((fingerprint: string) => `ep:key:key-${fingerprint.slice(0, 16)}#1`)
  const { bytes, header } = await newKeyFile(name, passphrase)
  await writeNew(options.out, bytes)
  if (passphrase === null) terminal.err(`countersign: ${visible(options.out)} is not protected by a passphrase\n`)
  return header
}

export function parseKeyId(given: string): string {
  try {
    return readShape(keyId, given)
  } catch {
    throw new InvalidArgumentError('a key id looks like ep:key:alice#1')
  }
}
