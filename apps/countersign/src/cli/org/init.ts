import { join } from 'node:path'
import { keyFingerprint } from '@countersign/adapters/keys/key-file'
import { encodeBinary } from '@countersign/pure/core/digest'
import { readShape } from '@countersign/pure/core/shape'
import { directoryId, logOrigin, organizationId, origin, webauthnRpId } from '@countersign/pure/ep/identifier'
import { type Command, InvalidArgumentError } from 'commander'
import { createOrganizationFolder, isOrganizationFolder, savePins } from '../../organization/folder.js'
import { type OrganizationFile, organizationFileType } from '../../server/organization-file.js'
import { Stop } from '../exit.js'
import { identifier, segmentOf } from '../identifiers.js'
import { makeKey } from '../keygen.js'
import type { Terminal } from '../terminal.js'
import { visible } from '../visible.js'

interface InitOptions {
  readonly folder: string
  readonly organization: string
  readonly logOrigin: string
  readonly directoryId?: string
  readonly rpId?: string
  readonly origin?: string
  readonly secondKeyOut?: string
  readonly passphraseFile?: string
  readonly secondPassphraseFile?: string
  readonly passphrase: boolean
}

/** `org init`: a new organization with two directory keys, because one lost key must not be a lost organization (EP-DIR-2). */
export function addInit(org: Command, terminal: Terminal): void {
  org
    .command('init')
    .description('make an organization: its identity, its directory key, and a second one for the safe')
    .requiredOption('--organization <id>', 'ep:org:NAME', identifier('ep:org:', organizationId))
    .requiredOption('--log-origin <origin>', 'the name of its log, such as log.acme.example/1', parseOrigin)
    .requiredOption('--folder <dir>', 'where to make it; never on the server')
    .option('--directory-id <id>', 'ep:directory:NAME', identifier('ep:directory:', directoryId))
    .option('--rp-id <domain>', 'the WebAuthn RP id of approvers with passkeys', parseRpId)
    .option('--origin <url>', 'the origin of the page at which they sign', parsePageOrigin)
    .option('--second-key-out <file>', 'where to put the second key (keys/directory-2.json if absent)')
    .option('--passphrase-file <file>', 'the passphrase of the first key')
    .option('--second-passphrase-file <file>', 'the passphrase of the second key (the first one’s if absent)')
    .option('--no-passphrase', 'leave both keys unprotected: whoever reads the files is the organization')
    .action(async (options: InitOptions) => {
      if (isOrganizationFolder(options.folder))
        throw new Stop(`${visible(options.folder)} is an organization’s folder already`)
      const files = await createOrganizationFolder(options.folder)
      const second = options.secondKeyOut ?? join(options.folder, 'keys', 'directory-2.json')
      const keys = [
        await newDirectoryKey(options, 1, join(options.folder, 'keys', 'directory-1.json'), terminal),
        await newDirectoryKey(options, 2, second, terminal),
      ]
      const pins = pinsOf(options, keys)
      // Dying before this leaves keys that nobody knows: remove them and start again.
      await savePins(files, pins)
      terminal.out(`${options.organization} stands in ${visible(options.folder)}\n`)
      for (const { key_id, fingerprint } of keys) terminal.out(`  directory key ${key_id} ${fingerprint}\n`)
      terminal.out(`Move ${visible(second)} to a safe place: it replaces the first key if that one is lost.\n`)
    })
}

async function newDirectoryKey(options: InitOptions, number: 1 | 2, out: string, terminal: Terminal) {
  const own = number === 2 ? options.secondPassphraseFile : undefined
  const passphraseFile = own ?? options.passphraseFile
  const { keyId, publicKey } = await makeKey(
    {
      out,
      keyId: `ep:key:${segmentOf(options.organization)}#directory-${number}`,
      passphrase: options.passphrase,
      ...(passphraseFile === undefined ? {} : { passphraseFile }),
    },
    terminal,
    number === 1 ? 'directory key' : 'second directory key',
  )
  return { key_id: keyId, public_key: encodeBinary(publicKey), fingerprint: keyFingerprint(publicKey) }
}

function pinsOf(
  options: InitOptions,
  keys: readonly { readonly key_id: string; readonly public_key: string }[],
): OrganizationFile {
  return {
    type: organizationFileType,
    organization: options.organization,
    accept: { min_key_class: 'B', class_c: false, synced_passkeys: false },
    log: { origin: options.logOrigin },
    directory: {
      directory_id: options.directoryId ?? `ep:directory:${segmentOf(options.organization)}`,
      operated_by: 'organization',
      threshold: 1,
      keys: keys.map(({ key_id, public_key }) => ({ key_id, public_key, custody: 'file', surface: 'independent' })),
    },
    administrators: { m: 0, keys: [] },
    operator_keys: [],
    webauthn: {
      origins: options.origin === undefined ? [] : [options.origin],
      rp_ids: options.rpId === undefined ? [] : [options.rpId],
    },
    policy_pins: [],
    witnesses: { k: 0, keys: [] },
    compromised: [],
  }
}

function parser(shape: typeof logOrigin, looks: string): (given: string) => string {
  return (given) => {
    try {
      return readShape(shape, given)
    } catch {
      throw new InvalidArgumentError(`it looks like ${looks}`)
    }
  }
}
const parseOrigin = parser(logOrigin, 'log.acme.example/1')
const parseRpId = parser(webauthnRpId, 'approve.acme.example')
const parsePageOrigin = parser(origin, 'https://approve.acme.example')
