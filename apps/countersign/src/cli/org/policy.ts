import { randomBytes } from 'node:crypto'
import { encodeBinary, hashJson } from '@countersign/pure/core/digest'
import { formatInstant } from '@countersign/pure/core/instant'
import type { JsonObject } from '@countersign/pure/core/json'
import type { DirectoryEntry } from '@countersign/pure/ep/directory-leaf'
import { policyId } from '@countersign/pure/ep/identifier'
import type { Command } from 'commander'
import { identifier } from '../identifiers.js'
import { readPolicy } from '../policy-file.js'
import type { Terminal } from '../terminal.js'
import { edit, ended, newLeaf } from './edit.js'
import { type FolderOptions, folderOption, openFolder } from './open.js'
import { addRevoke } from './revoke.js'

/** `org policy`: which policies hold. */
export function addOrgPolicy(org: Command, terminal: Terminal): void {
  const noun = org.command('policy').description('the policies that hold')
  const add = noun
    .command('add')
    .description('put a policy into force; a newer version ends the older one in the same head')
    .argument('<file>', 'the policy document')
  folderOption(add).action(async (file: string, options: FolderOptions) => {
    const folder = await openFolder(options.folder)
    const document = await readPolicy(file, terminal)
    const now = terminal.now()
    const hash = hashJson(document as unknown as JsonObject)
    const entry = {
      type: 'ep.directory_policy.v1',
      directory_id: folder.pins.directory.directory_id,
      valid_from: formatInstant(now),
      policy_id: document.policy_id,
      policy_hash: hash,
      salt: encodeBinary(randomBytes(16)),
    } as const
    const isOlder = (other: DirectoryEntry) =>
      other.type === 'ep.directory_policy.v1' && nameOf(other.policy_id) === nameOf(document.policy_id)
    const replaces = folder.next.leaves.some((leaf) => leaf.status.valid_to === null && isOlder(leaf.entry))
    const others = replaces ? ended(folder, isOlder, {}, now) : folder.next.leaves
    const policies = new Map([...folder.next.policies, [hash, document]])
    await edit(folder, [...others, newLeaf(entry)], policies, terminal)
  })
  addRevoke(noun, terminal, identifier('ep:policy:', policyId), (entry) =>
    entry.type === 'ep.directory_policy.v1' ? entry.policy_id : undefined,
  )
}

/** `ep:policy:wires` of `ep:policy:wires@v2`. */
function nameOf(id: string): string {
  return id.slice(0, id.indexOf('@'))
}
