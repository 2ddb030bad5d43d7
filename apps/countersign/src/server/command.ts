import { type Command, InvalidArgumentError } from 'commander'
import { Stop } from '../cli/exit.js'
import type { Terminal } from '../cli/terminal.js'
import type { ServeOptions } from './serve-options.js'

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** `serve`: the server of one organization. Its code is loaded only when it runs, so that other commands start fast. */
export function addServe(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description("run one organization's server: requests, signoffs, consumption, and the log")
    .requiredOption('--data <folder>', 'the data folder; made at the first start')
    .requiredOption(
      '--organization <file>',
      'the public pins of the organization, as `countersign org public` writes them',
    )
    .option(
      '--anchor <file>',
      'where checkpoints are kept out of the database; better on another device (default: DATA/anchor)',
    )
    .option('--port <number>', 'the port to listen on; 0 takes a free one', parsePort, 8420)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--public-url <url>', 'where clients reach this server')
    .option('--log-key-passphrase-file <file>', 'the passphrase of the log key; without it the key file is unprotected')
    .option('--log-level <level>', levels.join(', '), parseLevel, 'info')
    .option('--public-log', 'let anyone without an API key read /log, for witnesses and monitors')
    .option('--rate-limit <number>', 'requests that one API key may send in a minute', parseRate, 12_000)
    .option('--directory-key <file>', 'refused: the key of the organization has no business here')
    .action(async (options: ServeOptions) => {
      // EP-DIR-4: a head that only the operator can sign makes every signoff the operator's word.
      if (options.directoryKey !== undefined)
        throw new Stop(
          'the directory key of the organization has no business on its server: sign heads where people are, and publish them',
        )
      const { serve } = await import('./serve.js')
      await serve(options, terminal)
    })
}

function parsePort(given: string): number {
  const port = /^[0-9]{1,5}$/.test(given) ? Number(given) : 65_536
  if (port > 65_535) throw new InvalidArgumentError('a port is a number up to 65535')
  return port
}

function parseRate(given: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(given)) throw new InvalidArgumentError('a rate is a whole number from 1 on')
  return Number(given)
}

function parseLevel(given: string): string {
  if (!levels.includes(given)) throw new InvalidArgumentError(`a level is one of ${levels.join(', ')}`)
  return given
}
