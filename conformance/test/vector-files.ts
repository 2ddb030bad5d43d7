import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../vectors/', import.meta.url))

/** Every committed file under conformance/vectors, by its name from there. */
export function committedFiles(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
  return names.map((name) => ({
    name: name.replaceAll('\\', '/'),
    bytes: Uint8Array.from(readFileSync(folder + name)),
  }))
}
