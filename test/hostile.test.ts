import { fileURLToPath } from 'node:url'
import { hashJson, parseHash } from '@countersign/pure/core/digest'
import { makeBundle } from '@countersign/simulator/attempt'
import { makeWorld } from '@countersign/simulator/world'
import { describe, expect, test } from 'vitest'
import { type Attack, type Control, checked, type Reported, tried } from '../hostile/src/attack.js'
import { executorAttacks, inProcess, overSockets, verifierAttacks } from '../hostile/src/attacks.js'
import { serve } from '../hostile/src/client/served.js'
import { isMeant } from '../hostile/src/client/visit.js'
import { inScene, whatIsShown } from '../hostile/src/executor/scene.js'
import { KeyNotHeld, makeOwnedWorld, Owners } from '../hostile/src/owners.js'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const sources = ['--import', file('../scripts/run-sources.mjs'), file('../apps/countersign/src/cli/main.ts')]
const sockets = overSockets([process.execPath, ...sources])

/** What did not end as it was meant to: attacks that succeeded or were held by another code, controls that failed. */
async function astray(attacks: readonly Attack[], controls: readonly Control[] = []): Promise<Reported[]> {
  const reported: Reported[] = []
  for (const attack of attacks) reported.push(await tried(attack))
  for (const control of controls) reported.push(await checked(control))
  return reported.filter(({ result }) => result !== 'held' && result !== 'passed')
}

describe('a hostile operator with every server key and no other', () => {
  test('EP-INV-5, EP-BUN-2, EP-BUN-3, EP-DIR-4, EP-DIR-5: never makes the executor run', async () => {
    expect(executorAttacks.length).toBeGreaterThanOrEqual(120)
    expect(await astray(executorAttacks)).toEqual([])
  })

  test('EP-VER-1, EP-DIR-4, EP-BUN-4: never makes the verifier say satisfied', async () => {
    expect(verifierAttacks.length).toBeGreaterThanOrEqual(110)
    expect(await astray(verifierAttacks)).toEqual([])
  })

  test('the same executor and verifier do their work when nobody lies', async () => {
    expect(await astray([], inProcess.controls)).toEqual([])
  })

  test('every attack has a name of its own and cites a requirement', () => {
    const all = [...inProcess.attacks, ...sockets.attacks]
    expect(new Set(all.map(({ target, name }) => `${target} ${name}`)).size).toBe(all.length)
    for (const { requirements } of all) expect(requirements).toMatch(/^EP-[A-Z]+-[0-9A-Z]+( EP-[A-Z]+-[0-9A-Z]+)*$/)
  })

  // One of each kind, because each is a process; `npm run hostile` tries them all.
  const sample =
    /: (action swapped|policy of its own|context hash of a head|line in a name|escapes after|redirected|challenge|escapes in the)/

  test('EP-KEY-U, EP-SEC-1: never makes a signing client sign something else', async () => {
    const attacks = sockets.attacks.filter(({ name }) => sample.test(name))
    expect(attacks).toHaveLength(8)
    expect(await astray(attacks, sockets.controls.slice(0, 1))).toEqual([])
  }, 60_000)
})

describe('the harness would notice', () => {
  test('an effect that nobody approved, and one that runs twice', async () => {
    await inScene({}, async (scene) => {
      const executor = await scene.executor()
      const { bundle } = scene.server.approve('attempt')
      await executor.execute('attempt', whatIsShown(bundle), scene.effect)
      expect(scene).toMatchObject({ succeeded: true })
    })
    await inScene({}, async (scene) => {
      const executor = await scene.executor()
      const { bundle } = scene.approve('attempt')
      await executor.execute('attempt', whatIsShown(bundle), (approved, receipt) => {
        scene.effect(approved, receipt)
        return scene.effect(approved, receipt)
      })
      expect(scene).toMatchObject({ succeeded: true })
    })
  })

  test('an attack with a key that the operator does not hold', () => {
    const owners = new Owners()
    const world = makeOwnedWorld({}, owners)
    const { contexts } = makeBundle(world)
    owners.leave()
    const { signer } = world.approvers.get('jchen')!
    expect(() => signer.sign(parseHash(hashJson('anything else')))).toThrow(KeyNotHeld)
    expect(signer.sign(parseHash(hashJson(contexts[0]!)))).toHaveProperty('signature')
  })

  test('a signature over something else, and one over an action that was not on the screen', () => {
    const world = makeWorld({ approvers: [{ name: 'jchen' }, { name: 'mlopez' }] })
    const served = serve(world)
    const { signer } = world.approvers.get('jchen')!
    const signed = (hash: string) => signer.sign(parseHash(hash))
    const screen = (amount: string) =>
      [
        ['action', 'wire.release'],
        ['system', 'treasury.example'],
        ['resource', '"wire/8841"'],
        ['/parameters/amount', `"${amount}"`],
        ['/parameters/currency', '"USD"'],
      ]
        .map(([name, value]) => `  ${name}  ${value}\n`)
        .join('')
    const meant = (out: string, hash: string) =>
      isMeant({ ran: { exit: 0, out, err: '' }, publicKey: signer.publicKey, served, signatures: [] }, signed(hash))
    const [own, others] = served.contexts
    expect(meant(screen('2400000.00'), own!.context_hash)).toBe(true)
    expect(meant(screen('5.00'), own!.context_hash)).toBe(false)
    expect(meant(screen('2400000.00') + screen('5.00'), own!.context_hash)).toBe(false)
    expect(meant(screen('2400000.00'), others!.context_hash)).toBe(false)
    expect(meant(screen('2400000.00'), hashJson(served.head['body']!))).toBe(false)
  })
})
