import type { Client } from '@countersign/adapters/http/client'
import { type Command, InvalidArgumentError } from 'commander'
import { exit, Stop } from './exit.js'
import { readFileInput } from './input.js'
import { visible } from './visible.js'

export interface ServerOptions {
  readonly server: string
  readonly apiKeyFile: string
}

/** The options of every command that talks to a server. */
export function serverOptions(command: Command): Command {
  return command
    .requiredOption('--server <url>', 'where the server is reached', parseUrl)
    .requiredOption('--api-key-file <file>', 'the file with your API key')
}

/** A client with the key in a file: keys in arguments stand in process lists. */
export async function openClient({ server, apiKeyFile }: ServerOptions): Promise<Client> {
  const key = new TextDecoder().decode(await readFileInput(apiKeyFile)).trim()
  if (!/^csk_[A-Za-z0-9_-]+$/.test(key)) throw new Stop(`${visible(apiKeyFile)} holds no API key (csk_...)`)
  // Loaded here, as below: the whole contract costs every other command its start.
  const { httpClient } = await import('@countersign/adapters/http/client')
  return httpClient({ url: server, key })
}

/** Runs calls to a server; its no ends with 1 and its code, its silence with 2. */
export async function answered<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const { HttpProblem, HttpUnanswered } = await import('@countersign/adapters/http/client')
    if (error instanceof HttpProblem) throw new Stop(`the server says no: ${visible(error.message)}`, exit.refused)
    if (error instanceof HttpUnanswered)
      throw new Stop(`${visible(error.message)}; the same command may be given again`)
    throw error
  }
}

function parseUrl(given: string): string {
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw new InvalidArgumentError('it looks like https://approve.acme.example')
  return given
}
