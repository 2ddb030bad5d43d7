import { hashJson } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import { type JsonObject, parseJson } from '@countersign/pure/core/json'
import { attempt } from '@countersign/pure/core/outcome'
import { isObject, readShape } from '@countersign/pure/core/shape'
import { type Action, action } from '@countersign/pure/ep/action'
import { directoryId } from '@countersign/pure/ep/identifier'
import type { Command } from 'commander'
import { answered, openClient, type ServerOptions, serverOptions } from './api-key-file.js'
import { describeAction, table } from './describe-action.js'
import { exit, Stop } from './exit.js'
import { identifier } from './identifiers.js'
import { readInput } from './input.js'
import { openKey } from './open-key.js'
import { refusalLine } from './refusals.js'
import { seal } from './signing.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'

interface RequestOptions extends ServerOptions {
  readonly wait?: true
  readonly json?: true
  readonly key?: string
  readonly directory?: string
  readonly passphraseFile?: string
}

const pollMs = 2_000

/** `request`: asks for one action, as an initiator. The same file asks for the same attempt again, so that a retry is safe. */
export function addRequest(program: Command, terminal: Terminal): void {
  serverOptions(program.command('request'))
    .description('ask for one exact action to be countersigned')
    .argument('<file>', 'the action; - is stdin. Without requested_at it is asked for now')
    .option('--wait', 'wait for the approvers: ends with 1 if the action is denied or time runs out')
    .option('--json', 'print the attempt as JSON')
    .option('--key <file>', 'the initiator’s key file, to seal the request; with --directory')
    .option('--directory <id>', 'the directory that the seal is for', identifier('ep:directory:', directoryId))
    .option('--passphrase-file <file>', 'read the passphrase from a file instead of asking')
    .action(async (file: string, options: RequestOptions) => {
      const wanted = await readAction(file, terminal)
      const actionHash = hashJson(wanted as unknown as JsonObject)
      const client = await openClient(options)
      const initiation = await sealRequest(wanted, actionHash, options, terminal)
      const body = { action: wanted, action_hash: actionHash, ...(initiation === undefined ? {} : { initiation }) }
      const request = { headers: { 'idempotency-key': actionHash }, body }
      const { value } = await answered(() => client.call('requestAuthorization', request))
      if (value.decision === 'ungated') {
        terminal.out(`${visible(value.policy_id)} asks for no approval; the executor decides that itself.\n`)
        return
      }
      let { authorization } = value
      const waiting = () => ['REQUESTED', 'PARTIALLY_APPROVED'].includes(authorization.state)
      while (options.wait && waiting()) {
        await new Promise((resolve) => setTimeout(resolve, pollMs))
        const params = { id: authorization.id }
        authorization = (await answered(() => client.call('getAuthorization', { params }))).value
      }
      terminal.out(options.json ? `${JSON.stringify(authorization, null, 2)}\n` : describe(authorization))
      if (options.wait && !['APPROVED', 'COMMITTED'].includes(authorization.state)) throw new Stop('', exit.refused)
    })
}

async function readAction(file: string, terminal: Terminal): Promise<Action> {
  const bytes = await readInput(file, terminal)
  const read = attempt(() => {
    const { value } = parseJson(bytes)
    const dated = isObject(value) && value['requested_at'] === undefined
    return readShape(action, dated ? { ...value, requested_at: formatInstant(terminal.now()) } : value)
  })
  if (!read.ok) throw new Stop(`the action ${visible(file)}: ${refusalLine(read.failure)}`, exit.refused)
  return read.value
}

/** EP-ACT-5: an entity with a key in the directory must seal what it asks for. */
async function sealRequest(wanted: Action, actionHash: string, options: RequestOptions, terminal: Terminal) {
  if ((options.key === undefined) !== (options.directory === undefined))
    throw new Stop('--key and --directory come together')
  if (options.key === undefined || options.directory === undefined) return undefined
  const signer = await openKey(options.key, options.passphraseFile, terminal)
  const body = {
    type: 'ep.request.v1',
    directory_id: options.directory,
    action_hash: actionHash,
    requested_at: wanted.requested_at,
  } as const
  return seal(body, [signer])
}

interface Shown {
  readonly id: string
  readonly state: string
  readonly action: Action
  readonly expires_at: string
  readonly approvers: readonly { readonly approver: string; readonly signed_at?: string }[]
}

function describe({ id, state, action, expires_at, approvers }: Shown): string {
  const may = approvers.map(({ approver, signed_at }) => (signed_at === undefined ? approver : `${approver} (signed)`))
  return table([
    ['attempt', visible(id)],
    ['state', visible(state)],
    ...describeAction(action),
    ['until', visible(expires_at)],
    ['may approve', visible(may.join(', '))],
  ])
}
