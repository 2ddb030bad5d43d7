import { keyFingerprint } from '@countersign/adapters/keys/key-file'
import { parseBinary } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import type { Command } from 'commander'
import { policyWords } from '../organization/policy-words.js'
import { answered, openClient, type ServerOptions, serverOptions } from './api-key-file.js'
import { requireYes } from './confirm.js'
import { describeAction, type Line, table } from './describe-action.js'
import { openKey, readPublicKey } from './open-key.js'
import { type Recomputed, recompute } from './recompute.js'
import { signContext, signDenial } from './signing.js'
import type { Terminal } from './terminal.js'
import { readTrustFile } from './verify.js'
import { visible } from './visible.js'

interface ApproveOptions extends ServerOptions {
  readonly key: string
  readonly trust?: string
  readonly passphraseFile?: string
  readonly yes?: true
}

/** `approve` and `deny`: an approver's own client. It shows what it recomputed, and signs that and nothing else. */
export function addApprove(program: Command, terminal: Terminal): void {
  approverOptions(program.command('approve').description('see one action, and sign it')).action(
    async (id: string, options: ApproveOptions) => {
      const { recomputed, client } = await fetchAndShow(id, options, terminal)
      await requireYes('Sign this action?', options.yes, terminal)
      const signer = await openKey(options.key, options.passphraseFile, terminal)
      const signed = await signContext(recomputed.context, signer)
      const body = { ...signed, key_class: recomputed.entry.key_class }
      const { value } = await answered(() => client.call('signOff', { params: { id }, body }))
      terminal.out(`Signed. The attempt is ${visible(String(value.state))}.\n`)
    },
  )
  approverOptions(program.command('deny').description('see one action, and refuse it for good'))
    .option('--reason <text>', 'why, at most 280 characters; it stands in the record')
    .action(async (id: string, options: ApproveOptions & { reason?: string }) => {
      const { recomputed, client } = await fetchAndShow(id, options, terminal)
      await requireYes('Deny this action? That ends the attempt.', options.yes, terminal)
      const signer = await openKey(options.key, options.passphraseFile, terminal)
      const signed = await signDenial(recomputed.context, options.reason, signer)
      const body = { ...signed, key_class: recomputed.entry.key_class }
      const { value } = await answered(() => client.call('deny', { params: { id }, body }))
      terminal.out(`Denied. The record is ${visible(String(value.denial_id))}.\n`)
    })
}

function approverOptions(command: Command): Command {
  return serverOptions(command.argument('<id>', 'the attempt'))
    .requiredOption('--key <file>', 'your key file')
    .option('--trust <file>', 'your trust file: then the policy is checked to be the organization’s before you sign')
    .option('--passphrase-file <file>', 'read the passphrase from a file instead of asking')
    .option('--yes', 'do not ask: for scripts whose author read what they sign')
}

async function fetchAndShow(id: string, options: ApproveOptions, terminal: Terminal) {
  const key = await readPublicKey(options.key)
  const trust = options.trust === undefined ? undefined : await readTrustFile(options.trust)
  const client = await openClient(options)
  const { value } = await answered(() => client.call('getContexts', { params: { id } }))
  const recomputed = recompute(value, key, trust, terminal.now())
  terminal.out(describe(recomputed))
  if (trust === undefined)
    terminal.err('countersign: no --trust was given: that the policy is the organization’s is the server’s word\n')
  return { recomputed, client }
}

/** Who asks, what, how much, to whom, under which policy, until when, and as whom you would sign: from the recomputed octets. */
function describe({ served, context, contextHash, attempt, entry, authority }: Recomputed): string {
  const { policy, authorization } = served
  const fingerprint = keyFingerprint(parseBinary(entry.public_key))
  const about: Line[] = [
    ['organization', policy.organization],
    ['policy from', authority === undefined ? 'the server' : 'the organization’s signed directory, checked'],
    ['identity of asker', authority?.initiatorIdentity === 'sealed' ? 'signed' : 'the server’s word'],
    ['approvals', `at least ${attempt.requiredApprovals}`],
    ['until', formatInstant(attempt.expiresAt)],
    ['you sign as', `${entry.approver_id} with ${entry.key_id} (class ${entry.key_class})`],
    ['your key', fingerprint],
    ['context', contextHash],
    ['nonce', context.nonce],
  ]
  const rules = policyWords(policy).map((words) => `  ${visible(words)}\n`)
  return `${table(describeAction(authorization.action))}\n${policy.policy_id}\n${rules.join('')}\n${table(about)}`
}
