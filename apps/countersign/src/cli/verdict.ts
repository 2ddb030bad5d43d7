import type { Check } from '@countersign/pure/core/outcome'
import type { createColors } from 'picocolors'
import type { Judgement, Kind, Statement } from './artifact.js'
import { assuranceWords, openWords, stepWords } from './assurance-words.js'
import { describeAction, type Line, table } from './describe-action.js'
import { refusalLine } from './refusals.js'
import { visible } from './visible.js'

type Colors = ReturnType<typeof createColors>

const proven: Readonly<Record<Kind, string>> = {
  receipt: 'this action was approved and committed once',
  denial: 'this action was DENIED; nothing here permits it',
  bundle: 'this action is approved; it may still be consumed, and this file permits nothing by itself',
}

const names: Readonly<Record<Kind, string>> = {
  receipt: 'trust receipt',
  denial: 'denial record',
  bundle: 'authorization bundle',
}

/** A judgement for a person: the verdict first, then who approved what, then why, then what stays open. */
export function describeJudgement(judged: Judgement, colors: Colors): string {
  const { statement, assurance } = judged
  const parts = [verdictLine(judged, colors)]
  if (statement !== undefined) parts.push(describeStatement(judged.kind, statement))
  parts.push(`Steps\n${judged.checks.map((check) => stepLine(check, colors)).join('')}`)
  if (statement === undefined) parts.push('Nothing in this file may be relied on, and its contents are not shown.\n')
  if (assurance !== undefined) parts.push(`How much this carries\n${bullets(assuranceWords(assurance))}`)
  if (judged.notEstablished.length > 0)
    parts.push(
      `Not established by this file\n${bullets(judged.notEstablished.map((name) => visible(openWords(name))))}`,
    )
  return parts.join('\n')
}

function verdictLine({ kind, outcome, failure }: Judgement, colors: Colors): string {
  if (outcome === 'satisfied') return `${colors.bold(colors.green('SATISFIED'))}: ${proven[kind]}\n`
  const word = outcome === 'refused' ? colors.bold(colors.red('REFUSED')) : colors.bold(colors.yellow('INDETERMINATE'))
  return `${word}: this ${names[kind]} does not verify\n  ${refusalLine(failure!)}\n`
}

function describeStatement(kind: Kind, statement: Statement): string {
  const { committed, reason, id, signed, policy } = statement
  const verb = kind === 'denial' ? 'denied by' : 'approved by'
  const lines: Line[] = [
    ...signed.map(({ approver, keyId, at }): Line => [verb, `${approver} with ${keyId}, stamped ${at}`]),
    ...(reason === undefined ? [] : [['reason', `"${visible(reason)}"`] as const]),
    ...describeAction(statement.action),
    ['organization', policy.organization],
    ...(committed === undefined ? [] : committedLines(committed)),
    ...(id === undefined ? [] : [[names[kind], id] as const]),
    ['hash', statement.hash],
  ]
  return table(lines)
}

function committedLines({ at, by, enforcement }: NonNullable<Statement['committed']>): Line[] {
  return [
    ['committed at', at],
    ['consumed by', `${by ?? 'not stated'} (${enforcement})`],
  ]
}

function stepLine({ step, status, code }: Check, colors: Colors): string {
  const words = stepWords(step)
  if (status === 'passed') return `  ${colors.green('✓')} ${step.padEnd(22)}${words}\n`
  if (status === 'not_evaluated') return `  ${colors.dim('·')} ${step.padEnd(22)}${colors.dim('not evaluated')}\n`
  const mark = status === 'failed' ? colors.red('✗') : colors.yellow('?')
  return `  ${mark} ${step.padEnd(22)}${code ?? ''}\n`
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `  - ${line}\n`).join('')
}
