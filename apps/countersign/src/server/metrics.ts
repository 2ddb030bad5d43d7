import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What is counted about the interface; process and log add theirs to the registry. */
export interface Metrics {
  readonly registry: Registry
  answered(route: string, status: number, seconds: number): void
  /** Adds a value that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number): void
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const requests = new Counter({
    name: 'countersign_http_requests_total',
    help: 'Requests answered, by operation and status.',
    labelNames: ['route', 'status'],
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'countersign_http_request_duration_seconds',
    help: 'From the first octet of a request to the last of its answer.',
    labelNames: ['route'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  })
  return {
    registry,
    answered(route, status, seconds) {
      requests.inc({ route, status })
      durations.observe({ route }, seconds)
    },
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read())
        },
      })
    },
  }
}
