import type { Command } from 'commander'
import type { Terminal } from '../terminal.js'
import { addApprover } from './approver.js'
import { addAttest } from './attest.js'
import { addEntity } from './entity.js'
import { addExecutor } from './executor.js'
import { addInit } from './init.js'
import { addOrgPolicy } from './policy.js'
import { addPublish } from './publish.js'
import { addSign } from './sign.js'
import { addStatus } from './status.js'
import { addTrust } from './trust.js'

/** `org`: what the organization decides, in a folder of its own that no server ever sees. */
export function addOrg(program: Command, terminal: Terminal): void {
  const org = program.command('org').description('the organization: its keys, who may approve, which policies hold')
  addInit(org, terminal)
  addApprover(org, terminal)
  addEntity(org, terminal)
  addExecutor(org, terminal)
  addOrgPolicy(org, terminal)
  addAttest(org, terminal)
  addSign(org, terminal)
  addPublish(org, terminal)
  addTrust(org, terminal)
  addStatus(org, terminal)
}
