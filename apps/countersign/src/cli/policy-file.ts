import { parseJson } from '@countersign/pure/core/json'
import { attempt } from '@countersign/pure/core/outcome'
import { readShape } from '@countersign/pure/core/shape'
import { type Policy, policy } from '@countersign/pure/ep/policy'
import { exit, Stop } from './exit.js'
import { readInput } from './input.js'
import { refusalLine } from './refusals.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'

/** A policy document, parsed as everyone will parse it. @throws Stop that ends with 1 for what is no policy */
export async function readPolicy(path: string, terminal: Terminal): Promise<Policy> {
  const bytes = await readInput(path, terminal)
  const read = attempt(() => readShape(policy, parseJson(bytes).value))
  if (!read.ok) throw new Stop(`the policy ${visible(path)}: ${refusalLine(read.failure)}`, exit.refused)
  return read.value
}
