import { set } from '@countersign/conformance/cases/case'
import type { JsonArray, JsonObject } from '@countersign/pure/core/json'
import { makeWorld, type WorldOptions } from '@countersign/simulator/world'
import { operatorKey } from '../owners.js'

export const operatorsApprover = { name: 'jchen', signer: operatorKey('ep:key:jchen#1') } as const

/** Everybody in such a world is the operator. */
export const allOperator: WorldOptions = {
  approvers: [operatorsApprover],
  entities: [{ name: 'agent-recon-7', signer: operatorKey('ep:key:agent-recon-7#1') }],
  executors: [{ name: 'payments', signer: operatorKey('ep:key:payments#1') }],
}

/** An organization that the operator made up, or runs for affairs of its own; `pinned` is its group of a trust file. */
export function operatorsOrganization() {
  const directoryKey = operatorKey('ep:key:globex-directory#1')
  const world = makeWorld({ ...allOperator, organization: 'globex', headSigners: [directoryKey] })
  const file = world.trustFile(set('/organizations/0/directory/keys/0/public_key', directoryKey.publicKey))
  return { world, pinned: (file['organizations'] as JsonArray)[0] as JsonObject }
}
