import { readFileSync } from 'node:fs'
import { LogHalted } from '@countersign/engine/log/halt'
import { StoreFault } from '@countersign/engine/ports/store'
import { pino } from 'pino'
import { exit, Stop } from '../cli/exit.js'
import { readFileInput } from '../cli/input.js'
import { askPassphrase } from '../cli/passphrase.js'
import type { Terminal } from '../cli/terminal.js'
import { Fault } from './fault.js'
import { type RunningServer, startServer } from './running-server.js'
import type { ServeOptions } from './serve-options.js'

/** Runs until SIGTERM or SIGINT. The log of the process is JSON lines on stderr; the address is the one line on stdout. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<void> {
  const logger = pino({ level: options.logLevel, redact: ['req.headers'] }, pino.destination({ dest: 2, sync: true }))
  const organizationFile = await readFileInput(options.organization)
  const passphraseFile = options.logKeyPassphraseFile
  const logKeyPassphrase =
    passphraseFile === undefined ? null : await askPassphrase('The passphrase of the log key', passphraseFile, terminal)
  if (logKeyPassphrase === null) logger.warn('the log key has no passphrase: whoever reads the data folder has it')
  const stopped = signalled()
  const server = await start({ ...options, organizationFile, logKeyPassphrase }, logger)
  terminal.out(`listening on ${server.url}\n`)
  logger.info({ url: server.url, signal: await stopped }, 'stopping')
  await server.stop()
  logger.info('stopped')
}

type Given = Omit<ServeOptions, 'organization'> & { organizationFile: Uint8Array; logKeyPassphrase: string | null }

async function start(given: Given, logger: pino.Logger): Promise<RunningServer> {
  const { data, anchor, host, port, publicUrl, organizationFile, logKeyPassphrase } = given
  try {
    return await startServer(
      {
        data,
        host,
        port,
        organizationFile,
        logKeyPassphrase,
        publicLog: given.publicLog === true,
        perMinute: { key: given.rateLimit, failures: 60 },
        version: version(),
        ...(anchor === undefined ? {} : { anchor }),
        ...(publicUrl === undefined ? {} : { publicUrl }),
      },
      logger,
    )
  } catch (error) {
    if (error instanceof LogHalted || error instanceof Fault)
      throw new Stop(`refusing to serve: ${error.message}`, exit.refused)
    if (error instanceof StoreFault) throw new Stop(`the database cannot be opened: ${error.message}`)
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new Stop(`port ${port} of ${host} is taken`)
    throw error
  }
}

/** The first signal drains; the second finds the default and ends the process at once. */
function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
