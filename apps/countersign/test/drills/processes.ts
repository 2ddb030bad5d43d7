import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const runSources = new URL('../../../../scripts/run-sources.mjs', import.meta.url).href

/** The command line, as `bin/` starts it. */
export const countersign = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process of a program of this repository. */
export interface Running {
  readonly pid: number
  readonly ended: Promise<Ended>
  readonly stdout: () => string
  readonly stderr: () => string
  /** The first match in what it wrote; null if it ended without. */
  said(form: RegExp): Promise<RegExpExecArray | null>
  /** SIGSTOP and SIGCONT included. Nothing if it ended. */
  signal(signal: NodeJS.Signals): void
  /** Ends it with a signal. */
  kill(signal?: NodeJS.Signals): Promise<Ended>
}

export function run(program: string, ...words: readonly string[]): Running {
  const child: ChildProcess = spawn(process.execPath, ['--import', runSources, program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const heard = { out: '', err: '' }
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    heard.out += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    heard.err += text
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Ended)
  return {
    pid: child.pid!,
    ended,
    stdout: () => heard.out,
    stderr: () => heard.err,
    said: (form) =>
      new Promise((resolve) => {
        const look = () => {
          const match = form.exec(heard.out)
          if (match !== null) resolve(match)
        }
        look()
        child.stdout!.on('data', look)
        ended.then(() => resolve(form.exec(heard.out)))
      }),
    signal: (signal) => void child.kill(signal),
    kill(signal = 'SIGKILL') {
      child.kill(signal)
      return ended
    },
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
