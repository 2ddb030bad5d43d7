import { basename, dirname } from 'node:path'
import { keyFingerprint } from '@countersign/adapters/keys/key-file'
import { folderFiles } from '@countersign/adapters/storage/files'
import { replaceFile } from '@countersign/engine/ports/durable-file'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { parseInstant } from '@countersign/pure/core/instant'
import type { Command } from 'commander'
import type { OrganizationFolder } from '../../organization/folder.js'
import { formatPins } from '../../organization/pins.js'
import { logKeyIdOf } from '../../server/log-key.js'
import { type OrganizationFile, trustFileOf } from '../../server/organization-file.js'
import { Stop } from '../exit.js'
import { segmentOf } from '../identifiers.js'
import { reason } from '../input.js'
import type { Terminal } from '../terminal.js'
import { readVerifierKey } from '../verifier-key.js'
import { visible } from '../visible.js'
import { type FolderOptions, folderOption, openFolder } from './open.js'

interface OutOptions extends FolderOptions {
  readonly out?: string
}

/** `org trust` and `org public`: what others pin. Both come from the organization's own folder, never from a server. */
export function addTrust(org: Command, terminal: Terminal): void {
  const trust = org
    .command('trust')
    .description('make the trust file for those who verify receipts')
    .requiredOption('--log-vkey <vkey...>', 'the log’s verifier key as the operator gave it, or the file with it')
    .option('--out <file>', 'where to write it; stdout if absent')
  folderOption(trust).action(async (options: OutOptions & { logVkey: string[] }) => {
    const folder = await openFolder(options.folder)
    const segment = segmentOf(folder.pins.organization)
    const logKeys = await Promise.all(options.logVkey.map(readVerifierKey))
    const bytes = trustFileOf(
      formatPins(withCompromised(folder)),
      logKeys.map(({ vkey }) => ({ log_key_id: logKeyIdOf(segment, vkey), vkey })),
    )
    for (const { key } of logKeys)
      terminal.err(`log key ${visible(key.name)} ${keyFingerprint(key.publicKey.spki)}: compare it with the operator\n`)
    await give(
      utf8Encode(`${JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), null, 2)}\n`),
      options,
      terminal,
    )
  })

  const pins = org
    .command('public')
    .description('make the public pins that the server needs')
    .option('--out <file>', 'where to write them; stdout if absent')
  folderOption(pins).action(async (options: OutOptions) => {
    await give(formatPins(withCompromised(await openFolder(options.folder))), options, terminal)
  })
}

/** A key that the directory calls compromised is known offline from the trust file only, from the earliest instant said (EP-DIR-6). */
function withCompromised({ pins, snapshot }: OrganizationFolder): OrganizationFile {
  const from = new Map(pins.compromised.map((one) => [one.public_key, one.compromised_at]))
  for (const { entry, status } of snapshot?.leaves ?? []) {
    if (status.compromised_at === null || !('public_key' in entry) || entry.public_key === undefined) continue
    const known = from.get(entry.public_key)
    if (known === undefined || parseInstant(status.compromised_at) < parseInstant(known))
      from.set(entry.public_key, status.compromised_at)
  }
  return { ...pins, compromised: [...from].map(([public_key, compromised_at]) => ({ public_key, compromised_at })) }
}

async function give(bytes: Uint8Array, { out }: OutOptions, terminal: Terminal): Promise<void> {
  if (out === undefined) return terminal.out(new TextDecoder().decode(bytes))
  try {
    await replaceFile(folderFiles(dirname(out)), basename(out), bytes)
  } catch (cause) {
    throw new Stop(`${visible(out)} cannot be written: ${reason(cause)}`)
  }
}
