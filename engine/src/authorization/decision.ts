import type { JsonObject } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import { engineCodes, type RefusalKind } from './codes.js'

/** Why a command was not carried out: one stable code, a JSON Pointer into the body, and what sort of no it is. */
export interface ServiceRefusal {
  readonly code: string
  readonly at: string
  readonly kind: RefusalKind
  /** What the caller needs to act on it, such as the policy in force. */
  readonly info?: JsonObject
}

/** What a command answers. A fault (`StoreFault`, `JudgeFault`, `LogHalted`) is thrown, never answered. */
export type Decision<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: ServiceRefusal }

/** A refusal with facts for the caller; its kind stands in the table of codes unless one is given. */
export class CommandRefusal extends Refusal {
  readonly kind: RefusalKind
  readonly info: JsonObject | undefined

  constructor(code: string, at: string, kind: RefusalKind, info?: JsonObject) {
    super(code, at)
    this.kind = kind
    this.info = info
  }
}

/** A refusal of this engine, by its table of codes. */
export function refusal(code: keyof typeof engineCodes, at = '', info?: JsonObject): CommandRefusal {
  return new CommandRefusal(code, at, engineCodes[code].kind, info)
}

/** Runs a parser: what it refuses is malformed input, not a judgement of it. */
export function parsed<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof Refusal) throw new CommandRefusal(error.code, error.at, 'invalid')
    throw error
  }
}

/** The public edge: a refusal becomes a value, a fault stays thrown. */
export async function decided<T>(run: () => Promise<T>): Promise<Decision<T>> {
  try {
    return { ok: true, value: await run() }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, refusal: refusalOf(error) }
    throw error
  }
}

function refusalOf(error: Refusal): ServiceRefusal {
  const { code, at } = error
  if (!(error instanceof CommandRefusal)) return { code, at, kind: 'unprocessable' }
  return { code, at, kind: error.kind, ...(error.info === undefined ? {} : { info: error.info }) }
}
