import { utf8Decode } from '@countersign/pure/core/bytes'
import { attempt } from '@countersign/pure/core/outcome'
import { Stop } from './exit.js'
import { readFileInput } from './input.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'

/** The passphrase of a key file: from a file, whose one line it is, or from the person at the terminal. Never from the environment. */
export async function askPassphrase(question: string, file: string | undefined, terminal: Terminal): Promise<string> {
  const passphrase = file === undefined ? await fromPerson(question, terminal) : await fromFile(file)
  if (passphrase === '') throw new Stop('the passphrase is empty')
  return passphrase
}

/** As `askPassphrase`, typed twice by a person, because a slip would lose the key. */
export async function askNewPassphrase(what: string, file: string | undefined, terminal: Terminal): Promise<string> {
  const passphrase = await askPassphrase(`A passphrase for the ${what}`, file, terminal)
  if (file !== undefined) return passphrase
  const again = await fromPerson('The same passphrase again', terminal)
  if (again.normalize('NFC') !== passphrase.normalize('NFC')) throw new Stop('the two passphrases differ')
  return passphrase
}

async function fromFile(path: string): Promise<string> {
  const bytes = await readFileInput(path)
  const text = attempt(() => utf8Decode(bytes))
  if (!text.ok) throw new Stop(`the passphrase in ${visible(path)} is not UTF-8`)
  return text.value.replace(/\r?\n$/, '')
}

async function fromPerson(question: string, terminal: Terminal): Promise<string> {
  if (!terminal.interactive) throw new Stop('nobody can be asked for the passphrase here: give --passphrase-file FILE')
  const passphrase = await terminal.secret(question)
  if (passphrase === null) throw new Stop('no passphrase was given')
  return passphrase
}
