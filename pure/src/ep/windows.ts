import { parseInstant } from '../core/instant.js'
import { Refusal } from '../core/refusal.js'
import type { Attempt } from './verify-contexts.js'

/** requested_at <= issued_at <= signed_at (EP-MN-1); `signedAt` are instants with their pointers. */
export function requireSignedInWindow(
  requestedAt: string,
  attempt: Attempt,
  signedAt: readonly { readonly instant: string; readonly at: string }[],
): number {
  if (parseInstant(requestedAt) > attempt.issuedAt)
    throw new Refusal('window_issued_at_invalid', '/action/requested_at')
  let last = attempt.issuedAt
  for (const { instant, at } of signedAt) {
    const signed = parseInstant(instant)
    if (signed < attempt.issuedAt) throw new Refusal('window_signed_at_invalid', at)
    if (signed >= attempt.expiresAt) throw new Refusal('window_signed_at_expired', at)
    last = Math.max(last, signed)
  }
  return last
}

/** No instant of the artifact lies in the future of a given clock (ms), `tolerance` ms aside. */
export function requirePast(
  instants: readonly { readonly ms: number; readonly at: string }[],
  now: number,
  tolerance: number,
): void {
  for (const { ms, at } of instants) if (ms > now + tolerance) throw new Refusal('window_clock_invalid', at)
}
