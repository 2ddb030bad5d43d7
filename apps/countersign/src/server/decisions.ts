import { randomBytes } from 'node:crypto'
import type { Decision, ServiceRefusal } from '@countersign/engine/authorization/decision'
import type { Moment } from '@countersign/engine/authorization/service'

/** An engine said no. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: ServiceRefusal

  constructor(refusal: ServiceRefusal) {
    super(refusal.code)
    this.refusal = refusal
  }
}

/** The value of a decision that was a yes. @throws Refused */
export function accepted<T>(decision: Decision<T>): T {
  if (!decision.ok) throw new Refused(decision.refusal)
  return decision.value
}

/** The one clock reading and the one draw of randomness of a command. */
export function moment(): Moment {
  return { now: Date.now(), random: new Uint8Array(randomBytes(64)) }
}

/** Nothing of that name, or nothing that this caller may see: both look alike from outside. */
export function unknown(code: string): Refused {
  return new Refused({ code, at: '', kind: 'not_found' })
}

export function forbidden(code: string, at: string): Refused {
  return new Refused({ code, at, kind: 'forbidden' })
}
