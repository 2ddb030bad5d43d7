import { encodeBinary } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import { executorId, name } from '@countersign/pure/ep/identifier'
import { type Command, Option } from 'commander'
import { identifier, identifiers } from '../identifiers.js'
import { readPublicKey } from '../open-key.js'
import type { Terminal } from '../terminal.js'
import { edit, newLeaf } from './edit.js'
import { type FolderOptions, folderOption, openFolder } from './open.js'
import { addRevoke } from './revoke.js'

interface ExecutorOptions extends FolderOptions {
  readonly system: string[]
  readonly key: string
  readonly class: 'STRONG' | 'STANDARD' | 'BASIC'
}

const parseId = identifier('ep:executor:', executorId)

/** `org executor`: which systems run actions, and with which keys they consume. */
export function addExecutor(org: Command, terminal: Terminal): void {
  const noun = org.command('executor').description('the systems that verify and run actions')
  const add = noun
    .command('add')
    .description('add a key of an executor')
    .argument('<id>', 'ep:executor:NAME', parseId)
    .requiredOption('--system <name...>', 'the systems that it serves', identifiers('', name))
    .requiredOption('--key <file>', 'its key file, of which the public key is taken')
    .addOption(
      new Option('--class <class>', 'how its enforcement can be bypassed at most')
        .choices(['STRONG', 'STANDARD', 'BASIC'])
        .default('STRONG'),
    )
  folderOption(add).action(async (id: string, options: ExecutorOptions) => {
    const folder = await openFolder(options.folder)
    const key = await readPublicKey(options.key)
    const entry = {
      type: 'ep.executor.v1',
      directory_id: folder.pins.directory.directory_id,
      valid_from: formatInstant(terminal.now()),
      executor_id: id,
      key_id: key.keyId,
      public_key: encodeBinary(key.publicKey),
      systems: options.system,
      enforcement_class: options.class,
    } as const
    await edit(folder, [...folder.next.leaves, newLeaf(entry)], folder.next.policies, terminal)
  })
  addRevoke(noun, terminal, parseId, (entry) => (entry.type === 'ep.executor.v1' ? entry.executor_id : undefined))
}
