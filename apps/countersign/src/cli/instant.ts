import { parseInstant } from '@countersign/pure/core/instant'
import { InvalidArgumentError } from 'commander'

/** An option's instant, in ms. */
export function parseAt(given: string): number {
  try {
    return parseInstant(given)
  } catch {
    throw new InvalidArgumentError('an instant looks like 2026-11-20T12:00:00Z')
  }
}
