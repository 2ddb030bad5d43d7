import type { Log } from '@countersign/engine/log/log'
import type { Capacity } from './capacity.js'
import { headHealth } from './handlers/service.js'
import type { Metrics } from './metrics.js'
import type { RollbackGuard } from './rollback-guard.js'

/** What is measured beside the requests. */
export function watch(metrics: Metrics, log: Log, guard: RollbackGuard, capacity: Capacity): void {
  const whileRunning = (read: () => number) => () => (guard.halted() === null ? read() : 0)
  metrics.gauge('countersign_http_requests_in_flight', 'Requests being answered.', () => capacity.busy)
  metrics.gauge('countersign_halted', '1 once the guard has stopped the server.', () =>
    guard.halted() === null ? 0 : 1,
  )
  metrics.gauge(
    'countersign_log_tree_size',
    'Entries under the newest anchored checkpoint.',
    whileRunning(() => log.newestAnchored()?.treeSize ?? 0),
  )
  metrics.gauge(
    'countersign_directory_head_expires_in_days',
    'Days until the directory head in effect ends.',
    whileRunning(() => {
      const head = log.derived().head?.head
      return head === undefined ? 0 : headHealth(head, Date.now()).expires_in_days
    }),
  )
}
