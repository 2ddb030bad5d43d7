import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeyFile } from '@countersign/adapters/keys/key-file'
import { formatVerifierKey, noteAlgorithm } from '@countersign/pure/core/note'
import { readTrust } from '@countersign/pure/ep/pinned-trust'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePins } from '../../src/organization/pins.js'
import { runCli } from './fake-terminal.js'

const root = mkdtempSync(join(tmpdir(), 'countersign-org-'))
afterAll(() => rmSync(root, { recursive: true }))
let organizations = 0
const day = 86_400_000
const start = Date.parse('2026-11-01T08:00:00Z')

/** An organization in a folder of its own, with a clock that goes on by one minute at each command. */
async function newOrganization() {
  const folder = join(root, `org-${++organizations}`)
  const path = (name: string) => join(folder, name)
  let now = start
  const at = {
    folder,
    path,
    wait: (ms: number) => {
      now += ms
    },
    cli: (words: string, answers?: (boolean | string | null)[]) => {
      now += 60_000
      return runCli([...words.split(' '), '--folder', folder], { now, ...(answers === undefined ? {} : { answers }) })
    },
    async ok(words: string, answers?: (boolean | string | null)[]) {
      const ran = await at.cli(words, answers)
      if (ran.code !== 0) throw new Error(`${words}: ${ran.err}`)
      return ran
    },
    /** A command of somebody else, who has no folder. */
    async other(words: string) {
      const ran = await runCli(words.split(' '), { now })
      if (ran.code !== 0) throw new Error(`${words}: ${ran.err}`)
      return ran
    },
    async key(name: string) {
      await at.other(`keygen --out ${path(name)} --no-passphrase --key-id ep:key:${name.replace('.json', '')}#1`)
      return path(name)
    },
    async policy(name: string, change: (policy: Record<string, unknown>) => void = () => {}) {
      const policy = JSON.parse((await at.ok(`policy template ${name}`)).out) as Record<string, unknown>
      change(policy)
      writeFileSync(path('policy.json'), JSON.stringify(policy))
      return path('policy.json')
    },
    async invite(name: string) {
      await at.ok(`org invite ${name} --principal ${name} --role treasury --out ${path(`${name}.invitation`)}`)
      await at.other(
        `enroll ${path(`${name}.invitation`)} --key ${path(`${name}.key`)} --out ${path(`${name}.request`)} --no-passphrase`,
      )
      return path(`${name}.request`)
    },
  }
  await at.ok('org init --organization acme --log-origin log.acme.example/1 --no-passphrase')
  return at
}

describe('an organization from nothing to a trust file', () => {
  let org: Awaited<ReturnType<typeof newOrganization>>
  beforeAll(async () => {
    org = await newOrganization()
  })

  test('EP-DIR-2: init makes two directory keys and says which one belongs in the safe', async () => {
    const pins = parsePins(readFileSync(org.path('organization.json')))
    expect(pins.directory.keys.map(({ key_id }) => key_id)).toEqual([
      'ep:key:acme#directory-1',
      'ep:key:acme#directory-2',
    ])
    expect(pins.directory.keys[0]!.public_key).not.toBe(pins.directory.keys[1]!.public_key)
    for (const number of [1, 2]) {
      const signer = await openKeyFile(readFileSync(org.path(`keys/directory-${number}.json`)), null)
      expect(signer.keyId).toBe(`ep:key:acme#directory-${number}`)
    }
  })

  test('entries, policies and an approver wait for a head', async () => {
    const entity = await org.ok('org entity add recon --kind agent --responsible 0042')
    expect(entity.out).toContain('+ agent ep:entity:recon')
    await org.ok(`org executor add payments --system treasury.example --key ${await org.key('payments.json')}`)
    const policy = await org.ok(`org policy add ${await org.policy('wires')}`)
    expect(policy.out).toContain('when /parameters/amount >= "100000": needs (1 of treasury and 1 of controller)')
    expect(policy.out).toContain('or that of an agent they answer for')
    const enrolled = await org.ok(`org enroll ${await org.invite('alice')}`, [true])
    expect(enrolled.asked[0]).toContain('Did the person read this fingerprint')
    expect(enrolled.out).toMatch(/wants to sign as treasury\nwith the key sha256:[0-9a-f]{64}\n/)
    expect((await org.ok('org status')).out).toContain('No head is signed yet')
  })

  test('EP-DIR-2: sign shows what changes, asks, and signs a head of at most 90 days', async () => {
    const refused = await org.cli('org sign', [false])
    expect(refused).toMatchObject({ code: 1, err: 'countersign: nothing was signed\n' })
    expect(existsSync(org.path('heads/0001.json'))).toBe(false)
    const signed = await org.ok('org sign', [true])
    for (const part of ['+ policy ep:policy:wires@v1', '+ approver ep:approver:alice', 'may sign as treasury'])
      expect(signed.out).toContain(part)
    expect(existsSync(org.path('draft.json'))).toBe(false)
    const { head } = JSON.parse(readFileSync(org.path('heads/0001.json'), 'utf8')) as {
      head: { body: { issued_at: string; valid_until: string; tree_size: number } }
    }
    expect(head.body.tree_size).toBe(4)
    expect(Date.parse(head.body.valid_until) - Date.parse(head.body.issued_at)).toBe(90 * day)
    expect(await org.cli('org sign --days 91 --yes')).toMatchObject({ code: 2 })
  })

  test('EP-POL-4: a newer version of a policy ends the older one in the same head', async () => {
    const file = await org.policy('wires', (policy) => (policy['policy_id'] = 'ep:policy:wires@v2'))
    const added = await org.ok(`org policy add ${file}`)
    expect(added.out).toMatch(/- policy ep:policy:wires@v1 ends at [\s\S]*\+ policy ep:policy:wires@v2/)
    const other = await org.policy('wires', (policy) => (policy['policy_id'] = 'ep:policy:rival@v1'))
    expect(await org.cli(`org policy add ${other}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('policy_action_type_duplicate'),
    })
    await org.ok('org sign --yes')
  })

  test('EP-DIR-6: a compromised key ends, and the trust file says so', async () => {
    const revoked = await org.ok('org approver revoke alice --compromised-at 2026-11-01T08:00:00Z')
    expect(revoked.out).toContain('counts as compromised from 2026-11-01T08:00:00Z')
    await org.ok('org sign --yes')
    const spki = (await openKeyFile(readFileSync(await org.key('log.json')), null)).publicKey
    const vkey = formatVerifierKey('log.acme.example/1', spki.slice(12), noteAlgorithm)
    const made = await org.ok(`org trust --log-vkey ${vkey} --out ${org.path('trust.json')}`)
    expect(made.err).toMatch(/^log key log\.acme\.example\/1 sha256:[0-9a-f]{64}: compare it with the operator\n$/)
    const trust = readTrust(readFileSync(org.path('trust.json')))
    const group = trust.ok ? trust.value.groups.get('ep:org:acme') : undefined
    expect(group?.file.log.keys).toEqual([{ log_key_id: `ep:log:acme#${vkey.split('+')[1]}`, vkey }])
    expect([...(group?.compromised.values() ?? [])]).toEqual([start])
    expect([...(group?.directoryKeys.values() ?? [])].every(({ operatorHeld }) => !operatorHeld)).toBe(true)
    const pins = await org.ok('org public')
    expect(parsePins(new TextEncoder().encode(pins.out)).compromised).toHaveLength(1)
    const foreign = formatVerifierKey('log.other.example/1', spki.slice(12), noteAlgorithm)
    expect(await org.cli(`org trust --log-vkey ${foreign}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('trust_log_key_mismatch'),
    })
  })

  test('EP-DIR-2: from 30 days before its end a head asks to be renewed, and an empty change renews it', async () => {
    org.wait(59 * day)
    expect((await org.cli('org status')).code).toBe(0)
    org.wait(1.5 * day)
    expect(await org.cli('org status')).toMatchObject({ code: 1, err: expect.stringContaining('ends in 29 days') })
    org.wait(31 * day)
    expect(await org.cli('org status')).toMatchObject({ code: 1, err: expect.stringContaining('has ended') })
    expect((await org.ok('org sign --yes')).out).toContain('Nothing changed: this renews the head.')
    expect((await org.ok('org status')).code).toBe(0)
  })

  test('the second key signs when the first one is lost', async () => {
    renameSync(org.path('keys/directory-1.json'), org.path('lost.json'))
    expect(await org.cli('org sign --yes')).toMatchObject({ code: 2, err: expect.stringContaining('no such file') })
    await org.ok(`org sign --yes --key ${org.path('keys/directory-2.json')}`)
    renameSync(org.path('lost.json'), org.path('keys/directory-1.json'))
  })
})

describe('what an organization refuses', () => {
  let org: Awaited<ReturnType<typeof newOrganization>>
  beforeAll(async () => {
    org = await newOrganization()
    await org.ok('org entity add recon --kind agent --responsible 0042')
    await org.ok('org sign --yes')
  })
  const refused = async (words: string, code: number, message: string) =>
    expect(await org.cli(words)).toMatchObject({ code, err: expect.stringContaining(message) })

  test('EP-DIR-2: an instant that the server proposes more than 300 s from the signer’s clock, or before the last head', async () => {
    const now = (ms: number) => new Date(start + ms).toISOString().replace('.000', '')
    org.wait(10 * day)
    await refused(`org sign --yes --issued-at ${now(10 * day + 4 * 60_000 + 420_000)}`, 1, 'more than 300 s')
    await refused(`org sign --yes --issued-at ${now(0)}`, 1, 'more than 300 s')
    await org.ok(`org sign --yes --issued-at ${now(10 * day + 5 * 60_000 + 200_000)}`)
    await refused('org sign --yes', 1, 'head_issued_at_stale')
    org.wait(day)
  })

  test('a head by a key that is not pinned', async () => {
    await refused(`org sign --yes --key ${await org.key('other.json')}`, 1, 'is not a directory key')
  })

  test('an enrollment that nobody was invited to, for another person, or with the challenge of another invitation', async () => {
    const request = await org.invite('bob')
    const forged = JSON.parse(readFileSync(request, 'utf8')) as { body: Record<string, unknown>; signatures: unknown[] }
    const write = (name: string, change: Record<string, unknown>) => {
      writeFileSync(org.path(name), JSON.stringify({ ...forged, body: { ...forged.body, ...change } }))
      return org.path(name)
    }
    await refused(`org enroll --yes ${write('a.json', { approver_id: 'ep:approver:eve' })}`, 1, 'was not invited')
    await refused(
      `org enroll --yes ${write('b.json', { at: '2026-11-02T00:00:00Z' })}`,
      1,
      'possession_signature_invalid',
    )
    await refused(
      `org enroll --yes ${write('c.json', { challenge: `b64u:${'A'.repeat(43)}` })}`,
      1,
      'possession_challenge',
    )
    await refused(`org enroll --yes ${write('d.json', { directory_id: 'ep:directory:x' })}`, 1, 'possession_directory')
    await org.ok(`org enroll --yes ${request}`)
    await refused(`org enroll --yes ${request}`, 1, 'the invitation was answered')
  })

  test('an invitation past its end', async () => {
    const request = await org.invite('carol')
    org.wait(15 * day)
    await refused(`org enroll --yes ${request}`, 1, 'invitation_expired')
  })

  test('EP-KEY-U: a directory key as an approver’s', async () => {
    await org.ok(`org invite dora --principal dora --role treasury --out ${org.path('dora.invitation')}`)
    await org.other(
      `enroll ${org.path('dora.invitation')} --key ${org.path('keys/directory-1.json')} --out ${org.path('dora')}`,
    )
    await refused(`org enroll --yes ${org.path('dora')}`, 1, 'this is a directory key')
  })

  test('a key that stands in another entry', async () => {
    const key = await org.key('twice.json')
    await org.ok(`org executor add one --system one.example --key ${key}`)
    await refused(`org executor add two --system two.example --key ${key}`, 1, 'directory_key_duplicate')
  })

  test('EP-DIR-1: one system has one executor', async () => {
    await refused(
      `org executor add two --system one.example --key ${await org.key('two.json')}`,
      1,
      'executor_system_duplicate',
    )
  })

  test('the end of something that is not there, and an end before the newest head', async () => {
    await refused('org entity revoke nobody', 2, 'no such entry')
    await refused('org entity revoke recon --at 2026-11-01T00:00:00Z', 1, 'leaf_valid_to_stale')
  })

  test('an entry that no head carries yet is left out, not ended', async () => {
    await org.ok('org entity add short --kind service --responsible 0042')
    await org.ok('org entity revoke short')
    expect((await org.cli('org status')).out).not.toContain('ep:entity:short')
  })

  test('a file that somebody changed by hand', async () => {
    const head = readFileSync(org.path('heads/0001.json'), 'utf8')
    writeFileSync(org.path('heads/0001.json'), head.replace('ep:principal:0042', 'ep:principal:0043'))
    await refused('org status', 2, 'head_root_mismatch at /heads/1/head/body/root_hash')
    writeFileSync(org.path('heads/0001.json'), head)
    await org.cli('org status')
  })

  test('a folder that is none, and one that is taken', async () => {
    const ran = await runCli(['org', 'status', '--folder', join(root, 'absent')])
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('is no organization’s folder') })
    expect(existsSync(join(root, 'absent'))).toBe(false)
    await refused('org init --organization acme --log-origin log.acme.example/1 --no-passphrase', 2, 'already')
  })

  test('signing when nobody can be asked', async () => {
    await refused('org sign', 2, 'give --yes after reading what is shown')
  })
})

describe('EP-DIR-3: where administrators are pinned', () => {
  test('a head needs the attestation of each new entry, by them', async () => {
    const org = await newOrganization()
    const key = await org.key('admin.json')
    await org.ok(`org administrator add --key ${key} --required 1`)
    await org.ok('org entity add recon --kind agent --responsible 0042')
    const missing = await org.cli('org sign --yes')
    expect(missing).toMatchObject({
      code: 1,
      err: expect.stringContaining('attestation_missing at /leaves/0/attestations'),
    })
    const foreign = await org.cli(`org attest --yes --key ${await org.key('eve.json')}`)
    expect(foreign).toMatchObject({ code: 1, err: expect.stringContaining('is not an administrator') })
    const attested = await org.ok(`org attest --key ${key}`, [true])
    expect(attested.out).toContain('+ agent ep:entity:recon')
    expect(await org.cli(`org attest --yes --key ${key}`)).toMatchObject({ code: 2 })
    expect((await org.ok('org sign --yes')).out).toContain('attested by ep:key:admin#1')
    expect(await org.cli(`org administrator add --key ${key} --required 3`)).toMatchObject({ code: 1 })
  })
})

describe('policy', () => {
  const action = (parameters: object) => ({
    ep_version: '1.0',
    action_type: 'wire.release',
    target: { system: 'treasury.example', resource: 'wire/1' },
    parameters,
    initiator: 'ep:entity:recon',
    policy_id: 'ep:policy:wires@v1',
    requested_at: '2026-11-20T12:00:00Z',
  })
  const check = async (parameters: object) => {
    writeFileSync(join(root, 'wires.json'), (await runCli(['policy', 'template', 'wires'])).out)
    const words = ['policy', 'check', join(root, 'wires.json'), '--action', '-']
    return runCli(words, { stdin: JSON.stringify(action(parameters)) })
  }

  test.each(['wires', 'deploy', 'deletion', 'agent-tool'])(
    'the template %s is a policy that excludes the responsible',
    async (name) => {
      const { out } = await runCli(['policy', 'template', name])
      expect(JSON.parse(out)).toMatchObject({ policy_id: `ep:policy:${name}@v1`, separation: 'responsible' })
      expect(await runCli(['policy', 'check', '-'], { stdin: out })).toMatchObject({ code: 0, err: '' })
    },
  )

  test('check says what it demands of an action', async () => {
    expect((await check({ amount: '2400000.00' })).out).toContain(
      'This action needs (1 of treasury and 1 of controller) (rule 1).',
    )
    expect((await check({ amount: '5' })).out).toContain('needs 1 of treasury (rule 2)')
  })

  test('EP-POL-1, EP-POL-2: no match and a missing operand refuse', async () => {
    expect(await check({ amount: '0' })).toMatchObject({ code: 1, err: expect.stringContaining('policy_rule_missing') })
    expect(await check({})).toMatchObject({ code: 1, err: expect.stringContaining('condition_operand_missing') })
  })

  test('what is no policy is refused with its code', async () => {
    const ran = await runCli(['policy', 'check', '-'], { stdin: '{"type":"ep.policy.v1"}' })
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining('member_missing') })
  })
})
