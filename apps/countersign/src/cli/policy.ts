import { hashJson } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'
import { parseJson } from '@countersign/pure/core/json'
import { attempt } from '@countersign/pure/core/outcome'
import { readShape } from '@countersign/pure/core/shape'
import { type Action, action } from '@countersign/pure/ep/action'
import { evaluatePolicy, type Policy } from '@countersign/pure/ep/policy'
import type { Command } from 'commander'
import { Argument } from 'commander'
import { policyTemplate, type TemplateName, templateNames } from '../organization/policy-templates.js'
import { policyWords, quorumWords } from '../organization/policy-words.js'
import { exit, Stop } from './exit.js'
import { readInput } from './input.js'
import { openFolder } from './org/open.js'
import { readPolicy } from './policy-file.js'
import { refusalLine } from './refusals.js'
import type { Terminal } from './terminal.js'
import { visible } from './visible.js'

/** `policy`: documents before they are put into force. */
export function addPolicy(program: Command, terminal: Terminal): void {
  const noun = program.command('policy').description('policy documents: templates, and what they say of an action')
  noun
    .command('check')
    .description('check a policy and say in words what it demands, of an action too')
    .argument('<file>', 'the policy document; - is stdin')
    .option('--action <file>', 'an action that the policy is to judge; ends with 1 if it refuses')
    .action(async (file: string, options: { action?: string }) => {
      const document = await readPolicy(file, terminal)
      terminal.out(`${document.policy_id} ${hashJson(document as unknown as JsonObject)}\n`)
      for (const line of policyWords(document)) terminal.out(`  ${visible(line)}\n`)
      if (options.action !== undefined) judge(document, await readAction(options.action, terminal), terminal)
    })
  noun
    .command('template')
    .description('print a policy to start from')
    .addArgument(new Argument('<name>').choices(templateNames))
    .option('--folder <dir>', 'the organization that it is for; an example’s if absent')
    .action(async (name: TemplateName, options: { folder?: string }) => {
      const pins = options.folder === undefined ? example : (await openFolder(options.folder)).pins
      terminal.out(`${JSON.stringify(policyTemplate(name, pins), null, 2)}\n`)
    })
}

const example: Parameters<typeof policyTemplate>[1] = {
  organization: 'ep:org:example',
  log: { origin: 'log.example/1' },
  directory: { directory_id: 'ep:directory:example', operated_by: 'organization', threshold: 1, keys: [] },
}

function judge(policy: Policy, wanted: Action, terminal: Terminal): void {
  if (!policy.action_types.includes(wanted.action_type))
    throw new Stop(`the policy does not cover ${wanted.action_type}`, exit.refused)
  const decided = attempt(() => evaluatePolicy(policy, wanted))
  if (!decided.ok) throw new Stop(`this action is refused: ${refusalLine(decided.failure)}`, exit.refused)
  const { value } = decided
  if (value.decision === 'refuse') throw new Stop(`this action is refused by rule ${value.rule + 1}`, exit.refused)
  const says = value.decision === 'require' ? `needs ${quorumWords(value.quorum)}` : 'runs without approval'
  terminal.out(`This action ${says} (rule ${value.rule + 1}).\n`)
  if (wanted.policy_id !== policy.policy_id) terminal.err(`countersign: the action names ${wanted.policy_id} instead\n`)
}

async function readAction(path: string, terminal: Terminal): Promise<Action> {
  const bytes = await readInput(path, terminal)
  const read = attempt(() => readShape(action, parseJson(bytes).value))
  if (!read.ok) throw new Stop(`the action ${visible(path)}: ${refusalLine(read.failure)}`, exit.refused)
  return read.value
}
