import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { exit, Stop } from './exit.js'
import { readFileInput, reason } from './input.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'

/** `vectors`: runs a folder of conformance cases, ours or another implementation's, over this implementation. */
export function addVectors(program: Command, terminal: Terminal): void {
  program
    .command('vectors')
    .description('run conformance vectors; ends with 1 on a disagreement or a code without a vector')
    .argument('<dir>', 'a folder of vector files, read with its subfolders')
    .action(async (folder: string) => {
      const files = await readVectorFiles(folder)
      if (files.length === 0) throw new Stop(`${visible(folder)} holds no .json files`)
      const { runVectorFiles } = await import('@countersign/conformance/run')
      const { accepted, refused, codes, disagreements } = runVectorFiles(files)
      for (const one of disagreements)
        terminal.out(
          `✗ ${visible(`${one.id}: expected ${JSON.stringify(one.expected)}, got ${JSON.stringify(one.got)}`)}\n`,
        )
      for (const code of codes.missing) terminal.out(`· no vector for ${visible(code)}\n`)
      terminal.out(
        `accepted ${accepted.agreed}/${accepted.total}, refused ${refused.agreed}/${refused.total}, ` +
          `codes ${codes.emitted}/${codes.total}\n`,
      )
      if (disagreements.length > 0 || codes.missing.length > 0) throw new Stop('', exit.refused)
    })
}

async function readVectorFiles(folder: string): Promise<{ name: string; bytes: Uint8Array }[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new Stop(`${visible(folder)} cannot be read: ${reason(cause)}`)
  })
  const paths = found
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return Promise.all(paths.map(async (path) => ({ name: relative(folder, path), bytes: await readFileInput(path) })))
}
