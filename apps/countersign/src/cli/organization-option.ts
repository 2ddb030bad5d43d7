import { attempt } from '@countersign/pure/core/outcome'
import type { Command } from 'commander'
import { readOrganizationFile } from '../server/organization-file.js'
import { Stop } from './exit.js'
import { readFileInput } from './input.js'
import { refusalLine } from './refusals.js'
import { visible } from './visible.js'

/** The option of commands on a server's machine: whose data it is. */
export function organizationOption(command: Command): Command {
  return command.requiredOption('--organization <file>', 'the public pins of the organization (countersign org public)')
}

/** The organization's id. @throws Stop */
export async function readOrganization(path: string): Promise<string> {
  const bytes = await readFileInput(path)
  const read = attempt(() => readOrganizationFile(bytes))
  if (!read.ok) throw new Stop(`the organization’s pins ${visible(path)}: ${refusalLine(read.failure)}`)
  return read.value.organization
}
