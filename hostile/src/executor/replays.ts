import { JournalStopped } from '@countersign/engine/executor/journal-stopped'
import { utf8Decode, utf8Encode } from '@countersign/pure/core/bytes'
import type { Play } from './play.js'
import { codeOf, neverReconciled, type Scene, whatIsShown } from './scene.js'

const twoExecutors = { world: { executors: [{ name: 'payments' }, { name: 'payroll', systems: ['payroll.example'] }] } }
const payroll = { name: 'payroll', systems: ['payroll.example'] }

/** An approval that is genuine, and is to run twice, or late. */
export const replays: readonly Play[] = [
  {
    name: 'replay: again',
    requirements: 'EP-INV-1 EP-BUN-3',
    did: 'had the executor run an attempt a second time',
    expected: 'executor_nonce_replayed',
    play: async (scene) => {
      const { executor, expected } = await ranOnce(scene)
      return codeOf(await executor.execute('attempt', expected, scene.effect))
    },
  },
  {
    name: 'replay: under another id',
    requirements: 'EP-INV-1 EP-BUN-3',
    did: 'served the bundle that ran under the id of a new attempt',
    expected: 'executor_nonce_replayed',
    play: async (scene) => {
      const { executor, expected, bundle } = await ranOnce(scene)
      scene.server.lies.bundle = () => bundle
      return codeOf(await executor.execute('another', expected, scene.effect))
    },
  },
  {
    name: 'replay: database restored',
    requirements: 'EP-INV-1 EP-SM-3',
    did: 'went back to a database from before the consumption',
    expected: 'executor_nonce_replayed',
    play: async (scene) => {
      const { executor, expected } = await ranOnce(scene)
      scene.server.restoreOldDatabase()
      return codeOf(await executor.execute('attempt', expected, scene.effect))
    },
  },
  {
    name: 'replay: after a restart',
    requirements: 'EP-BUN-3',
    did: 'did the same after the executor had been restarted',
    expected: 'executor_nonce_replayed',
    play: async (scene) => {
      const { expected } = await ranOnce(scene)
      scene.server.restoreOldDatabase()
      const restarted = await scene.executor()
      await restarted.recover({ effect: scene.effect, reconcile: neverReconciled })
      return codeOf(await restarted.execute('attempt', expected, scene.effect))
    },
  },
  {
    name: 'replay: with other signoffs',
    requirements: 'EP-INV-1 EP-BUN-2',
    did: 'left a request unanswered, and showed another bundle of the same attempt, signed by somebody else',
    expected: 'executor_bundle_mismatch',
    setting: { world: { approvers: [{ name: 'jchen' }, { name: 'mlopez' }] } },
    play: async (scene) => {
      const executor = await scene.executor()
      const first = scene.server.approve('attempt', { approvers: ['jchen'] }).bundle
      scene.server.lies.receipt = () => new Uint8Array(0)
      await executor.execute('attempt', whatIsShown(first), scene.effect)
      const second = scene.server.approve('attempt', { approvers: ['mlopez'] }).bundle
      return codeOf(await executor.execute('attempt', whatIsShown(second), scene.effect))
    },
  },
  {
    name: 'replay: while it runs',
    requirements: 'EP-BUN-3',
    did: 'had the executor start an attempt again while it was running',
    expected: 'executor_nonce_duplicate',
    play: async (scene) => {
      const { bundle } = scene.approve('attempt')
      const executor = await scene.executor()
      let second: string | undefined
      await executor.execute('attempt', whatIsShown(bundle), async (approved, receipt) => {
        second = codeOf(await executor.execute('attempt', whatIsShown(bundle), scene.effect))
        return scene.effect(approved, receipt)
      })
      return second!
    },
  },
  {
    name: 'replay: after a crash in the effect',
    requirements: 'EP-SM-2 EP-BUN-3',
    did: 'said after a crash that nothing had been consumed, so that the effect would be tried again',
    expected: 'executor_nonce_replayed',
    play: async (scene) => {
      const { bundle } = scene.approve('attempt')
      const executor = await scene.executor()
      await executor.execute('attempt', whatIsShown(bundle), async (approved, receipt) => {
        await scene.effect(approved, receipt)
        throw new Error('the process dies here')
      })
      scene.server.restoreOldDatabase()
      const restarted = await scene.executor()
      await restarted.recover({ effect: scene.effect, reconcile: neverReconciled })
      return codeOf(await restarted.execute('attempt', whatIsShown(bundle), scene.effect))
    },
  },
  {
    name: 'two executors: one journal',
    requirements: 'EP-DIR-1 EP-BUN-3',
    did: 'had a second process of the executor started beside the first',
    expected: 'journal_holder_duplicate',
    play: async (scene) => {
      await ranOnce(scene)
      return scene.executor({ process: 'two' }).then(
        () => 'started',
        (error: unknown) => (error instanceof JournalStopped ? error.code : String(error)),
      )
    },
  },
  {
    name: 'two executors: of another system',
    requirements: 'EP-DIR-1 EP-BUN-2',
    did: 'gave the bundle to an executor of another system as well',
    expected: 'executor_target_mismatch',
    setting: twoExecutors,
    play: async (scene) => {
      const { expected } = await ranOnce(scene)
      const second = await scene.executor(payroll)
      return codeOf(await second.execute('attempt', expected, scene.effect))
    },
  },
  {
    name: 'two executors: misconfigured',
    requirements: 'EP-DIR-1 EP-BUN-2',
    did: 'gave it, from a second database, to one that is wrongly configured for the system',
    expected: 'executor_system_mismatch',
    setting: twoExecutors,
    play: async (scene) => {
      const { expected } = await ranOnce(scene)
      const second = await scene.executor({ ...payroll, systems: ['treasury.example'] })
      scene.server.lies.receipt = (request) => scene.server.receiptFor(request, { executor: 'payroll' })
      return codeOf(await second.execute('attempt', expected, scene.effect))
    },
  },
  {
    name: 'two executors: receipt of the first',
    requirements: 'EP-BUN-2',
    did: 'answered the second one with the receipt of the first',
    expected: 'executor_request_mismatch',
    setting: twoExecutors,
    play: async (scene) => {
      const { expected } = await ranOnce(scene)
      const receipt = scene.server.handedOut.at(-1)!
      const second = await scene.executor({ ...payroll, systems: ['treasury.example'] })
      scene.server.lies.receipt = () => receipt
      return codeOf(await second.execute('attempt', expected, scene.effect))
    },
  },
  {
    name: 'late: answer held back',
    requirements: 'EP-BUN-3',
    did: 'held the receipt back until the attempt was over, and gave it then',
    expected: 'failed',
    play: async (scene) => {
      const { bundle } = scene.server.approve('attempt')
      const executor = await scene.executor()
      scene.server.lies.receipt = (request) => {
        scene.now += 7 * 60_000
        return scene.server.receiptFor(request)
      }
      return codeOf(await executor.execute('attempt', whatIsShown(bundle), scene.effect))
    },
  },
  {
    name: 'late: refused, then given',
    requirements: 'EP-BUN-3',
    did: 'refused the consumption, and gave the receipt to the recovery of the next day',
    expected: 'failed',
    play: async (scene) => {
      const { bundle } = scene.server.approve('attempt')
      const executor = await scene.executor()
      scene.server.lies.receipt = () => new Uint8Array(0)
      await executor.execute('attempt', whatIsShown(bundle), scene.effect)
      delete scene.server.lies.receipt
      scene.now += 86_400_000
      const [recovered] = await executor.recover({ effect: scene.effect, reconcile: neverReconciled })
      return codeOf(recovered!.result)
    },
  },
  {
    name: 'late: clock set back',
    requirements: 'EP-MN-1 EP-SM-1',
    did: 'set the clock of the server back, and released a bundle whose time was over',
    expected: 'window_authorization_expired',
    setting: { now: '2026-11-20T12:15:00Z' },
    play: shown,
  },
  {
    name: 'early: clock set ahead',
    requirements: 'EP-BUN-2',
    did: 'set the clock of the server ahead, and had an attempt of the next hour signed',
    expected: 'window_clock_invalid',
    setting: { now: '2026-11-20T11:00:00Z' },
    play: shown,
  },
  {
    name: 'octets swapped after verification',
    requirements: 'EP-BUN-2 EP-INV-5',
    did: 'wrote another amount over the octets that it had handed out, after they were verified',
    expected: 'executed',
    play: async (scene) => {
      const { bundle } = scene.approve('attempt')
      const executor = await scene.executor()
      const swap = () => {
        for (const octets of scene.server.handedOut) overwrite(octets, '2400000.00', '9999999.00')
      }
      scene.server.lies.receipt = (request) => {
        swap()
        // Once more when the receipt was read and verified, and is being written to the journal.
        setImmediate(swap)
        return scene.server.receiptFor(request)
      }
      return codeOf(
        await executor.execute('attempt', whatIsShown(bundle), (approved, receipt) => {
          swap()
          return scene.effect(approved, receipt)
        }),
      )
    },
  },
]

/** The honest run: approved, consumed, run once. */
async function ranOnce(scene: Scene) {
  const executor = await scene.executor()
  const { bundle } = scene.approve('attempt')
  const expected = whatIsShown(bundle)
  await executor.execute('attempt', expected, scene.effect)
  scene.owners.leave()
  return { bundle, executor, expected }
}

/** A genuine bundle at the wrong time: it is not to run. */
async function shown(scene: Scene): Promise<string> {
  const { bundle } = scene.server.approve('attempt')
  scene.owners.leave()
  const executor = await scene.executor()
  return codeOf(await executor.execute('attempt', whatIsShown(bundle), scene.effect))
}

function overwrite(octets: Uint8Array, from: string, to: string): void {
  const start = utf8Decode(octets).indexOf(from)
  if (start >= 0) octets.set(utf8Encode(to), start)
}
