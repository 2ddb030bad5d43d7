import { run } from './program.js'
import { processTerminal } from './terminal.js'

// A reader that went away (`| head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(process.exitCode)
})

// Set, not `exit`: what was written to a pipe still has to leave.
process.exitCode = await run(process.argv.slice(2), processTerminal())
