import { roles } from '@countersign/adapters/http/route'
import type { Store } from '@countersign/engine/ports/store'
import { type Command, Option } from 'commander'
import { createApiKey, listApiKeys, revokeApiKey } from '../server/api-keys.js'
import { organizationOption, readOrganization } from './organization-option.js'
import type { Terminal } from './terminal.js'
import { writeNew } from './write-new.js'

interface DataOptions {
  readonly data: string
  readonly organization?: string
}

/** `apikey`: who may call the server. Runs on the server's machine, over its data folder; the server may be running. */
export function addApiKey(program: Command, terminal: Terminal): void {
  const noun = program.command('apikey').description('API keys of a server, over its data folder')
  dataOptions(noun.command('create').description('make an API key; it is shown once'))
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
    .option('--subject <id>', 'the entity, approver or executor that it is bound to')
    .option('--out <file>', 'write the key to a new file instead of printing it')
    .action(async (options: DataOptions & { role: string; subject?: string; out?: string }) => {
      const { key, keyId } = await overStore(options, (store, organization) =>
        createApiKey(store, organization, options.role, options.subject, terminal.now()),
      )
      if (options.out === undefined) terminal.out(`${key}\n`)
      else await writeNew(options.out, `${key}\n`)
      terminal.err(`API key ${keyId} (${options.role}${options.subject === undefined ? '' : `, ${options.subject}`})\n`)
    })
  dataOptions(noun.command('revoke').description('end an API key at once').argument('<id>', 'as listed')).action(
    async (id: string, options: DataOptions) => {
      await overStore(options, (store, organization) => revokeApiKey(store, organization, id, terminal.now()))
      terminal.out(`API key ${id} is revoked.\n`)
    },
  )
  dataOptions(noun.command('list').description('list API keys; secrets are not kept')).action(
    async (options: DataOptions) => {
      const keys = await overStore(options, listApiKeys)
      for (const { keyId, role, subject, createdAt, revokedAt } of keys)
        terminal.out(
          `${keyId}  ${role}${subject === undefined ? '' : ` ${subject}`}  ${createdAt}${revokedAt === null ? '' : `  revoked ${revokedAt}`}\n`,
        )
    },
  )
}

function dataOptions(command: Command): Command {
  return organizationOption(command).requiredOption('--data <dir>', 'the data folder of the server')
}

async function overStore<T>(
  options: DataOptions,
  work: (store: Store, organization: string) => Promise<T>,
): Promise<T> {
  const organization = await readOrganization(options.organization, options.data)
  // Loaded here: the database's driver costs every other command its start.
  const { openDatabase } = await import('../server/data-folder.js')
  const store = await openDatabase(options.data)
  try {
    return await work(store, organization)
  } finally {
    await store.close()
  }
}
