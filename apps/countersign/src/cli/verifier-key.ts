import { readFile } from 'node:fs/promises'
import { parseVerifierKey, type VerifierKey } from '@countersign/pure/core/note'
import { attempt } from '@countersign/pure/core/outcome'
import { Stop } from './exit.js'
import { reason } from './input.js'
import { refusalLine } from './refusals.js'
import { visible } from './visible.js'

/** A verifier key as written, `name+hash+key`, or the file that holds one line of it. @throws Stop */
export async function readVerifierKey(given: string): Promise<{ readonly vkey: string; readonly key: VerifierKey }> {
  const vkey = /^[^+]+\+[0-9a-f]{8}\+/.test(given) ? given : await firstLine(given)
  const key = attempt(() => parseVerifierKey(vkey))
  if (!key.ok) throw new Stop(`the verifier key ${visible(given)}: ${refusalLine(key.failure)}`)
  return { vkey, key: key.value }
}

async function firstLine(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw new Stop(`${visible(path)} is neither a verifier key nor a file that can be read: ${reason(cause)}`)
  }
}
