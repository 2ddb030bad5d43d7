import type { serviceRoutes } from '@countersign/adapters/http/contract/service'
import type { AnswerOf } from '@countersign/adapters/http/route'
import type { Log } from '@countersign/engine/log/log'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { parseInstant } from '@countersign/pure/core/instant'
import type { DirectoryHead } from '@countersign/pure/ep/directory-head'
import type { Capacity } from '../capacity.js'
import type { Handlers } from '../exchange.js'
import { Fault } from '../fault.js'
import type { Metrics } from '../metrics.js'
import type { RollbackGuard } from '../rollback-guard.js'

type Health = AnswerOf<typeof serviceRoutes.getHealth>

export interface About {
  readonly version: string
  readonly organization: string
  readonly origin: string
  /** EP-SM-3: an anchor on the database's device survives a restored database, not a restored disk. */
  readonly anchor: 'same_device' | 'separate'
}

const warningDays = 30

export function serviceHandlers(
  about: About,
  log: Log,
  guard: RollbackGuard,
  capacity: Capacity,
  metrics: Metrics,
  openApi: { readonly openapi: string },
): Handlers<keyof typeof serviceRoutes> {
  return {
    async getHealth() {
      const { version, organization, origin, anchor } = about
      const halted = guard.halted()?.code ?? null
      const tree_size = halted === null ? (log.newestAnchored()?.treeSize ?? 0) : 0
      const head = halted === null ? (log.derived().head?.head ?? null) : null
      const body: Health = {
        status: 'ok',
        version,
        organization,
        log: { origin, tree_size, halted },
        anchor,
        head: head === null ? null : headHealth(head, Date.now()),
      }
      return { status: 200, body }
    },
    async getReady() {
      const halted = guard.halted()
      if (halted !== null) throw halted
      if (capacity.draining) throw new Fault(503, 'server_unavailable', 5)
      return { status: 200, body: { status: 'ready' } }
    },
    async getMetrics() {
      return { status: 200, body: utf8Encode(await metrics.registry.metrics()) }
    },
    async getOpenApi() {
      return { status: 200, body: openApi }
    },
  }
}

/** EP-DIR-2: a head that ends soon is said from 30 days before. */
export function headHealth(
  { body: { issued_at, valid_until } }: DirectoryHead,
  now: number,
): NonNullable<Health['head']> {
  const left = parseInstant(valid_until) - now
  const expires_in_days = Math.floor(left / 86_400_000)
  const known = { issued_at, valid_until, expires_in_days }
  if (left < 0) return { ...known, warning: 'head_expired' }
  return expires_in_days < warningDays ? { ...known, warning: 'head_expires_soon' } : known
}
