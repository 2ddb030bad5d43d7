import { verifyReceipt } from '@countersign/pure/ep/verify-receipt'
import { makeReceipt } from '@countersign/simulator/attempt'
import { makeWorld, octetsOfJson, pinned } from '@countersign/simulator/world'
import { bareCheck } from './bare-signatures.js'
import { compare, type Ratio } from './measure.js'

const receipts = 64
const logEntries = 1024

/** The signatures that a receipt with two class A signoffs needs: 2 ES256, and Ed25519 of head, consume request and checkpoint. */
export function verifyBench(): Ratio[] {
  const world = makeWorld({
    seed: 'bench',
    approvers: [
      { name: 'jchen', keyClass: 'A' },
      { name: 'mrossi', keyClass: 'A' },
    ],
    // An entity without a key, so that exactly the five signatures above are needed.
    entities: [{ name: 'agent-recon-7', withKey: false }],
    // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
    policies: [{ min_key_class: 'A', rules: [{ then: 'require', quorum: { k: 2, roles: ['treasury'] } }] }],
  })
  const trust = pinned(world.trustFile())
  world.log.fillTo(logEntries, world.organization)
  const made = Array.from({ length: receipts }, (_, index) =>
    octetsOfJson(
      makeReceipt(world, { label: `bench ${index}`, approvers: ['jchen', 'mrossi'], requiredApprovals: 2 }).receipt,
    ),
  )
  for (const octets of made) {
    const verdict = verifyReceipt(octets, trust)
    if (verdict.outcome !== 'satisfied')
      throw new Error(`the receipt to measure is ${verdict.outcome}: ${verdict.failure.code}`)
  }
  const bare = bareChecks()
  let turn = 0
  return [
    compare(
      {
        name: 'verify one receipt, two class A signoffs, log of 1,024 entries',
        limit:
          'the five bare signature checks it needs: 2 ES256, head, consume request, checkpoint (Ed25519), keys parsed before',
        bar: 0.55,
        notes: { octets: made[0]!.length, cache: 'none of verdicts; each receipt has a checkpoint of its own' },
      },
      () => {
        turn = (turn + 1) % receipts
        if (verifyReceipt(made[turn]!, trust).outcome !== 'satisfied') throw new Error('refused')
      },
      bare,
    ),
  ]
}

function bareChecks(): () => void {
  const es256 = bareCheck('ec')
  const ed25519 = bareCheck('ed25519')
  return () => {
    es256()
    es256()
    ed25519()
    ed25519()
    ed25519()
  }
}
