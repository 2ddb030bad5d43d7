import { parseInstant } from '@countersign/pure/core/instant'
import type { Command } from 'commander'
import { changeWords } from '../../organization/change-words.js'
import { changesBetween } from '../../organization/publication.js'
import { exit, Stop } from '../exit.js'
import type { Terminal } from '../terminal.js'
import { visible } from '../visible.js'
import { type FolderOptions, folderOption, openFolder } from './open.js'

const dayMs = 86_400_000
/** From so many days before a head's end on it is to be renewed (EP-DIR-2). */
const warningDays = 30

/** `org status`: the newest head, what waits for the next one, and whether it is time to renew. */
export function addStatus(org: Command, terminal: Terminal): void {
  const status = org
    .command('status')
    .description('show the newest head and what waits; ends with 1 from 30 days before the head ends')
  folderOption(status).action(async (options: FolderOptions) => {
    const { pins, snapshot, publications, next } = await openFolder(options.folder)
    terminal.out(`${pins.organization}, ${pins.directory.directory_id}, log ${pins.log.origin}\n`)
    const changes = changesBetween(snapshot?.leaves ?? [], next.leaves)
    if (changes.length > 0) terminal.out('Waiting for the next head:\n')
    for (const line of changeWords(snapshot?.leaves ?? [], changes, next.policies)) terminal.out(`  ${visible(line)}\n`)
    if (snapshot === undefined) return terminal.out('No head is signed yet.\n')
    const { body } = snapshot.head
    terminal.out(`Head ${publications.length}: ${body.tree_size} entries, until ${body.valid_until}\n`)
    const left = parseInstant(body.valid_until) - terminal.now()
    if (left < 0)
      throw new Stop('the head has ended: nothing can be approved before countersign org sign', exit.refused)
    if (left <= warningDays * dayMs)
      throw new Stop(
        `the head ends in ${Math.floor(left / dayMs)} days: renew it with countersign org sign`,
        exit.refused,
      )
  })
}
