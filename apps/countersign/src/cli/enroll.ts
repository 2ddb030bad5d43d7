import { existsSync } from 'node:fs'
import { keyFingerprint } from '@countersign/adapters/keys/key-file'
import { encodeBinary } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import { parseJson } from '@countersign/pure/core/json'
import { attempt } from '@countersign/pure/core/outcome'
import { readShape } from '@countersign/pure/core/shape'
import { directoryId } from '@countersign/pure/ep/identifier'
import type { Command } from 'commander'
import { invitation } from '../organization/invitation.js'
import { exit, Stop } from './exit.js'
import { identifier, segmentOf } from './identifiers.js'
import { readInput } from './input.js'
import { makeKey, parseKeyId } from './keygen.js'
import { openKey } from './open-key.js'
import { refusalLine } from './refusals.js'
import { seal } from './signing.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'
import { writeNew } from './write-new.js'

interface EnrollOptions {
  readonly key: string
  readonly out: string
  readonly directory?: string
  readonly keyId?: string
  readonly passphraseFile?: string
  readonly passphrase: boolean
}

/** `enroll`: an approver makes their own key and proves to the organization that they hold it. The key stays with them. */
export function addEnroll(program: Command, terminal: Terminal): void {
  program
    .command('enroll')
    .description('answer an invitation: make a key of your own and prove that you hold it')
    .argument('<invitation>', 'the file that the organization gave you; - is stdin')
    .requiredOption('--key <file>', 'your key file; it is made if there is none')
    .requiredOption('--out <file>', 'the enrollment request to hand to the organization')
    .option('--directory <id>', 'refuse an invitation to another directory', identifier('ep:directory:', directoryId))
    .option('--key-id <id>', 'the name of a new key, ep:key:NAME#N', parseKeyId)
    .option('--passphrase-file <file>', 'read the passphrase from a file instead of asking')
    .option('--no-passphrase', 'leave a new key unprotected: whoever reads the file has the key')
    .action(async (file: string, options: EnrollOptions) => {
      const invited = await readInvitation(file, terminal)
      if (options.directory !== undefined && options.directory !== invited.directory_id)
        throw new Stop(`this invitation is to ${invited.directory_id}`, exit.refused)
      if (!existsSync(options.key)) {
        const keyId = options.keyId ?? `ep:key:${segmentOf(invited.approver_id)}#${invited.challenge.slice(5, 13)}`
        await makeKey({ ...options, out: options.key, keyId }, terminal, 'new key')
      }
      const signer = await openKey(options.key, options.passphraseFile, terminal)
      const request = await seal(
        {
          type: 'ep.possession.v1',
          directory_id: invited.directory_id,
          approver_id: invited.approver_id,
          public_key: encodeBinary(signer.publicKey),
          challenge: invited.challenge,
          at: formatInstant(terminal.now()),
        },
        [signer],
      )
      await writeNew(options.out, `${JSON.stringify(request, null, 2)}\n`)
      terminal.out(`You ask ${invited.organization} to enroll you as ${invited.approver_id}.\n`)
      terminal.out(`Hand ${visible(options.out)} to them and read this fingerprint to them yourself:\n`)
      terminal.out(`  ${keyFingerprint(signer.publicKey)}\n`)
    })
}

async function readInvitation(file: string, terminal: Terminal) {
  const bytes = await readInput(file, terminal)
  const read = attempt(() => readShape(invitation, parseJson(bytes).value))
  if (!read.ok) throw new Stop(`the invitation ${visible(file)}: ${refusalLine(read.failure)}`, exit.refused)
  return read.value
}
