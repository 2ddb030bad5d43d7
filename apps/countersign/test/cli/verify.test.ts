import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashJson } from '@countersign/pure/core/digest'
import { afterAll, describe, expect, test } from 'vitest'
import { describeAction } from '../../src/cli/describe-action.js'
import { visible } from '../../src/cli/visible.js'
import { runCli } from './fake-terminal.js'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
const receiptFile = fixture('receipt.json')
const trustFile = fixture('trust.json')
const folder = mkdtempSync(join(tmpdir(), 'countersign-verify-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Json = Record<string, unknown>
type Receipt = Json & {
  action: Json & { parameters: Json; target: Json }
  policy: Json
  signoffs: Json[]
  evidence: Json[]
  contexts: Json[]
  authority: Json
  approver_key_proofs: { leaf: { entry: Json } }[]
}

function changed(change: (receipt: Receipt) => void): string {
  const receipt = JSON.parse(readFileSync(receiptFile, 'utf8')) as Receipt
  change(receipt)
  const path = join(folder, 'changed.json')
  writeFileSync(path, JSON.stringify(receipt))
  return path
}

describe('verify, for a person', () => {
  test('EP-VER-3: the verdict comes first, then who approved what, then what is not established', async () => {
    const { code, out, err } = await runCli(['verify', receiptFile, '--trust', trustFile])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const lines = out.split('\n')
    expect(lines[0]).toBe('SATISFIED: this action was approved and committed once')
    for (const part of ['ep:approver:approver-1', 'wire.release', 'treasury.example', '"2400000.00"', 'ep:org:acme'])
      expect(out).toContain(part)
    expect(lines.filter((line) => line.startsWith('  ✓ '))).toHaveLength(10)
    const [, open] = out.split('Not established by this file\n')
    expect(open).toContain('whether a key or policy was revoked after this was issued')
    expect(out).not.toContain('valid now')
  })

  test('EP-VER-1: a refusal names the step, shows later ones as not evaluated, and shows nothing of the contents', async () => {
    const file = changed((receipt) => (receipt.action.parameters['amount'] = '2400000.01'))
    const { code, out } = await runCli(['verify', file, '--trust', trustFile])
    expect(code).toBe(1)
    expect(out).toMatch(/^REFUSED: this trust receipt does not verify\n {2}action_hash_mismatch at \/action_hash/)
    expect(out).toMatch(/✓ structure[\s\S]*✗ action_hash +action_hash_mismatch[\s\S]*· contexts +not evaluated/)
    expect(out).not.toContain('2400000')
  })

  test('a verified text that would drive the terminal is shown as code points', () => {
    expect(visible('a\u001b[2Jb')).toBe('a\\u{1b}[2Jb')
    expect(visible('100\u202e001')).toBe('100\\u{202e}001')
    expect(visible('a\u200bb\u2066\ufeff\u00ad\u3164\u2800\u{e0041}')).toBe(
      'a\\u{200b}b\\u{2066}\\u{feff}\\u{ad}\\u{3164}\\u{2800}\\u{e0041}',
    )
    expect(visible('line\nline\u2028\u00a0\u0085')).toBe('line\\u{a}line\\u{2028}\\u{a0}\\u{85}')
    expect(visible('\\u{1b}')).toBe('\\u{5c}u{1b}')
    expect(visible('Müller & Söhne 株式会社 €')).toBe('Müller & Söhne 株式会社 €')
  })

  test('EP-CTX-5: everything in an action is shown, and no parameter passes for a line of the program', () => {
    const lines = describeAction({
      ep_version: '1.0',
      action_type: 'wire.release',
      target: { system: 'treasury.example', resource: 'wire/1', vault: 7 },
      parameters: { 'asked by': 'ep:entity:ceo', list: [{ deep: null }, []], '\u202ename': {} },
      initiator: 'ep:entity:recon',
      policy_id: 'ep:policy:wires@v1',
      requested_at: '2026-11-20T12:00:00Z',
      provenance: { note: 'approved by the board' },
    })
    expect(lines).toEqual([
      ['action', 'wire.release'],
      ['system', 'treasury.example'],
      ['resource', '"wire/1"'],
      ['/target/vault', '7'],
      ['/parameters/asked by', '"ep:entity:ceo"'],
      ['/parameters/list/0/deep', 'null'],
      ['/parameters/list/1', '[]'],
      ['/parameters/\\u{202e}name', '{}'],
      ['asked by', 'ep:entity:recon'],
      ['asked at', '2026-11-20T12:00:00Z'],
      ['policy', 'ep:policy:wires@v1'],
      ['/provenance/note', '"approved by the board"'],
    ])
  })

  test('what is refused is told without the octets of whoever wrote it', async () => {
    const file = changed((receipt) => (receipt['\u001b]0;owned\u0007'] = 1))
    const { code, out } = await runCli(['verify', file, '--trust', trustFile])
    expect(code).toBe(1)
    expect(out).toContain('member_unknown at /\\u{1b}]0;owned\\u{7}')
    expect([...out].some((character) => character < ' ' && character !== '\n')).toBe(false)
  })
})

describe('verify --json', () => {
  const verify = async (file: string, ...more: string[]) => {
    const { code, out } = await runCli(['verify', file, '--trust', trustFile, '--json', ...more])
    return { code, document: JSON.parse(out) as Json }
  }

  test('a satisfied receipt', async () => {
    const { code, document } = await verify(receiptFile)
    expect(code).toBe(0)
    expect(Object.keys(document)).toEqual(['outcome', 'checks', 'assurance', 'not_established'])
    expect(document).toMatchObject({ outcome: 'satisfied', assurance: { key_class: 'B' } })
    expect(document['checks']).toContainEqual({ step: 'windows', status: 'passed' })
    expect(document['not_established']).toContain('post_issuance_revocation')
  })

  test('a refused one has the same members and its failure', async () => {
    const { code, document } = await verify(changed((receipt) => (receipt.signoffs[0]!['key_class'] = 'A')))
    expect(code).toBe(1)
    expect(document).toMatchObject({
      outcome: 'refused',
      failure: { code: 'signoff_key_class_mismatch', at: '/signoffs/0/key_class' },
      assurance: {},
      not_established: [],
    })
    expect(Object.keys(document['failure'] as Json)).toEqual(['code', 'at'])
  })

  test('EP-ENC-7: required evidence that nobody here can judge is indeterminate and ends with 3', async () => {
    const trust = JSON.parse(readFileSync(trustFile, 'utf8')) as { organizations: { policy_pins: string[] }[] }
    const file = changed((receipt) => {
      receipt.policy['evidence_required'] = ['acme.second-screen.v1']
      receipt.evidence = [{ type: 'acme.second-screen.v1' }]
      const policyHash = hashJson(receipt.policy as never)
      for (const context of receipt.contexts) context['policy_hash'] = policyHash
      // The trust file pins this policy, so that no leaf is needed and nothing has to be signed again before the step `policy`.
      trust.organizations[0]!.policy_pins.push(policyHash)
      receipt.approver_key_proofs = receipt.approver_key_proofs.filter(
        ({ leaf }) => leaf.entry.type !== 'ep.directory_policy.v1',
      )
      delete receipt.authority['policy']
    })
    const pinned = join(folder, 'pinned.json')
    writeFileSync(pinned, JSON.stringify(trust))
    const { code, out } = await runCli(['verify', file, '--trust', pinned, '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'indeterminate',
      failure: { code: 'evidence_required_unknown', at: '/policy/evidence_required/0' },
    })
    const shown = await runCli(['verify', file, '--trust', pinned])
    expect(shown.out).toMatch(/^INDETERMINATE: [\s\S]*\n {2}\? policy /)
  })

  test('a given clock refuses what lies in its future', async () => {
    expect(await verify(receiptFile, '--at', '2026-11-20T12:30:00Z')).toMatchObject({ code: 0 })
    const { code, document } = await verify(receiptFile, '--at', '2026-11-20T11:00:00Z')
    expect(code).toBe(1)
    expect(document).toMatchObject({ failure: { code: 'window_clock_invalid' } })
  })

  test('another kind than the one expected is refused', async () => {
    expect(await verify(receiptFile, '--expect', 'receipt')).toMatchObject({ code: 0 })
    const { code, document } = await verify(receiptFile, '--expect', 'denial')
    expect(code).toBe(1)
    expect(document).toMatchObject({ failure: { at: expect.stringMatching(/./) } })
  })

  test('no JSON, two types, an unknown type: refused by the strict parser of the verifier, never a crash', async () => {
    const codes = await Promise.all(
      ['', '{', '[]', '7', '{"type":"ep.bundle.v1","type":"ep.denial_record.v1"}', '{"type":"ep.other.v1"}'].map(
        async (stdin) => {
          const words = ['verify', '-', '--trust', trustFile, '--json']
          const { code, out } = await runCli(words, { stdin })
          return `${code} ${(JSON.parse(out) as { failure: { code: string } }).failure.code}`
        },
      ),
    )
    expect(codes).toEqual([
      '1 json_syntax_invalid',
      '1 json_syntax_invalid',
      '1 member_type_mismatch',
      '1 member_type_mismatch',
      '1 json_member_duplicate',
      '1 type_mismatch',
    ])
  })

  test('stdin is read for -', async () => {
    const ran = await runCli(['verify', '-', '--trust', trustFile], { stdin: readFileSync(receiptFile) })
    expect(ran.code).toBe(0)
  })
})

describe('verify, called wrongly, ends with 2 and one line', () => {
  const rows: [string, string[], RegExp][] = [
    [
      'no such artifact',
      [join(folder, 'absent'), '--trust', trustFile],
      /absent cannot be read: there is no such file$/,
    ],
    ['a folder', [folder, '--trust', trustFile], /cannot be read: it is a folder$/],
    ['no such trust file', [receiptFile, '--trust', join(folder, 'absent')], /cannot be read/],
    ['no trust file', [receiptFile, '--trust', receiptFile], /the trust file .*receipt\.json: type_mismatch at \/type/],
    ['trust missing', [receiptFile], /required option '--trust <file>' not specified/],
    ['an instant without zone', [receiptFile, '--trust', trustFile, '--at', '2026-11-20T12:00:00'], /looks like/],
    [
      'an unknown option',
      [receiptFile, '--trust', trustFile, '--jsno'],
      /unknown option '--jsno'\n\(Did you mean --json\?\)/,
    ],
    [
      'an unknown kind',
      [receiptFile, '--trust', trustFile, '--expect', 'x'],
      /Allowed choices are receipt, denial, bundle/,
    ],
  ]
  test.each(rows)('%s', async (_name, words, message) => {
    const { code, out, err } = await runCli(['verify', ...words])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^countersign: /)
    expect(err.replace(/\n\(countersign --help[\s\S]*$/, '').trimEnd()).toMatch(message)
    expect(err).not.toMatch(/\n\s+at /)
  })

  test('an unknown command is answered with the nearest', async () => {
    const { code, err } = await runCli(['verfy'])
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean verify?') })
  })
})
