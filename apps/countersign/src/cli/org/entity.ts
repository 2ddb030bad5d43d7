import { randomBytes } from 'node:crypto'
import { encodeBinary } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import { entityId, principalId } from '@countersign/pure/ep/identifier'
import { type Command, Option } from 'commander'
import { Stop } from '../exit.js'
import { identifier } from '../identifiers.js'
import { readPublicKey } from '../open-key.js'
import type { Terminal } from '../terminal.js'
import { edit, newLeaf } from './edit.js'
import { type FolderOptions, folderOption, openFolder } from './open.js'
import { addRevoke } from './revoke.js'

interface EntityOptions extends FolderOptions {
  readonly kind: 'agent' | 'service' | 'human'
  readonly responsible?: string
  readonly principal?: string
  readonly key?: string
}

const parseId = identifier('ep:entity:', entityId)
const parsePrincipal = identifier('ep:principal:', principalId)

/** `org entity`: who may ask. */
export function addEntity(org: Command, terminal: Terminal): void {
  const noun = org.command('entity').description('who may ask for actions: agents, services, people')
  const add = noun
    .command('add')
    .description('add an entity')
    .argument('<id>', 'ep:entity:NAME', parseId)
    .addOption(new Option('--kind <kind>').choices(['agent', 'service', 'human']).makeOptionMandatory())
    .option('--responsible <principal>', 'the person who answers for an agent or service', parsePrincipal)
    .option('--principal <principal>', 'the person that a human entity is', parsePrincipal)
    .option('--key <file>', 'its key file, of which the public key is taken: it then must seal its requests')
  folderOption(add).action(async (id: string, options: EntityOptions) => {
    const folder = await openFolder(options.folder)
    const key = options.key === undefined ? undefined : await readPublicKey(options.key)
    const entry = {
      type: 'ep.entity.v1',
      directory_id: folder.pins.directory.directory_id,
      valid_from: formatInstant(terminal.now()),
      entity_id: id,
      kind: options.kind,
      ...personOf(options),
      ...(key === undefined ? {} : { key_id: key.keyId, public_key: encodeBinary(key.publicKey) }),
      // Without it, siblings in the tree would give away who may ask (EP-DIR-1).
      salt: encodeBinary(randomBytes(16)),
    } as const
    await edit(folder, [...folder.next.leaves, newLeaf(entry)], folder.next.policies, terminal)
  })
  addRevoke(noun, terminal, parseId, (entry) => (entry.type === 'ep.entity.v1' ? entry.entity_id : undefined))
}

function personOf({ kind, principal, responsible }: EntityOptions) {
  if (kind === 'human') {
    if (principal === undefined || responsible !== undefined) throw new Stop('a human entity needs --principal only')
    return { principal_id: principal }
  }
  if (responsible === undefined || principal !== undefined)
    throw new Stop(`an entity of kind ${kind} needs --responsible only`)
  return { responsible }
}
