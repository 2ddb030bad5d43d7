import { canonicalString } from '../core/jcs.js'
import type { JsonArray, JsonObject, JsonValue } from '../core/json.js'
import { into, Refusal } from '../core/refusal.js'
import { isObject, type Shape } from '../core/shape.js'

/**
 * A small closed tree over RFC 6901 pointers into the action, one member per node (EP-POL-2). No embedded language: any
 * verifier must recompute it.
 */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly exists: readonly [string] }
  | { readonly eq: readonly [string, JsonValue] }
  | { readonly in: readonly [string, readonly JsonValue[]] }
  | { readonly prefix: readonly [string, string] }
  | { readonly [K in DecimalOperator]?: readonly [string, string] }

type DecimalOperator = 'dec_lt' | 'dec_le' | 'dec_gt' | 'dec_ge'

const maxNodes = 256
const decimalForm = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/
const pointerForm = /^(\/([^~/]|~[01])*)+$/

const decimals: Record<DecimalOperator, (order: number) => boolean> = {
  dec_lt: (order) => order < 0,
  dec_le: (order) => order <= 0,
  dec_gt: (order) => order > 0,
  dec_ge: (order) => order >= 0,
}

/** Parser of a condition tree: forms, literals and pointers are checked here, so that evaluation only meets operands. */
export const condition: Shape<Condition> = {
  read(value, path) {
    const counter = { nodes: 0 }
    checkNode(value, path.reduce<string>(into, ''), counter)
    return value as unknown as Condition
  },
}

function checkNode(node: JsonValue, at: string, counter: { nodes: number }): void {
  counter.nodes += 1
  if (counter.nodes > maxNodes) throw new Refusal('condition_nodes_too_large', at)
  if (!isObject(node)) throw new Refusal('condition_node_malformed', at)
  const members = Object.keys(node)
  if (members.length !== 1) throw new Refusal('condition_node_malformed', at)
  const operator = members[0]!
  const operand = node[operator]!
  const below = into(at, operator)
  if (operator === 'not') {
    checkNode(operand, below, counter)
  } else if (operator === 'all' || operator === 'any') {
    if (!Array.isArray(operand)) throw new Refusal('condition_node_malformed', below)
    if (operand.length === 0) throw new Refusal('condition_list_insufficient', below)
    for (const [index, child] of operand.entries()) checkNode(child, into(below, index), counter)
  } else {
    checkLeaf(operator, operand, below)
  }
}

function checkLeaf(operator: string, operand: JsonValue, at: string): void {
  const arity = operator === 'exists' ? 1 : 2
  if (!isOperator(operator)) throw new Refusal('condition_operator_unknown', at)
  if (!Array.isArray(operand) || operand.length !== arity) throw new Refusal('condition_node_malformed', at)
  const [pointer, literal] = operand
  if (typeof pointer !== 'string' || !pointerForm.test(pointer))
    throw new Refusal('condition_pointer_malformed', into(at, 0))
  if (pointer === '/provenance' || pointer.startsWith('/provenance/'))
    throw new Refusal('condition_pointer_unsupported', into(at, 0))
  if (operator in decimals && !(typeof literal === 'string' && decimalForm.test(literal)))
    throw new Refusal('condition_literal_malformed', into(at, 1))
  if (operator === 'prefix' && typeof literal !== 'string')
    throw new Refusal('condition_literal_malformed', into(at, 1))
  if (operator === 'in') {
    if (!Array.isArray(literal)) throw new Refusal('condition_literal_malformed', into(at, 1))
    if (literal.length === 0) throw new Refusal('condition_list_insufficient', into(at, 1))
  }
}

function isOperator(operator: string): boolean {
  return (
    operator === 'exists' ||
    operator === 'eq' ||
    operator === 'in' ||
    operator === 'prefix' ||
    Object.hasOwn(decimals, operator)
  )
}

/**
 * Evaluates a parsed condition over an action, left to right; `all` stops at the first false, `any` at the first true.
 * An operand that is missing or of the wrong form, wherever it is reached (also under `not`), ends the whole evaluation:
 * it throws `condition_operand_missing` or `condition_operand_malformed` with the pointer into the condition.
 */
export function evaluateCondition(node: Condition, action: JsonObject, at = ''): boolean {
  const [operator, operand] = Object.entries(node)[0] as [string, JsonValue]
  const below = into(at, operator)
  switch (operator) {
    case 'all':
      return (operand as unknown as Condition[]).every((child, index) =>
        evaluateCondition(child, action, into(below, index)),
      )
    case 'any':
      return (operand as unknown as Condition[]).some((child, index) =>
        evaluateCondition(child, action, into(below, index)),
      )
    case 'not':
      return !evaluateCondition(operand as unknown as Condition, action, below)
    case 'exists':
      return resolvePointer(action, (operand as JsonArray)[0] as string) !== undefined
    default:
      return compare(operator, operand as JsonArray, action, below)
  }
}

function compare(operator: string, [pointer, literal]: JsonArray, action: JsonObject, at: string): boolean {
  const value = resolvePointer(action, pointer as string)
  if (value === undefined) throw new Refusal('condition_operand_missing', at)
  if (operator === 'eq') return canonicalString(value) === canonicalString(literal!)
  if (operator === 'in') {
    const found = canonicalString(value)
    return (literal as JsonArray).some((one) => canonicalString(one) === found)
  }
  if (typeof value !== 'string') throw new Refusal('condition_operand_malformed', at)
  if (operator === 'prefix') return value.startsWith(literal as string)
  if (!decimalForm.test(value)) throw new Refusal('condition_operand_malformed', at)
  return decimals[operator as DecimalOperator](compareDecimals(value, literal as string))
}

/** RFC 6901 over JSON; undefined where nothing stands. Array indices have no leading zeros. */
export function resolvePointer(root: JsonValue, pointer: string): JsonValue | undefined {
  let here: JsonValue | undefined = root
  for (const escaped of pointer.split('/').slice(1)) {
    const token = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(here)) {
      if (!/^(0|[1-9][0-9]*)$/.test(token)) return undefined
      here = here[Number(token)]
    } else if (isObject(here) && Object.hasOwn(here, token)) {
      here = here[token]
    } else {
      return undefined
    }
  }
  return here
}

/** Exact order of two decimals of the form `-?(0|[1-9][0-9]*)(.[0-9]+)?`: negative, zero or positive. */
export function compareDecimals(left: string, right: string): number {
  const places = Math.max(fraction(left).length, fraction(right).length)
  const a = scaled(left, places)
  const b = scaled(right, places)
  return a < b ? -1 : a > b ? 1 : 0
}

function fraction(decimal: string): string {
  const dot = decimal.indexOf('.')
  return dot < 0 ? '' : decimal.slice(dot + 1)
}

function scaled(decimal: string, places: number): bigint {
  const digits = decimal.replace('.', '').replace('-', '') + '0'.repeat(places - fraction(decimal).length)
  return decimal.startsWith('-') ? -BigInt(digits) : BigInt(digits)
}
