import { deciding, put, requiring, rules, set } from '@countersign/conformance/cases/case'
import { canonicalBytes } from '@countersign/pure/core/jcs'
import { type AttemptOptions, makeBundle } from '@countersign/simulator/attempt'
import type { Control } from '../attack.js'
import { codeOf, inScene, type Scene, type Setting, whatIsShown } from './scene.js'

type Run = (scene: Scene) => Promise<string>

const two = {
  policies: [rules(requiring({ k: 2, roles: ['treasury'] }))],
  approvers: [{ name: 'jchen' }, { name: 'mlopez' }],
}

/** The executor does its work for honest people, in the settings in which it is attacked. */
export const executorControls: readonly Control[] = [
  control('runs what was approved', 'executed, once', {}, approvedAndRun({})),
  control(
    'runs what two approved',
    'executed, once',
    { world: two },
    approvedAndRun({ approvers: ['jchen', 'mlopez'], requiredApprovals: 2 }),
  ),
  control(
    'runs what a passkey approved',
    'executed, once',
    { world: { approvers: [{ name: 'jchen', keyClass: 'A' }] } },
    approvedAndRun({}),
  ),
  control(
    'runs under a head of today',
    'executed, once',
    {
      world: { directoryAt: '2026-11-20T11:00:00Z' },
      trust: () => [put('/organizations/0/max_head_age_seconds', 86_400)],
    },
    approvedAndRun({}),
  ),
  control(
    'runs what a witness saw',
    'executed, once',
    {
      world: { witnesses: 1 },
      trust: () => [set('/organizations/0/witnesses/k', 1)],
    },
    async (scene) => {
      scene.server.lies.receipt = (request) =>
        scene.server.receiptFor(request, { checkpoint: { witnesses: scene.world.witnesses } })
      return approvedAndRun({})(scene)
    },
  ),
  control(
    'runs under attested entries',
    'executed, once',
    {
      world: { administrators: 1, attestedBy: 1 },
    },
    approvedAndRun({}),
  ),
  control('asks for an approval', 'require', {}, decided),
  control(
    'needs none where the policy says so',
    'ungated',
    { world: { policies: [rules(deciding('ungated'))] } },
    decided,
  ),
]

function control(name: string, expected: string, setting: Setting, run: Run): Control {
  return { name: `executor ${name}`, target: 'executor', expected, run: () => inScene(setting, run) }
}

function approvedAndRun(options: AttemptOptions): Run {
  return async (scene) => {
    const { bundle } = scene.approve('attempt', options)
    scene.owners.leave()
    const executor = await scene.executor()
    const code = codeOf(await executor.execute('attempt', whatIsShown(bundle), scene.effect))
    return `${code}, ${scene.succeeded || scene.ran.length !== 1 ? 'not as approved' : 'once'}`
  }
}

async function decided(scene: Scene): Promise<string> {
  const executor = await scene.executor()
  const result = await executor.decide(canonicalBytes(makeBundle(scene.world).bundle['action']!))
  return result.status === 'refused' ? result.failure.code : result.decision
}
