import { Refusal } from '@countersign/pure/core/refusal'
import type { Command } from 'commander'
import { isOrganizationFolder, type OrganizationFolder, openOrganizationFolder } from '../../organization/folder.js'
import { Stop } from '../exit.js'
import { refusalLine } from '../refusals.js'
import { visible } from '../visible.js'

export interface FolderOptions {
  readonly folder: string
}

export function folderOption(command: Command): Command {
  return command.option('--folder <dir>', 'the organization’s own folder', '.')
}

/** @throws Stop for what is no organization's folder, or one in which something does not fit */
export async function openFolder(path: string): Promise<OrganizationFolder> {
  if (!isOrganizationFolder(path))
    throw new Stop(`${visible(path)} is no organization’s folder: make one with countersign org init`)
  try {
    return await openOrganizationFolder(path)
  } catch (error) {
    if (error instanceof Refusal) throw new Stop(`the folder ${visible(path)}: ${refusalLine(error)}`)
    throw error
  }
}
