import type { DirectoryEntry } from '@countersign/pure/ep/directory-leaf'
import { type Command, Option } from 'commander'
import { parseAt } from '../instant.js'
import type { Terminal } from '../terminal.js'
import { edit, ended } from './edit.js'
import { type FolderOptions, folderOption, openFolder } from './open.js'

interface RevokeOptions extends FolderOptions {
  readonly at?: number
  readonly compromisedAt?: number
  readonly keyId?: string
}

/** `org NOUN revoke ID`: ends every entry of this name; the same for all kinds. */
export function addRevoke(
  noun: Command,
  terminal: Terminal,
  parseId: (given: string) => string,
  idOf: (entry: DirectoryEntry) => string | undefined,
): void {
  const command = noun
    .command('revoke')
    .description('end an entry, or say since when its key is compromised')
    .argument('<id>', 'its identifier', parseId)
    .option('--at <instant>', 'when it ends; now if absent, not before the newest head', parseAt)
    .addOption(new Option('--key-id <id>', 'only the entry with this key'))
    .option('--compromised-at <instant>', 'from when on its signatures count no longer; cannot be taken back', parseAt)
  folderOption(command).action(async (id: string, options: RevokeOptions) => {
    const folder = await openFolder(options.folder)
    const matches = (entry: DirectoryEntry) =>
      idOf(entry) === id && (options.keyId === undefined || ('key_id' in entry && entry.key_id === options.keyId))
    await edit(folder, ended(folder, matches, options, terminal.now()), folder.next.policies, terminal)
  })
}
