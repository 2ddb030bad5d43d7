import type { Client } from '@countersign/adapters/http/client'
import type { Command } from 'commander'
import { answered, openClient, type ServerOptions, serverOptions } from './api-key-file.js'
import { exit, Stop } from './exit.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'
import { writeNew } from './write-new.js'

/** `receipt get`: the evidence, octet for octet as the server gave it. What it proves says `verify`. */
export function addReceipt(program: Command, terminal: Terminal): void {
  const noun = program.command('receipt').description('trust receipts and denial records')
  serverOptions(noun.command('get'))
    .description('fetch a trust receipt or denial record; verify it before you rely on it')
    .argument('<id>', 'ep:receipt:..., ep:denial:..., or the id of an attempt that has ended')
    .option('--out <file>', 'write it to a new file instead of printing it')
    .action(async (id: string, options: ServerOptions & { out?: string }) => {
      const client = await openClient(options)
      const bytes = await answered(async () => fetchRecord(client, await recordId(client, id)))
      if (options.out === undefined) terminal.out(new TextDecoder().decode(bytes))
      else await writeNew(options.out, bytes)
    })
}

async function recordId(client: Client, id: string): Promise<string> {
  if (id.startsWith('ep:')) return id
  const { value } = await client.call('getAuthorization', { params: { id } })
  const record = value.receipt_id ?? value.denial_id
  if (record === undefined) throw new Stop(`the attempt is ${visible(value.state)}: it has no record`, exit.refused)
  return record
}

async function fetchRecord(client: Client, id: string): Promise<Uint8Array> {
  const request = { params: { id }, query: { wait: 20 } }
  const reply = id.startsWith('ep:denial:')
    ? await client.call('getDenial', request)
    : await client.call('getReceipt', request)
  return reply.bytes
}
