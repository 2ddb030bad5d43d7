import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Holder } from '@countersign/engine/executor/journal-lock'

/**
 * Names this process for the journal's lock: host, process id, and where the system tells it the time the process started, so that a
 * number that was given out again is not taken for the old process. A process of another host is never known to be gone.
 */
export function thisProcess(): Holder {
  const host = hostname()
  return {
    name: `${host} ${process.pid} ${startOf(process.pid) ?? '-'}`,
    gone(name) {
      const [itsHost, pid, start] = name.split(' ')
      if (itsHost !== host || !/^[1-9][0-9]*$/.test(pid ?? '')) return false
      if (!isRunning(Number(pid))) return true
      const now = startOf(Number(pid))
      return start !== '-' && now !== undefined && now !== start
    },
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Clock ticks since boot at which a process started, on Linux. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
