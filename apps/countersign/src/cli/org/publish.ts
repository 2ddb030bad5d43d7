import type { Client } from '@countersign/adapters/http/client'
import { hashJson } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { zeroHash } from '@countersign/pure/ep/context'
import type { Command } from 'commander'
import type { OrganizationFolder } from '../../organization/folder.js'
import type { Publication } from '../../organization/publication.js'
import { answered, openClient, type ServerOptions, serverOptions } from '../api-key-file.js'
import { exit, Stop } from '../exit.js'
import type { Terminal } from '../terminal.js'
import { type FolderOptions, folderOption, openFolder } from './open.js'

/** `org publish`: gives the server every head that it does not have yet, in order. Giving one again changes nothing. */
export function addPublish(org: Command, terminal: Terminal): void {
  const publish = org.command('publish').description('give the server the heads that it does not have yet')
  folderOption(serverOptions(publish)).action(async (options: FolderOptions & ServerOptions) => {
    const folder = await openFolder(options.folder)
    const client = await openClient(options)
    const waiting = await answered(async () => missing(folder, await serverHead(client)))
    for (const one of waiting) {
      const { value } = await answered(() => client.call('publishHead', { body: one }))
      terminal.out(`published ${value.head_hash}\n`)
    }
    if (waiting.length === 0) terminal.out('The server has the newest head.\n')
  })
}

/** The newest head that the server has; the list is empty before the first, where asking for the head would wait for one. */
async function serverHead(client: Client): Promise<string> {
  let newest = zeroHash
  let after: string | undefined
  do {
    const query = after === undefined ? {} : { after }
    const { value } = await client.call('listHeads', { query })
    newest = value.items.at(-1)?.head_hash ?? newest
    after = value.next
  } while (after !== undefined)
  return newest
}

function missing({ publications }: OrganizationFolder, known: string): readonly Publication[] {
  const hashes = [zeroHash, ...publications.map(({ head }) => hashJson(head.body as unknown as JsonObject))]
  const have = hashes.indexOf(known)
  if (have < 0)
    throw new Stop(
      'the server has a head that is not in this folder: it is older, or the server has another directory',
      exit.refused,
    )
  return publications.slice(have)
}
