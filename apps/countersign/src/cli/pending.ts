import type { Command } from 'commander'
import { answered, openClient, type ServerOptions, serverOptions } from './api-key-file.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'

/** `pending`: what waits for the calling approver. What each says in full shows `approve`, after recomputing it. */
export function addPending(program: Command, terminal: Terminal): void {
  const command = program.command('pending').description('list the attempts that wait for your signature')
  serverOptions(command).action(async (options: ServerOptions) => {
    const client = await openClient(options)
    let after: string | undefined
    do {
      const query = after === undefined ? {} : { after }
      const { value } = await answered(() => client.call('listApprovals', { query }))
      for (const { id, action, expires_at } of value.items) {
        const { action_type, target, initiator } = action
        const words = `${id}  ${action_type} on ${target.system}, asked by ${initiator}, until ${expires_at}`
        terminal.out(`${visible(words)}\n`)
      }
      after = value.next
    } while (after !== undefined)
  })
}
