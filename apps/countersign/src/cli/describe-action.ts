import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import { into } from '@countersign/pure/core/refusal'
import { isObject } from '@countersign/pure/core/shape'
import type { Action } from '@countersign/pure/ep/action'
import { visible } from './visible.js'

/** A line of a description: what, and its value, both fit for a terminal. */
export type Line = readonly [name: string, value: string]

/**
 * Every member of an action, nothing left out: what an approver must see before signing (EP-ACT-4, EP-CTX-5). What the initiator named
 * stands under its JSON Pointer: no parameter can pass for one of our own lines.
 */
export function describeAction(action: Action): readonly Line[] {
  const { system, resource, ...target } = action.target
  return [
    ['action', visible(action.action_type)],
    ['system', visible(system)],
    ['resource', `"${visible(resource)}"`],
    ...members(target as JsonObject, '/target'),
    ...members(action.parameters, '/parameters'),
    ['asked by', visible(action.initiator)],
    ['asked at', visible(action.requested_at)],
    ['policy', visible(action.policy_id)],
    ...(action.provenance === undefined ? [] : members(action.provenance, '/provenance')),
  ]
}

function members(object: JsonObject, at: string): Line[] {
  return Object.entries(object).flatMap(([name, value]) => leaves(value, into(at, visible(name))))
}

function leaves(value: JsonValue, at: string): Line[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item, index) => leaves(item, into(at, index)))
  if (isObject(value) && Object.keys(value).length > 0) return members(value, at)
  return [[at, typeof value === 'string' ? `"${visible(value)}"` : JSON.stringify(value)]]
}

/** Two columns. */
export function table(lines: readonly Line[], indent = '  '): string {
  const width = Math.min(28, Math.max(...lines.map(([name]) => name.length)))
  return lines.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}\n`).join('')
}
