import { join } from 'node:path'

/** Where things stand in the data folder of a server. */
export function placesIn(folder: string) {
  const at = (name: string) => join(folder, name)
  return {
    database: at('countersign.db'),
    organization: at('organization.json'),
    log: at('log'),
    vkey: at('log.vkey'),
    anchor: at('anchor'),
  }
}
