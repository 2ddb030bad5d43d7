export type Target = 'executor' | 'verifier' | 'signing client'

/** What became of one thing that the operator tried. */
export interface Answered {
  /** What the target said: its code, or in words where it gives none. */
  readonly code: string
  /** Whether the operator got what it wanted, whatever the target said. */
  readonly succeeded: boolean
}

/** One thing that the hostile operator tries. */
export interface Attack {
  readonly name: string
  readonly target: Target
  /** Requirement ids that stand in its way. */
  readonly requirements: string
  /** What the operator did, in one sentence. */
  readonly did: string
  /** The code that has to hold it: another one would mean that this attack tests something else than it says. */
  readonly expected: string
  readonly run: () => Promise<Answered>
}

/** What must go well when nobody lies, so that a refusal means something. `expected` is what the target says then. */
export interface Control {
  readonly name: string
  readonly target: Target
  readonly expected: string
  readonly run: () => Promise<string>
}

export type Result = 'held' | 'held, but by another code' | 'SUCCEEDED' | 'passed' | 'FAILED'

/** One line of the report. */
export interface Reported {
  readonly name: string
  readonly target: Target
  readonly requirements: string
  readonly did: string
  readonly expected: string
  readonly code: string
  readonly result: Result
}

/** Tries an attack. An exception is an answer of nobody: it is never the expected code. */
export async function tried({ run, ...attack }: Attack): Promise<Reported> {
  const { code, succeeded } = await run().catch((error) => ({ code: messageOf(error), succeeded: false }))
  const held = code === attack.expected ? 'held' : 'held, but by another code'
  return { ...attack, code, result: succeeded ? 'SUCCEEDED' : held }
}

export async function checked({ run, ...control }: Control): Promise<Reported> {
  const code = await run().catch(messageOf)
  const result = code === control.expected ? 'passed' : 'FAILED'
  return { ...control, requirements: '', did: '', code, result }
}

function messageOf(error: unknown): string {
  return `threw: ${error instanceof Error ? error.message : String(error)}`
}
