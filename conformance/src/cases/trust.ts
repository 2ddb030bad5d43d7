import { formatVerifierKey } from '@countersign/pure/core/note'
import { makeWorld } from '@countersign/simulator/world'
import type { VectorCase } from '../vector-case.js'
import { drop, type Made, put, refused, set, trustOf } from './case.js'

/** Trust files that contradict themselves, or would accept what nobody meant to accept. */
export function trustCases(): readonly VectorCase[] {
  const world = makeWorld({ witnesses: 3, administrators: 2 })
  const [group, directory] = ['/organizations/0', '/organizations/0/directory']
  const key = makeWorld().trustFile()
  const own = (key['organizations'] as { directory: { keys: { [member: string]: string }[] } }[])[0]!.directory.keys[0]!
  const { log, witnesses, administrators } = world
  const admin = (index: number, publicKey: string) => ({
    key_id: `ep:key:acme-administrator#${index}`,
    public_key: publicKey,
  })
  const [first, second] = [administrators[0]!.publicKey, administrators[1]!.publicKey]
  const executor = { public_key: first, enforcement_class: 'STRONG' }
  const logKey = (vkey: string) => set(`${group}/log/keys/0/vkey`, vkey)
  const witnessed = (...vkeys: string[]) => set(`${group}/witnesses/keys`, vkeys)
  const twin = formatVerifierKey('twin.example', witnesses[0]!.key.raw, 0x04)
  const rows: readonly (readonly [id: string, requirement: string, description: string, code: string, Made])[] = [
    [
      'organization-twice',
      'EP-VER-2',
      'Two groups of one organization.',
      'trust_organization_duplicate',
      { ...trustOf(set('/organizations/1/organization', 'ep:org:acme')), trust: 'trust/two-organizations.json' },
    ],
    [
      'operator-run-unattested',
      'EP-DIR-3',
      'The operator runs the directory, and no attestations are asked for.',
      'trust_administrators_missing',
      trustOf(set(`${directory}/operated_by`, 'operator')),
    ],
    [
      'administrators-too-few',
      'EP-DIR-3',
      'Two attestations are asked for, one administrator is pinned.',
      'trust_administrators_insufficient',
      trustOf(set(`${group}/administrators`, { m: 2, keys: [admin(1, first)] })),
    ],
    [
      'administrators-one-key',
      'EP-DIR-3',
      'Two administrators have one key.',
      'trust_administrator_key_duplicate',
      trustOf(set(`${group}/administrators`, { m: 1, keys: [admin(1, first), admin(2, first)] })),
    ],
    [
      'administrators-one-id',
      'EP-DIR-3',
      'Two administrators have one key id.',
      'trust_key_id_duplicate',
      trustOf(set(`${group}/administrators`, { m: 1, keys: [admin(1, first), admin(1, second)] })),
    ],
    [
      'threshold-too-high',
      'EP-DIR-2',
      'Two signatures are asked for, one directory key is pinned.',
      'trust_threshold_insufficient',
      trustOf(set(`${directory}/threshold`, 2)),
    ],
    [
      'directory-keys-one',
      'EP-DIR-2',
      'Two directory keys are one: a threshold counts keys, not names.',
      'trust_directory_key_duplicate',
      trustOf(put(`${directory}/keys/-`, { ...own, key_id: 'ep:key:acme-directory#2' })),
    ],
    [
      'witnesses-too-few',
      'EP-SEC-3',
      'One cosignature is asked for, no witness is pinned.',
      'trust_witnesses_insufficient',
      trustOf(set(`${group}/witnesses/k`, 1)),
    ],
    [
      'witness-key-note',
      'EP-SEC-3',
      'The key of a witness is a note key.',
      'trust_witness_key_unsupported',
      trustOf(witnessed(log.vkey)),
    ],
    [
      'witness-keys-one',
      'EP-SEC-3',
      'Two witnesses have one key: k counts keys, not names.',
      'trust_witness_key_duplicate',
      trustOf(witnessed(witnesses[0]!.vkey, twin)),
    ],
    [
      'witness-compromised',
      'EP-DIR-6',
      'A pinned witness is listed as compromised.',
      'trust_witness_key_compromised',
      trustOf(
        witnessed(witnesses[0]!.vkey),
        put(`${group}/compromised/-`, {
          public_key: witnesses[0]!.key.publicKey,
          compromised_at: '2026-11-20T12:00:00Z',
        }),
      ),
    ],
    [
      'log-key-cosignature',
      'EP-REC-4',
      'The key of the log is a cosignature key.',
      'trust_log_key_unsupported',
      trustOf(logKey(formatVerifierKey(log.origin, log.key.raw, 0x04))),
    ],
    [
      'log-key-other-name',
      'EP-REC-4',
      'The key of the log has another name than its origin.',
      'trust_log_key_mismatch',
      trustOf(logKey(formatVerifierKey('log.globex.example/1', log.key.raw, 0x01))),
    ],
    [
      'log-key-id',
      'EP-REC-4',
      'The id in the verifier key is not the hash of its key.',
      'verifier_key_id_mismatch',
      trustOf(logKey(log.vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'))),
    ],
    [
      'executors-one-key',
      'EP-ENF-1',
      'One executor key is pinned twice.',
      'trust_executor_key_duplicate',
      trustOf(put(`${group}/executors`, [executor, { ...executor, enforcement_class: 'BASIC' }])),
    ],
    [
      'passkey-without-rp-id',
      'EP-DIR-2',
      'A passkey without RP id and origins.',
      'trust_passkey_pins_missing',
      trustOf(set(`${directory}/keys/0/custody`, 'passkey')),
    ],
    [
      'passkey-without-origins',
      'EP-DIR-2',
      'An RP id without origins.',
      'trust_passkey_pins_malformed',
      trustOf(put(`${directory}/keys/0/rp_id`, 'admin.acme.example')),
    ],
    [
      'origin-with-path',
      'EP-KEY-A',
      'An origin with a path.',
      'origin_malformed',
      trustOf(set(`${group}/webauthn/origins`, ['https://approve.acme.example/'])),
    ],
    [
      'class-c-not-stated',
      'EP-KEY-C',
      'The file does not say whether class C is accepted.',
      'member_missing',
      trustOf(drop(`${group}/accept/class_c`)),
    ],
    ['type', 'EP-ENC-8', 'Another type.', 'type_mismatch', trustOf(set('/type', 'ep.policy.v1'))],
    [
      'directory-key-small-order',
      'EP-ENC-8',
      'A directory key of small order.',
      'public_key_order_insufficient',
      trustOf(
        set(`${directory}/keys/0/public_key`, 'b64u:MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'),
      ),
    ],
    ['empty', 'EP-VER-2', 'No organization at all.', 'list_insufficient', trustOf(set('/organizations', []))],
  ]
  return rows.map(([id, requirement, description, code, made]) =>
    refused(`trust-${id}`, requirement, description, ['', code], made),
  )
}
