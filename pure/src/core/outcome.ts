import { Refusal } from './refusal.js'

export type Verdict = 'satisfied' | 'refused' | 'indeterminate'
export type StepStatus = 'passed' | 'failed' | 'indeterminate' | 'not_evaluated'

/** What one named step of a verification procedure said. */
export interface Check {
  readonly step: string
  readonly status: StepStatus
  readonly code?: string
}

/** Why a verdict is not `satisfied`: one stable code, and a JSON Pointer into the artifact. */
export interface Failure {
  readonly code: string
  readonly at: string
  readonly detail?: string
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

/** The verdict of a verification. The verified value exists on the satisfied branch only. */
export type Outcome<T> =
  | { readonly outcome: 'satisfied'; readonly value: T; readonly checks: readonly Check[] }
  | { readonly outcome: 'refused' | 'indeterminate'; readonly failure: Failure; readonly checks: readonly Check[] }

/** Thrown inside a step when a trust input cannot be judged here: the verdict is indeterminate, never satisfied. */
export class Indeterminate extends Error {
  override readonly name = 'Indeterminate'
  readonly code: string
  readonly at: string

  constructor(code: string, at = '') {
    super(`${code} at ${at}`)
    this.code = code
    this.at = at
  }
}

/** Runs the steps of a procedure in their fixed order and reports each one. */
export interface Steps<S extends string> {
  step<R>(name: S, run: () => R): R
}

/**
 * Runs a verification procedure. The first step that does not pass is the verdict; later ones are `not_evaluated`.
 * An unexpected exception (a bug, or a platform failing under hostile input) is a refusal with `internal_error`:
 * a verifier never throws and never permits.
 */
export function judge<S extends string, T>(names: readonly S[], procedure: (checks: Steps<S>) => T): Outcome<T> {
  const done: Check[] = []
  let current: S | undefined
  const rest = () => names.slice(done.length).map((step): Check => ({ step, status: 'not_evaluated' }))
  try {
    const value = procedure({
      step: (name, run) => {
        current = name
        const result = run()
        done.push({ step: name, status: 'passed' })
        current = undefined
        return result
      },
    })
    return { outcome: 'satisfied', value, checks: done }
  } catch (error) {
    const failure = failureOf(error)
    const indeterminate = error instanceof Indeterminate
    if (current !== undefined)
      done.push({ step: current, status: indeterminate ? 'indeterminate' : 'failed', code: failure.code })
    return { outcome: indeterminate ? 'indeterminate' : 'refused', failure, checks: [...done, ...rest()] }
  }
}

/** Runs straight-line checks and turns a `Refusal` (or anything unexpected) into a value. */
export function attempt<T>(run: () => T): Result<T> {
  try {
    return { ok: true, value: run() }
  } catch (error) {
    return { ok: false, failure: failureOf(error) }
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof Refusal || error instanceof Indeterminate)
    return { code: error.code, at: error.at, detail: error.message }
  return { code: 'internal_error', at: '' }
}
