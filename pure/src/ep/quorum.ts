import { into, Refusal } from '../core/refusal.js'
import { array, integer, isObject, object, type Shape } from '../core/shape.js'
import { name } from './identifier.js'

/** Exactly one of: k approvers with one of these roles; all of several quorums; any of several (EP-POL-3). Slots are disjoint. */
export type Quorum =
  | { readonly k: number; readonly roles: readonly string[] }
  | { readonly all: readonly Quorum[] }
  | { readonly any: readonly Quorum[] }

const leaf = object({ k: integer(1, 16), roles: array(name, { min: 1, max: 16 }) })
const maxNodes = 32
const maxRequired = 16

export const quorum: Shape<Quorum> = {
  read(value, path) {
    const at = path.reduce<string>(into, '')
    const counter = { nodes: 0 }
    const read = readNode(value, path, counter)
    // One leaf has one way, of at most 16 slots.
    if (!('k' in read) && alternatives(read, at).some((slots) => slots.length > maxRequired))
      throw new Refusal('quorum_slots_too_large', at)
    return read
  },
}

function readNode(value: unknown, path: (string | number)[], counter: { nodes: number }): Quorum {
  const at = () => path.reduce<string>(into, '')
  counter.nodes += 1
  if (counter.nodes > maxNodes) throw new Refusal('quorum_nodes_too_large', at())
  if (!isObject(value as never)) throw new Refusal('quorum_malformed', at())
  const node = value as Record<string, unknown>
  const branch = 'all' in node ? 'all' : 'any' in node ? 'any' : undefined
  if (branch === undefined) return leaf.read(value as never, path)
  const children = node[branch]
  if (Object.keys(node).length !== 1 || !Array.isArray(children)) throw new Refusal('quorum_malformed', at())
  if (children.length === 0) throw new Refusal('quorum_list_insufficient', at())
  for (const [index, child] of children.entries()) {
    path.push(branch, index)
    readNode(child, path, counter)
    path.length -= 2
  }
  return value as Quorum
}

/** One approver's place in a quorum: any of these roles fills it. */
export type Slot = readonly string[]

const maxAlternatives = 256

/** Every way to satisfy a quorum, each as a list of slots. Throws `quorum_alternatives_too_large` over 256. */
export function alternatives(quorum: Quorum, at = ''): readonly (readonly Slot[])[] {
  const ways = expand(quorum)
  if (ways === undefined) throw new Refusal('quorum_alternatives_too_large', at)
  return ways
}

function expand(quorum: Quorum): readonly (readonly Slot[])[] | undefined {
  if ('k' in quorum) return [Array.from({ length: quorum.k }, () => quorum.roles)]
  if ('any' in quorum) {
    const ways = quorum.any.map(expand)
    if (ways.some((way) => way === undefined)) return undefined
    const flat = ways.flatMap((way) => way!)
    return flat.length > maxAlternatives ? undefined : flat
  }
  let combined: (readonly Slot[])[] = [[]]
  for (const child of quorum.all) {
    const ways = expand(child)
    if (ways === undefined || combined.length * ways.length > maxAlternatives) return undefined
    combined = combined.flatMap((left) => ways.map((right) => [...left, ...right]))
  }
  return combined
}

/** The least number of signoffs that can satisfy the quorum: `required_approvals` (EP-CTX-6). */
export function requiredApprovals(quorum: Quorum): number {
  if ('k' in quorum) return quorum.k
  return Math.min(...alternatives(quorum).map((slots) => slots.length))
}

/** Every role that some slot accepts. */
export function eligibleRoles(quorum: Quorum): ReadonlySet<string> {
  if ('k' in quorum) return new Set(quorum.roles)
  return new Set(('all' in quorum ? quorum.all : quorum.any).flatMap((child) => [...eligibleRoles(child)]))
}

/**
 * Finds an assignment of approvers to disjoint slots that satisfies the quorum, when one exists.
 *
 * @param approvers - the roles of each approver who signed; an approver fills at most one slot
 * @returns for each slot of the satisfied alternative the approver's position, or undefined if there is no assignment
 */
export function assignSlots(quorum: Quorum, approvers: readonly (readonly string[])[]): readonly number[] | undefined {
  for (const slots of alternatives(quorum)) {
    const assignment = match(slots, approvers)
    if (assignment !== undefined) return assignment
  }
  return undefined
}

// Bipartite matching by augmenting paths (Kuhn): complete, so that a satisfiable quorum is never refused.
function match(slots: readonly Slot[], approvers: readonly (readonly string[])[]): readonly number[] | undefined {
  const slotOf = new Map<number, number>()
  const fills = (approver: number, slot: number) => approvers[approver]!.some((role) => slots[slot]!.includes(role))
  const augment = (slot: number, tried: Set<number>): boolean => {
    for (let approver = 0; approver < approvers.length; approver += 1) {
      if (tried.has(approver) || !fills(approver, slot)) continue
      tried.add(approver)
      const held = slotOf.get(approver)
      if (held === undefined || augment(held, tried)) {
        slotOf.set(approver, slot)
        return true
      }
    }
    return false
  }
  for (let slot = 0; slot < slots.length; slot += 1) if (!augment(slot, new Set())) return undefined
  const assignment: number[] = []
  for (const [approver, slot] of slotOf) assignment[slot] = approver
  return assignment
}
