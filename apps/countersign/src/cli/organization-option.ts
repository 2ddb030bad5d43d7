import { attempt } from '@countersign/pure/core/outcome'
import type { Command } from 'commander'
import { placesIn } from '../server/data-places.js'
import { readOrganizationFile } from '../server/organization-file.js'
import { Stop } from './exit.js'
import { readFileInput } from './input.js'
import { refusalLine } from './refusals.js'
import { visible } from './visible.js'

/** The option of commands on a server's machine: whose data it is. */
export function organizationOption(command: Command): Command {
  return command.option(
    '--organization <file>',
    'the public pins of the organization (countersign org public; the copy in the data folder if absent)',
  )
}

/** The organization's id, from its pins or from the copy that a server keeps in its data folder. @throws Stop */
export async function readOrganization(path: string | undefined, dataFolder: string): Promise<string> {
  const file = path ?? placesIn(dataFolder).organization
  const bytes = await readFileInput(file)
  const read = attempt(() => readOrganizationFile(bytes))
  if (!read.ok) throw new Stop(`the organization’s pins ${visible(file)}: ${refusalLine(read.failure)}`)
  return read.value.organization
}
