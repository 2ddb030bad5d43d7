import { randomBytes } from 'node:crypto'
import { keyFingerprint } from '@countersign/adapters/keys/key-file'
import { encodeBinary, parseBinary } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import { parseJson } from '@countersign/pure/core/json'
import { readShape } from '@countersign/pure/core/shape'
import { approverId, name, principalId } from '@countersign/pure/ep/identifier'
import { possession } from '@countersign/pure/ep/possession'
import type { Command } from 'commander'
import { type OrganizationFolder, readJson, saveJson } from '../../organization/folder.js'
import { type Invitation, invitation, requirePossession } from '../../organization/invitation.js'
import { requireYes } from '../confirm.js'
import { exit, Stop } from '../exit.js'
import { identifier, identifiers, segmentOf } from '../identifiers.js'
import { readInput } from '../input.js'
import type { Terminal } from '../terminal.js'
import { writeNew } from '../write-new.js'
import { edit, newLeaf } from './edit.js'
import { type FolderOptions, folderOption, openFolder } from './open.js'
import { addRevoke } from './revoke.js'

interface InviteOptions extends FolderOptions {
  readonly principal: string
  readonly role: string[]
  readonly team?: string
  readonly days: string
  readonly out: string
}

const parseId = identifier('ep:approver:', approverId)

/** `org invite`, `org enroll`, `org approver revoke`: who may sign. Files travel by hand; the key never does. */
export function addApprover(org: Command, terminal: Terminal): void {
  const invite = org
    .command('invite')
    .description('invite a person to enroll a key of their own; give them the file')
    .argument('<id>', 'ep:approver:NAME', parseId)
    .requiredOption(
      '--principal <principal>',
      'the person: one pseudonym for one human',
      identifier('ep:principal:', principalId),
    )
    .requiredOption('--role <name...>', 'what they may sign as', identifiers('', name))
    .option('--team <name>', 'their team', identifier('', name))
    .option('--days <n>', 'how long the invitation stands', '14')
    .requiredOption('--out <file>', 'the invitation to make')
  folderOption(invite).action(async (id: string, options: InviteOptions) => {
    const folder = await openFolder(options.folder)
    const days = Number(options.days)
    if (!(days > 0 && days <= 90)) throw new Stop('--days is from 1 to 90')
    const made: Invitation = {
      type: 'countersign.invitation.v1',
      organization: folder.pins.organization,
      directory_id: folder.pins.directory.directory_id,
      approver_id: id,
      principal_id: options.principal,
      roles: options.role,
      ...(options.team === undefined ? {} : { team: options.team }),
      challenge: encodeBinary(randomBytes(32)),
      expires_at: formatInstant(terminal.now() + days * 86_400_000),
    }
    await saveJson(folder.files, invitationName(id), made)
    await writeNew(options.out, `${JSON.stringify(made, null, 2)}\n`)
    terminal.out(`${id} is invited until ${made.expires_at}: countersign enroll, then countersign org enroll.\n`)
  })

  const enroll = org
    .command('enroll')
    .description('enroll the key that an invited person proves to hold')
    .argument('<file>', 'the enrollment request that they made; - is stdin')
    .option('--yes', 'the fingerprint was compared with the person')
  folderOption(enroll).action(async (file: string, options: FolderOptions & { yes?: true }) => {
    const folder = await openFolder(options.folder)
    const request = readShape(possession, parseJson(await readInput(file, terminal)).value)
    const invited = await invitationOf(folder, request.body.approver_id)
    requirePossession(request, invited, terminal.now())
    const { public_key } = request.body
    if (folder.pins.directory.keys.some((key) => key.public_key === public_key))
      throw new Stop('this is a directory key: it signs heads, never approvals', exit.refused)
    terminal.out(`${invited.approver_id} (${invited.principal_id}) wants to sign as ${invited.roles.join(', ')}\n`)
    terminal.out(`with the key ${keyFingerprint(parseBinary(public_key))}\n`)
    await requireYes('Did the person read this fingerprint to you?', options.yes, terminal)
    const { approver_id, principal_id, roles, team } = invited
    const entry = {
      type: 'ep.enrollment.v1',
      directory_id: folder.pins.directory.directory_id,
      valid_from: formatInstant(terminal.now()),
      approver_id,
      principal_id,
      key_id: request.signatures[0]!.key_id,
      public_key,
      key_class: 'B',
      roles,
      ...(team === undefined ? {} : { team }),
    } as const
    await edit(folder, [...folder.next.leaves, newLeaf(entry)], folder.next.policies, terminal)
    // Dying here leaves an answered invitation: the same key again is a duplicate, another one needs the person again.
    await folder.files.remove(invitationName(approver_id))
  })

  const noun = org.command('approver').description('people who may sign')
  addRevoke(noun, terminal, parseId, (entry) => (entry.type === 'ep.enrollment.v1' ? entry.approver_id : undefined))
}

async function invitationOf(folder: OrganizationFolder, id: string): Promise<Invitation> {
  const invited = await readJson(folder.files, invitationName(id), invitation)
  if (invited === null) throw new Stop(`${id} was not invited, or the invitation was answered`, exit.refused)
  return invited
}

function invitationName(id: string): string {
  return `invitations/${segmentOf(id)}.json`
}
