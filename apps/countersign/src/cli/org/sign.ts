import { join } from 'node:path'
import { equalBytes } from '@countersign/pure/core/bytes'
import { neverLogged } from '@countersign/pure/ep/compromise'
import { verifyDirectoryChange } from '@countersign/pure/ep/directory-changes'
import { maxHeadDays } from '@countersign/pure/ep/directory-head'
import { Hashes } from '@countersign/pure/ep/hashes'
import { verifyHead } from '@countersign/pure/ep/verify-head'
import type { Command } from 'commander'
import { changeWords } from '../../organization/change-words.js'
import { addPublication, type OrganizationFolder } from '../../organization/folder.js'
import { nextHeadBody } from '../../organization/next-head.js'
import { changesBetween } from '../../organization/publication.js'
import { requireYes } from '../confirm.js'
import { exit, Stop } from '../exit.js'
import { parseAt } from '../instant.js'
import { openKey, readPublicKey } from '../open-key.js'
import { seal } from '../signing.js'
import type { Terminal } from '../terminal.js'
import { visible } from '../visible.js'
import { type FolderOptions, folderOption, openFolder } from './open.js'

interface SignOptions extends FolderOptions {
  readonly key?: string[]
  readonly days: string
  readonly issuedAt?: number
  readonly passphraseFile?: string
  readonly yes?: true
}

// EP-DIR-2: how far a proposed issued_at may lie from the signer's own clock.
const maxSkewMs = 300_000

/** `org sign`: the organization puts its name to the next head, after seeing exactly what it changes (EP-DIR-1, EP-DIR-2). */
export function addSign(org: Command, terminal: Terminal): void {
  const sign = org
    .command('sign')
    .description('sign the next head of the directory; without changes it renews the last one')
    .option('--key <file...>', 'directory key files (keys/directory-1.json if absent)')
    .option('--days <n>', `how long it stands, at most ${maxHeadDays}`, String(maxHeadDays))
    .option('--issued-at <instant>', 'the instant that the server proposes; now if absent', parseAt)
    .option('--passphrase-file <file>', 'read the passphrase from a file instead of asking')
    .option('--yes', 'do not ask: you have read what is shown')
  folderOption(sign).action(async (options: SignOptions) => {
    const folder = await openFolder(options.folder)
    const { leaves, policies } = folder.next
    if (leaves.length === 0) throw new Stop('there is nothing to sign yet: add entries first')
    const body = nextHeadBody(folder, leaves, { issuedAt: issuedAtOf(options, terminal), days: daysOf(options) })
    const hashes = new Hashes()
    verifyDirectoryChange(folder.snapshot, { body, leaves }, policies, folder.group, hashes)
    const changes = changesBetween(folder.snapshot?.leaves ?? [], leaves)
    for (const line of changeWords(folder.snapshot?.leaves ?? [], changes, policies)) terminal.out(`${visible(line)}\n`)
    if (changes.length === 0) terminal.out('Nothing changed: this renews the head.\n')
    terminal.out(`Head ${folder.publications.length + 1} of ${body.directory_id}: ${body.tree_size} entries, `)
    terminal.out(`from ${body.issued_at} until ${body.valid_until}\n`)
    const files = options.key ?? [join(options.folder, 'keys', 'directory-1.json')]
    for (const file of files) await requireDirectoryKey(file, folder)
    await requireYes('Sign this head for the organization?', options.yes, terminal)
    const signers = []
    for (const file of files) signers.push(await openKey(file, options.passphraseFile, terminal))
    const head = await seal(body, signers)
    verifyHead(head, folder.group, hashes, '/head', neverLogged)
    const fresh = [...policies].filter(([hash]) => !folder.policies.has(hash)).map(([, document]) => document)
    await addPublication(folder, { head, leaves: changes, policies: fresh })
    terminal.out(`Signed: ${hashes.hash(body)}\n`)
  })
}

function issuedAtOf({ issuedAt }: SignOptions, terminal: Terminal): number {
  const now = terminal.now()
  if (issuedAt === undefined) return now
  if (Math.abs(issuedAt - now) > maxSkewMs)
    throw new Stop('the proposed instant is more than 300 s from this clock', exit.refused)
  return issuedAt
}

function daysOf({ days }: SignOptions): number {
  const number = Number(days)
  if (!(Number.isInteger(number) && number >= 1 && number <= maxHeadDays))
    throw new Stop(`--days is from 1 to ${maxHeadDays}`)
  return number
}

/** Said before a passphrase is asked for: only pinned directory keys sign heads. */
async function requireDirectoryKey(file: string, { group, pins }: OrganizationFolder): Promise<void> {
  const { keyId, publicKey } = await readPublicKey(file)
  const pinned = group.directoryKeys.get(keyId)
  if (pinned === undefined || !equalBytes(pinned.key.spki, publicKey))
    throw new Stop(`${keyId} is not a directory key of ${pins.organization}`, exit.refused)
}
