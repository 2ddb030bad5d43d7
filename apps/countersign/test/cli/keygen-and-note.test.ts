import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeyFile } from '@countersign/adapters/keys/key-file'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { formatNote, formatVerifierKey, noteAlgorithm, parseVerifierKey } from '@countersign/pure/core/note'
import { afterAll, describe, expect, test } from 'vitest'
import { runCli } from './fake-terminal.js'

const folder = mkdtempSync(join(tmpdir(), 'countersign-keygen-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)

describe('keygen', () => {
  test('asks twice and writes a file for its owner only', async () => {
    const out = path('asked.json')
    const words = ['keygen', '--out', out, '--key-id', 'ep:key:alice#1']
    const ran = await runCli(words, { answers: ['correct horse', 'correct horse'] })
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toContain('key id      ep:key:alice#1\n')
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect((await openKeyFile(readFileSync(out), 'correct horse')).keyId).toBe('ep:key:alice#1')
    expect(ran.out + readFileSync(out, 'utf8')).not.toContain('correct horse')
  })

  test('reads the passphrase from a file, without its line end', async () => {
    writeFileSync(path('passphrase'), 'from a file\r\n')
    const ran = await runCli(['keygen', '--out', path('file.json'), '--passphrase-file', path('passphrase')])
    expect(ran.out).toMatch(/^key id {6}ep:key:key-[0-9a-f]{16}#1\n/)
    await expect(openKeyFile(readFileSync(path('file.json')), 'from a file')).resolves.toBeDefined()
  })

  test('leaves a key unprotected only when told to, and says so', async () => {
    const ran = await runCli(['keygen', '--out', path('open.json'), '--no-passphrase'])
    expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('is not protected by a passphrase') })
    await expect(openKeyFile(readFileSync(path('open.json')), null)).resolves.toBeDefined()
  })

  const rows: [string, string[], (boolean | string | null)[] | undefined, RegExp][] = [
    ['nobody to ask', ['--out', 'x.json'], undefined, /nobody can be asked .* --passphrase-file/],
    ['a slip of the hand', ['--out', 'x.json'], ['one', 'two'], /the two passphrases differ/],
    ['an empty passphrase', ['--out', 'x.json'], [''], /the passphrase is empty/],
    ['giving up', ['--out', 'x.json'], [null], /no passphrase was given/],
    ['a file that is there', ['--out', 'taken.json', '--no-passphrase'], undefined, /it exists already/],
    ['a malformed key id', ['--out', 'x.json', '--key-id', 'alice'], undefined, /a key id looks like/],
    ['both ways', ['--out', 'x.json', '--no-passphrase', '--passphrase-file', 'p'], undefined, /exclude each other/],
  ]
  test.each(rows)('%s ends with 2 and changes nothing', async (_name, [, out, ...more], answers, message) => {
    writeFileSync(path('taken.json'), 'mine')
    const words = ['keygen', '--out', path(out!), ...more]
    const ran = await runCli(words, answers === undefined ? {} : { answers })
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) })
    expect(readFileSync(path('taken.json'), 'utf8')).toBe('mine')
    expect(() => statSync(path('x.json'))).toThrow()
  })
})

describe('note verify', () => {
  const setUp = async (text = `log.acme.example/1\n5\n${'A'.repeat(43)}=\n`) => {
    const keyFile = path(`note-${Math.random()}.json`)
    await runCli(['keygen', '--out', keyFile, '--no-passphrase'])
    const signer = await openKeyFile(readFileSync(keyFile), null)
    const vkey = formatVerifierKey('log.acme.example/1', signer.publicKey.slice(12), noteAlgorithm)
    const { name, keyId } = parseVerifierKey(vkey)
    const note = formatNote(text, [{ name, keyId, signature: await signer.sign(utf8Encode(text)) }])
    return { vkey, note }
  }

  test('names who signed and prints the text', async () => {
    const { vkey, note } = await setUp()
    const ran = await runCli(['note', 'verify', '-', '--key', vkey], { stdin: note })
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toMatch(/^signed by log\.acme\.example\/1\n\nlog\.acme\.example\/1\n5\nA{43}=\n$/)
  })

  test('takes the key from a file, and shows unseen characters of the text as code points', async () => {
    const { vkey, note } = await setUp('pay \u202eecila\u009b2J\n')
    writeFileSync(path('vkey'), `${vkey}\n`)
    const ran = await runCli(['note', 'verify', '-', '--key', path('vkey')], { stdin: note })
    expect(ran.out).toContain('pay \\u{202e}ecila\\u{9b}2J\n')
  })

  test('a changed text and a foreign key are refused with 1', async () => {
    const { vkey, note } = await setUp()
    const changed = await runCli(['note', 'verify', '-', '--key', vkey], { stdin: note.replace('\n5\n', '\n6\n') })
    expect(changed).toMatchObject({ code: 1, out: '', err: expect.stringContaining('note_signature_invalid') })
    const foreign = await runCli(['note', 'verify', '-', '--key', (await setUp()).vkey], { stdin: note })
    expect(foreign).toMatchObject({ code: 1, out: '', err: expect.stringContaining('note_signature_unknown') })
  })

  test('a key that is none ends with 2', async () => {
    const { vkey, note } = await setUp()
    const broken = await runCli(['note', 'verify', '-', '--key', vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')], {
      stdin: note,
    })
    expect(broken).toMatchObject({ code: 2, err: expect.stringContaining('verifier_key_id_mismatch') })
    const absent = await runCli(['note', 'verify', '-', '--key', path('absent')], { stdin: note })
    expect(absent).toMatchObject({ code: 2, err: expect.stringContaining('neither a verifier key nor a file') })
  })
})
