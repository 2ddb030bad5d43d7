import { equalBytes } from '@countersign/pure/core/bytes'
import { encodeBinary, hashJson } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import type { JsonObject } from '@countersign/pure/core/json'
import type { Command } from 'commander'
import { changeWords } from '../../organization/change-words.js'
import { saveDraft, savePins } from '../../organization/folder.js'
import { requireYes } from '../confirm.js'
import { exit, Stop } from '../exit.js'
import { openKey, readPublicKey } from '../open-key.js'
import { seal } from '../signing.js'
import type { Terminal } from '../terminal.js'
import { visible } from '../visible.js'
import { type FolderOptions, folderOption, openFolder } from './open.js'

interface AttestOptions extends FolderOptions {
  readonly key: string
  readonly passphraseFile?: string
  readonly yes?: true
}

/** `org administrator add` and `org attest`: a second party for every new entry (EP-DIR-3). */
export function addAttest(org: Command, terminal: Terminal): void {
  const noun = org.command('administrator').description('second parties who attest every new entry')
  const add = noun
    .command('add')
    .description('pin an administrator’s key')
    .requiredOption('--key <file>', 'their key file, of which the public key is taken')
    .requiredOption('--required <m>', 'how many administrators must attest each entry from now on')
  folderOption(add).action(async (options: FolderOptions & { key: string; required: string }) => {
    const { files, pins } = await openFolder(options.folder)
    const { keyId, publicKey } = await readPublicKey(options.key)
    const keys = [...pins.administrators.keys, { key_id: keyId, public_key: encodeBinary(publicKey) }]
    const changed = { ...pins, administrators: { m: Number(options.required), keys } }
    await savePins(files, changed)
    terminal.out(`${keyId} is an administrator; ${options.required} must attest each new entry.\n`)
    terminal.out('Relying parties and the server learn it from a new trust file and new pins.\n')
  })

  const attest = org
    .command('attest')
    .description('as an administrator, attest the new entries that wait for the next head')
    .requiredOption('--key <file>', 'your key file')
    .option('--passphrase-file <file>', 'read the passphrase from a file instead of asking')
    .option('--yes', 'do not ask: you have read what is shown')
  folderOption(attest).action(async (options: AttestOptions) => {
    const folder = await openFolder(options.folder)
    const { keyId, publicKey } = await readPublicKey(options.key)
    const pinned = folder.group.administrators.get(keyId)
    if (pinned === undefined || !equalBytes(pinned.key.spki, publicKey))
      throw new Stop(`${keyId} is not an administrator of ${folder.pins.organization}`, exit.refused)
    const signed = folder.snapshot?.leaves.length ?? 0
    const waiting = folder.next.leaves.flatMap((leaf, leaf_index) => {
      const attested = leaf.attestations.some(({ signatures }) => signatures.some(({ key_id }) => key_id === keyId))
      return leaf_index >= signed && !attested ? [{ leaf_index, leaf }] : []
    })
    if (waiting.length === 0) throw new Stop('no new entry waits for your attestation')
    for (const line of changeWords([], waiting, folder.next.policies)) terminal.out(`${visible(line)}\n`)
    await requireYes(`Attest ${waiting.length === 1 ? 'this entry' : 'these entries'}?`, options.yes, terminal)
    const signer = await openKey(options.key, options.passphraseFile, terminal)
    const leaves = [...folder.next.leaves]
    for (const { leaf_index, leaf } of waiting) {
      const body = {
        type: 'ep.attestation.v1',
        directory_id: folder.pins.directory.directory_id,
        entry_hash: hashJson(leaf.entry as unknown as JsonObject),
        head_hash: folder.headHash,
        at: formatInstant(terminal.now()),
      } as const
      leaves[leaf_index] = { ...leaf, attestations: [...leaf.attestations, await seal(body, [signer])] }
    }
    await saveDraft(folder, leaves, folder.next.policies)
    terminal.out(`${waiting.length} attested by ${keyId}.\n`)
  })
}
