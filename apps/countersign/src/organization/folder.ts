import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { folderFiles } from '@countersign/adapters/storage/files'
import { replaceFile } from '@countersign/engine/ports/durable-file'
import type { Files } from '@countersign/engine/ports/files'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { hashJson } from '@countersign/pure/core/digest'
import { type JsonObject, parseJson } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import { readShape, type Shape } from '@countersign/pure/core/shape'
import type { DirectoryLeaf } from '@countersign/pure/ep/directory-leaf'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import type { Policy } from '@countersign/pure/ep/policy'
import type { OrganizationFile } from '../server/organization-file.js'
import { formatPins, parsePins, pinGroup } from './pins.js'
import {
  type Chain,
  changesBetween,
  draft,
  foldPublications,
  type Publication,
  publication,
  withChanges,
} from './publication.js'

/**
 * An organization's own folder, which never is a server's: `organization.json` (public pins), `keys/` (directory keys under their
 * passphrases), `heads/0001.json ...` (signed heads with what changed under each: written once), `draft.json` (changes that no
 * head carries yet), `invitations/`. Everything is JSON for people to read; each file is replaced whole.
 */
export interface OrganizationFolder extends Chain {
  readonly path: string
  readonly files: Files
  readonly pins: OrganizationFile
  readonly group: TrustGroup
  readonly publications: readonly Publication[]
  /** The leaves under the newest head with the draft on top, and every policy document of both. */
  readonly next: { readonly leaves: readonly DirectoryLeaf[]; readonly policies: ReadonlyMap<string, Policy> }
}

const pinsName = 'organization.json'
const draftName = 'draft.json'
const headsFolder = 'heads'
const maxFileOctets = 16 * 1024 * 1024

export function isOrganizationFolder(path: string): boolean {
  return existsSync(join(path, pinsName))
}

/** Makes the folders of a new organization; it is one only once its pins are saved. */
export async function createOrganizationFolder(path: string): Promise<Files> {
  const files = folderFiles(path)
  for (const folder of ['keys', headsFolder, 'invitations']) await files.makeFolder(folder)
  return files
}

/** @throws Refusal for files that are not what they should be, with the file's name in the pointer */
export async function openOrganizationFolder(path: string): Promise<OrganizationFolder> {
  const files = folderFiles(path)
  const pins = await within(pinsName, async () => parsePins((await files.read(pinsName)) ?? new Uint8Array(0)))
  const names = (await files.list(headsFolder)).filter((name) => /^[0-9]{4}\.json$/.test(name))
  const publications: Publication[] = []
  for (const [index, name] of names.entries()) {
    if (name !== headName(index + 1)) throw new Refusal('head_missing', `/${headsFolder}/${headName(index + 1)}`)
    publications.push((await readJson(files, `${headsFolder}/${name}`, publication))!)
  }
  const chain = foldPublications(publications)
  const pending = await readJson(files, draftName, draft)
  // A draft from before the newest head was signed into it, and the process died before it was removed.
  const live = pending?.after === chain.headHash ? pending : undefined
  const policies = new Map(chain.policies)
  const leaves = withChanges(chain.snapshot?.leaves ?? [], live?.leaves ?? [])
  for (const document of live?.policies ?? []) policies.set(hashJson(document as unknown as JsonObject), document)
  return { ...chain, path, files, pins, group: pinGroup(formatPins(pins)), publications, next: { leaves, policies } }
}

/** Replaces the draft by what these leaves and policies have over the newest head. */
export async function saveDraft(
  { files, headHash, snapshot, policies: signed }: OrganizationFolder,
  leaves: readonly DirectoryLeaf[],
  policies: ReadonlyMap<string, Policy>,
): Promise<void> {
  const fresh = [...policies].filter(([hash]) => !signed.has(hash)).map(([, document]) => document)
  const changed = changesBetween(snapshot?.leaves ?? [], leaves)
  await saveJson(files, draftName, { type: 'countersign.draft.v1', after: headHash, leaves: changed, policies: fresh })
}

/** Adds a signed head. @throws Refusal if another one was signed since the folder was opened: it is not replaced */
export async function addPublication(folder: OrganizationFolder, signed: Publication): Promise<void> {
  const name = `${headsFolder}/${headName(folder.publications.length + 1)}`
  if ((await folder.files.read(name)) !== null) throw new Refusal('head_prev_hash_mismatch', `/${name}`)
  await saveJson(folder.files, name, signed)
  // Dying here leaves the draft beside the head that carries it: it names the head before, so that nobody reads it again.
  await folder.files.remove(draftName)
}

export async function savePins(files: Files, pins: OrganizationFile): Promise<void> {
  await replaceFile(files, pinsName, formatPins(pins))
}

/** Null if there is no such file. @throws Refusal with the file's name in the pointer */
export async function readJson<T>(files: Files, name: string, shape: Shape<T>): Promise<T | null> {
  const bytes = await files.read(name)
  if (bytes === null) return null
  return within(name, async () => readShape(shape, parseJson(bytes, { maxBytes: maxFileOctets }).value))
}

export async function saveJson(files: Files, name: string, value: object): Promise<void> {
  await replaceFile(files, name, utf8Encode(`${JSON.stringify(value, null, 2)}\n`))
}

async function within<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(error.code, `/${name}${error.at}`) : error
  }
}

function headName(number: number): string {
  return `${String(number).padStart(4, '0')}.json`
}
