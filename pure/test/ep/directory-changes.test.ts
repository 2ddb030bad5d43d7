import { encodeBinary, hashJson } from '@countersign/pure/core/digest'
import type { JsonArray, JsonObject } from '@countersign/pure/core/json'
import { attempt } from '@countersign/pure/core/outcome'
import { readShape } from '@countersign/pure/core/shape'
import { type DirectorySnapshot, verifyDirectoryChange } from '@countersign/pure/ep/directory-changes'
import { directoryHead } from '@countersign/pure/ep/directory-head'
import { directoryLeaf } from '@countersign/pure/ep/directory-leaf'
import { directoryTree } from '@countersign/pure/ep/directory-tree'
import { type Policy, policy } from '@countersign/pure/ep/policy'
import type { PublishedHead } from '@countersign/simulator/directory'
import { merge } from '@countersign/simulator/members'
import { octetsOf, passkeySigner, seal, softwareKey } from '@countersign/simulator/signer'
import { makeWorld, pinned, type World, type WorldOptions } from '@countersign/simulator/world'
import { describe, expect, test } from 'vitest'

const nextInstants = { issuedAt: '2026-11-20T12:00:00Z', validUntil: '2026-12-20T12:00:00Z' }
const ended = '2026-11-20T12:00:00Z'

function snapshotOf({ head, leaves }: PublishedHead): DirectorySnapshot {
  return { head: readShape(directoryHead, head), leaves: leaves.map((leaf) => readShape(directoryLeaf, leaf)) }
}

function documentsOf(world: World, more: readonly JsonObject[]): ReadonlyMap<string, Policy> {
  const documents = [...world.policies.map((one) => one.policy), ...more]
  return new Map(documents.map((document) => [hashJson(document), readShape(policy, document)]))
}

/** What the head says beside the leaves, and documents that are given with it. */
interface Said {
  readonly body?: JsonObject
  readonly documents?: readonly JsonObject[]
}
/** Changes a world; what it answers is `Said`, or of no concern. */
type Make = (world: World) => unknown

function why(run: () => void) {
  const judged = attempt(run)
  return judged.ok ? undefined : judged.failure
}

/** Changes a world's directory, and asks whether the head that says so may follow. */
function change(make: Make, options?: WorldOptions): () => void {
  const world = makeWorld(options)
  const { body, documents = [] } = (make(world) ?? {}) as Said
  const before = world.directory.heads.at(-1)!
  const { head, leaves } = snapshotOf(world.directory.publish(nextInstants, undefined, body))
  const group = pinned(world.trustFile()).groups.get(world.organization)!
  const known = documentsOf(world, documents)
  return () => verifyDirectoryChange(snapshotOf(before), { body: head.body, leaves }, known, group)
}

const entryOf = (world: World, name: string): JsonObject => world.approvers.get(name)!.entry

function newApprover(world: World, members: JsonObject = {}): JsonObject {
  const key = softwareKey('ep:key:mroe#1', 'mroe')
  const own = { approver_id: 'ep:approver:mroe', principal_id: 'ep:principal:mroe' }
  return merge({ ...entryOf(world, 'jchen'), ...own, key_id: key.keyId, public_key: key.publicKey }, members)
}

function passkey(world: World, members: JsonObject = {}): JsonObject {
  const { publicKey } = passkeySigner('ep:key:mroe#1', { seed: 'mroe', rpId: world.rpId, origin: world.webauthnOrigin })
  const credential = { credential_id: encodeBinary(octetsOf('credential', 32)), rp_id: world.rpId }
  return newApprover(world, { key_class: 'A', public_key: publicKey, ...credential, ...members })
}

function secondPolicy(world: World, members: JsonObject = {}, entry: JsonObject = {}) {
  const document = { ...world.policies[0]!.policy, policy_id: 'ep:policy:wires@v2', ...members }
  const named = { policy_id: document.policy_id, policy_hash: hashJson(document), valid_from: ended }
  world.directory.add(merge({ ...world.policies[0]!.entry, ...named }, entry))
  return { documents: [document] }
}

const indexOf = (world: World, entry: JsonObject): number =>
  world.directory.leaves.findIndex((leaf) => hashJson(leaf['entry']!) === hashJson(entry))

describe('EP-DIR-1: legal changes', () => {
  const rows: [string, Make][] = [
    ['nothing but a new head', () => {}],
    ['a new entry', (world) => world.directory.add(newApprover(world))],
    [
      'an end, down to the previous head',
      (world) => world.directory.setStatus(3, { valid_to: '2026-11-01T00:00:00Z' }),
    ],
    [
      'a compromise, any time back',
      (world) => world.directory.setStatus(3, { compromised_at: '2020-01-01T00:00:00Z' }),
    ],
    ['a passkey', (world) => world.directory.add(passkey(world))],
    [
      'the next version of a policy that ends the one before',
      (world) => {
        world.directory.setStatus(0, { valid_to: ended })
        return secondPolicy(world)
      },
    ],
    [
      'a key that moves to a new entry of its approver',
      (world) => {
        world.directory.setStatus(indexOf(world, entryOf(world, 'jchen')), { valid_to: ended })
        world.directory.add({ ...entryOf(world, 'jchen'), roles: ['cfo'], valid_from: ended })
      },
    ],
    [
      'a second key of an approver, and of an executor',
      (world) => {
        const key = softwareKey('ep:key:second#1', 'second')
        const third = softwareKey('ep:key:third#1', 'third')
        const [executor] = [...world.executors.values()]
        world.directory.add({ ...entryOf(world, 'jchen'), key_id: key.keyId, public_key: key.publicKey })
        world.directory.add({ ...executor!.entry, key_id: third.keyId, public_key: third.publicKey })
      },
    ],
  ]
  test.each(rows)('%s', (_, make) => {
    expect(change(make)).not.toThrow()
  })

  test('the first head', () => {
    const world = makeWorld()
    const { head, leaves } = snapshotOf(world.directory.heads[0]!)
    const group = pinned(world.trustFile()).groups.get(world.organization)!
    const known = documentsOf(world, [])
    expect(() => verifyDirectoryChange(undefined, { body: head.body, leaves }, known, group)).not.toThrow()
    expect(directoryTree(leaves).rootHash).toBe(head.body.root_hash)
  })
})

describe('EP-DIR-1, EP-DIR-2, EP-POL-4: illegal changes, each with its code', () => {
  const body = (members: JsonObject) => () => ({ body: members })
  const adding = (make: (world: World) => JsonObject) => (world: World) => world.directory.add(make(world))
  const status = (members: JsonObject) => (world: World) =>
    world.directory.setStatus(3, members as { valid_to?: string })
  const leaf = (index: number, members: JsonObject) => (world: World) => {
    world.directory.leaves[index] = { ...world.directory.leaves[index]!, ...members }
  }
  const rows: [string, Make, string, string][] = [
    [
      'another predecessor',
      body({ prev_head_hash: `sha256:${'1'.repeat(64)}` }),
      'head_prev_hash_mismatch',
      '/head/body/prev_head_hash',
    ],
    [
      'the time of its predecessor',
      body({ issued_at: '2026-11-01T00:00:00Z' }),
      'head_issued_at_stale',
      '/head/body/issued_at',
    ],
    [
      'valid for 91 days',
      body({ valid_until: '2027-02-19T12:00:00Z' }),
      'head_validity_too_large',
      '/head/body/valid_until',
    ],
    [
      'over before it begins',
      body({ valid_until: '2026-11-20T12:00:00Z' }),
      'head_validity_invalid',
      '/head/body/valid_until',
    ],
    [
      'another directory',
      body({ directory_id: 'ep:directory:other' }),
      'head_directory_mismatch',
      '/head/body/directory_id',
    ],
    ['another size', body({ tree_size: 5 }), 'head_tree_size_mismatch', '/head/body/tree_size'],
    ['another root', body({ root_hash: `sha256:${'1'.repeat(64)}` }), 'head_root_mismatch', '/head/body/root_hash'],
    ['a leaf that is gone', (world) => world.directory.leaves.pop(), 'leaf_missing', '/leaves'],
    [
      'an entry that changed',
      (world) => leaf(3, { entry: { ...entryOf(world, 'jchen'), roles: ['cfo'] } })(world),
      'leaf_entry_mismatch',
      '/leaves/3/entry',
    ],
    [
      'an end before the previous head',
      status({ valid_to: '2026-10-31T23:59:59Z' }),
      'leaf_valid_to_stale',
      '/leaves/3/status/valid_to',
    ],
    [
      'an entry of another directory',
      adding((world) => newApprover(world, { directory_id: 'ep:directory:other' })),
      'leaf_directory_mismatch',
      '/leaves/4/entry/directory_id',
    ],
    ['one entry twice', adding((world) => entryOf(world, 'jchen')), 'leaf_entry_duplicate', '/leaves/4/entry'],
    [
      'a new entry that is compromised',
      (world) => {
        world.directory.add(newApprover(world))
        world.directory.setStatus(4, { compromised_at: ended })
      },
      'leaf_compromised_at_invalid',
      '/leaves/4/status/compromised_at',
    ],
    [
      'one key under two approvers',
      adding((world) => newApprover(world, { public_key: entryOf(world, 'jchen')['public_key']! })),
      'directory_key_duplicate',
      '/leaves/4',
    ],
    [
      'one key id twice',
      adding((world) => newApprover(world, { key_id: entryOf(world, 'jchen')['key_id']! })),
      'directory_key_id_duplicate',
      '/leaves/4',
    ],
    [
      'the key of an agent as an approver',
      adding((world) => newApprover(world, { public_key: [...world.entities.values()][0]!.entry['public_key']! })),
      'directory_key_duplicate',
      '/leaves/4',
    ],
    [
      'one approver, two humans',
      adding((world) => newApprover(world, { approver_id: 'ep:approver:jchen' })),
      'enrollment_principal_mismatch',
      '/leaves/4',
    ],
    [
      'one passkey under two approvers',
      (world) => {
        world.directory.add(passkey(world))
        world.directory.add(
          passkey(world, {
            approver_id: 'ep:approver:zed',
            principal_id: 'ep:principal:zed',
            public_key: softwareKey('x', 'x').publicKey,
            key_id: 'ep:key:zed#1',
            key_class: 'B',
          }),
        )
      },
      'enrollment_credential_duplicate',
      '/leaves/5',
    ],
    [
      'a P-256 key of class B',
      adding((world) => newApprover(world, { public_key: softwareKey('x', 'x', 'ES256').publicKey })),
      'enrollment_key_algorithm_mismatch',
      '/leaves/4/entry/public_key',
    ],
    [
      'a passkey without RP id',
      adding((world) => passkey(world, { rp_id: null })),
      'enrollment_rp_id_missing',
      '/leaves/4/entry',
    ],
    [
      'a passkey without credential id',
      adding((world) => passkey(world, { credential_id: null })),
      'enrollment_credential_missing',
      '/leaves/4/entry',
    ],
    [
      'a synced passkey',
      adding((world) => passkey(world, { backup_eligible: true })),
      'passkey_backup_eligible_unsupported',
      '/leaves/4/entry/backup_eligible',
    ],
    [
      'a key that is no point',
      adding((world) => newApprover(world, { public_key: `b64u:MCowBQYDK2VwAyEA${'A'.repeat(43)}` })),
      'public_key_order_insufficient',
      '/leaves/4/entry/public_key',
    ],
    [
      'one entity id twice',
      adding((world) => merge([...world.entities.values()][0]!.entry, { key_id: null, public_key: null })),
      'entity_id_duplicate',
      '/leaves/4',
    ],
    [
      'a second executor for one system',
      adding((world) => {
        const key = softwareKey('ep:key:second#1', 'second')
        const [executor] = [...world.executors.values()]
        return { ...executor!.entry, executor_id: 'ep:executor:second', key_id: key.keyId, public_key: key.publicKey }
      }),
      'executor_system_duplicate',
      '/leaves/4',
    ],
    [
      'a second policy in force for one action type',
      (world) => secondPolicy(world),
      'policy_action_type_duplicate',
      '/leaves/4',
    ],
    [
      'a policy that begins before the other one ends',
      (world) => {
        world.directory.setStatus(0, { valid_to: '2026-11-20T12:00:01Z' })
        return secondPolicy(world)
      },
      'policy_action_type_duplicate',
      '/leaves/4',
    ],
    [
      'another document under a policy id',
      (world) => {
        world.directory.setStatus(0, { valid_to: ended })
        return secondPolicy(world, { policy_id: 'ep:policy:wires@v1', max_window_seconds: 5 })
      },
      'policy_id_duplicate',
      '/leaves/4/entry/policy_id',
    ],
    [
      'a policy without its document',
      (world) => void secondPolicy(world),
      'policy_document_missing',
      '/leaves/4/entry/policy_hash',
    ],
    [
      'a policy under another id',
      (world) => secondPolicy(world, {}, { policy_id: 'ep:policy:wires@v3' }),
      'policy_leaf_id_mismatch',
      '/leaves/4/entry/policy_id',
    ],
    [
      'the policy of another organization',
      (world) => secondPolicy(world, { organization: 'ep:org:other' }),
      'policy_organization_mismatch',
      '/leaves/4/entry/policy_hash',
    ],
    [
      'the policy of another directory',
      (world) => secondPolicy(world, { directory_id: 'ep:directory:other' }),
      'policy_directory_mismatch',
      '/leaves/4/entry/policy_hash',
    ],
    [
      'the policy of another log',
      (world) => secondPolicy(world, { log_origin: 'log.other.example/1' }),
      'policy_log_origin_mismatch',
      '/leaves/4/entry/policy_hash',
    ],
    [
      'a delegation',
      adding((world) => {
        const grant = {
          type: 'ep.delegation.v1',
          directory_id: world.directoryId,
          delegator: 'ep:approver:jchen',
          delegator_key_id: 'ep:key:jchen#1',
          delegate: 'ep:approver:mroe',
          scope: { action_types: ['wire.release'], roles: ['treasury'] },
          valid_from: ended,
          valid_to: '2026-12-01T00:00:00Z',
          max_depth: 0,
          nonce: encodeBinary(octetsOf('grant', 16)),
        }
        const { directory_id } = grant
        const sealed = seal(grant, world.approvers.get('jchen')!.signer)
        return { type: 'ep.delegation.v1', directory_id, valid_from: ended, grant: sealed }
      }),
      'delegation_unsupported',
      '/leaves/4/entry/type',
    ],
  ]
  test.each(rows)('%s', (_, make, code, at) => {
    expect(why(change(make))).toMatchObject({ code, at })
  })

  const twice: [string, JsonObject, JsonObject, string][] = [
    [
      'an end moved to later',
      { valid_to: '2026-12-01T00:00:00Z' },
      { valid_to: '2026-12-02T00:00:00Z' },
      'leaf_valid_to_invalid',
    ],
    ['an end taken back', { valid_to: '2026-12-01T00:00:00Z' }, { valid_to: null }, 'leaf_valid_to_invalid'],
    ['a compromise taken back', { compromised_at: ended }, { compromised_at: null }, 'leaf_compromised_at_mismatch'],
    [
      'a compromise moved',
      { compromised_at: ended },
      { compromised_at: '2026-11-19T00:00:00Z' },
      'leaf_compromised_at_mismatch',
    ],
  ]
  test.each(twice)('%s', (_, first, second, code) => {
    const make = (world: World) => {
      world.directory.setStatus(3, first as { valid_to: string })
      world.publishHead({ issuedAt: '2026-11-02T00:00:00Z', validUntil: '2026-12-02T00:00:00Z' })
      world.directory.setStatus(3, second as { valid_to: string })
    }
    expect(why(change(make))).toMatchObject({ code })
  })
})

describe('EP-DIR-3: attestations', () => {
  const attested = { administrators: 2, attestedBy: 2 }
  const attest = (world: World, entry: JsonObject, count = 2): JsonArray =>
    world.administrators.slice(0, count).map((one) => world.directory.attest(entry, ended, one))

  test('a new entry with all that are asked for', () => {
    const make = (world: World) => world.directory.add(newApprover(world), attest(world, newApprover(world)))
    expect(change(make, attested)).not.toThrow()
  })

  const rows: [string, Make, string][] = [
    ['none', (world) => world.directory.add(newApprover(world)), 'attestation_missing'],
    [
      'too few',
      (world) => world.directory.add(newApprover(world), attest(world, newApprover(world), 1)),
      'attestation_count_insufficient',
    ],
    [
      'for another entry',
      (world) => world.directory.add(newApprover(world), attest(world, newApprover(world, { roles: ['cfo'] }))),
      'attestation_entry_mismatch',
    ],
    [
      'made after an earlier head than the one before',
      (world) => {
        const early = attest(world, newApprover(world))
        world.publishHead({ issuedAt: '2026-11-02T00:00:00Z', validUntil: '2026-12-02T00:00:00Z' })
        world.directory.add(newApprover(world), early)
      },
      'attestation_head_mismatch',
    ],
    [
      'added to an entry that stood before',
      (world) => {
        const [last] = world.directory.leaves.slice(-1)
        const more = [...(last!['attestations'] as JsonArray), ...attest(world, last!['entry'] as JsonObject)]
        world.directory.leaves[world.directory.leaves.length - 1] = { ...last!, attestations: more }
      },
      'leaf_attestations_mismatch',
    ],
  ]
  test.each(rows)('%s', (_, make, code) => {
    expect(why(change(make, attested))).toMatchObject({ code })
  })
})

test('EP-DIR-1: the tree opens each leaf under the root that a head states', () => {
  const world = makeWorld({ leaves: 7 })
  const published = world.directory.heads[0]!
  const tree = directoryTree(snapshotOf(published).leaves)
  for (const [index, leaf] of published.leaves.entries())
    expect(tree.open(index)).toEqual(published.opening(hashJson(leaf['entry']!)))
  expect(() => tree.open(7)).toThrow(RangeError)
})
