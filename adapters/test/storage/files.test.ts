import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderFiles } from '@countersign/adapters/storage/files'
import { replaceFile } from '@countersign/engine/ports/durable-file'
import type { Files } from '@countersign/engine/ports/files'
import { crashFiles } from '@countersign/simulator/crash-files'
import { afterAll, describe, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'countersign-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

let folders = 0
const freshRoot = () => join(folder, `${folders++}`, 'root')
const bytes = (text: string) => new TextEncoder().encode(text)
const textOf = async (files: Files, path: string) => {
  const found = await files.read(path)
  return found === null ? null : new TextDecoder().decode(found)
}

// The simulator's files must behave as real ones do, or what is proven over them holds nowhere.
describe.each<[string, () => Files]>([
  ['folderFiles', () => folderFiles(freshRoot())],
  ['crashFiles', () => crashFiles()],
])('%s', (_, open) => {
  test('writes, overwrites, appends, truncates and reads', async () => {
    const files = open()
    expect(await files.read('a')).toBeNull()
    await files.write('a', bytes('longer at first'))
    await files.write('a', bytes('short'))
    await files.append('a', bytes('er'))
    await files.append('b', bytes('new'))
    await files.sync('a')
    expect(await textOf(files, 'a')).toBe('shorter')
    expect(await textOf(files, 'b')).toBe('new')
    await files.truncate('a', 5)
    expect(await textOf(files, 'a')).toBe('short')
    await files.truncate('a', 7)
    expect(await textOf(files, 'a')).toBe('short\0\0')
  })

  test('renames over another file, removes, and removing nothing is no error', async () => {
    const files = open()
    await files.write('a', bytes('A'))
    await files.write('b', bytes('B'))
    await files.rename('a', 'b')
    expect(await textOf(files, 'b')).toBe('A')
    expect(await files.read('a')).toBeNull()
    await files.remove('b')
    await files.remove('b')
    expect(await files.list('')).toEqual([])
  })

  test('makes folders of several levels, again without error, and lists them sorted with a slash', async () => {
    const files = open()
    await files.makeFolder('a/b')
    await files.makeFolder('a/b')
    await files.write('a/z', bytes(''))
    await files.write('a/b/c', bytes('C'))
    await files.syncFolder('a/b')
    await files.syncFolder('')
    expect(await files.list('a')).toEqual(['b/', 'z'])
    expect(await files.list('')).toEqual(['a/'])
    expect(await files.list('nowhere')).toEqual([])
    expect(await textOf(files, 'a/b/c')).toBe('C')
  })

  test('creates a file once, leaves nothing else behind, and never overwrites', async () => {
    const files = open()
    const made = await Promise.all(['1', '2', '3'].map((text) => files.create('lock', bytes(text))))
    expect(made.filter((one) => one)).toHaveLength(1)
    expect(await textOf(files, 'lock')).toBe(`${made.indexOf(true) + 1}`)
    expect(await files.create('lock', bytes('later'))).toBe(false)
    expect(await files.list('')).toEqual(['lock'])
    await files.remove('lock')
    expect(await files.create('lock', bytes('again'))).toBe(true)
  })

  test('a missing folder or file is an error', async () => {
    const files = open()
    await expect(files.write('nowhere/a', bytes(''))).rejects.toThrow()
    await expect(files.create('nowhere/a', bytes(''))).rejects.toThrow()
    await expect(files.sync('a')).rejects.toThrow()
    await expect(files.truncate('a', 0)).rejects.toThrow()
    await expect(files.rename('a', 'b')).rejects.toThrow()
    await expect(files.syncFolder('nowhere')).rejects.toThrow()
  })

  test('replaceFile works over it', async () => {
    const files = open()
    await replaceFile(files, 'file', bytes('1'))
    await replaceFile(files, 'file', bytes('2'))
    expect(await textOf(files, 'file')).toBe('2')
    expect(await files.list('')).toEqual(['file'])
  })
})

test('folderFiles refuses every path that is not a plain relative one', async () => {
  const files = folderFiles(freshRoot())
  const strange = ['..', '../a', 'a/../../b', '/etc/passwd', 'a//b', './a', 'a/.', 'a/', 'a\0b', '..\\a']
  for (const path of strange) {
    await expect(files.read(path), path).rejects.toThrow('plain relative path')
    await expect(files.write(path, bytes('')), path).rejects.toThrow('plain relative path')
    await expect(files.rename('a', path), path).rejects.toThrow('plain relative path')
    await expect(files.remove(path), path).rejects.toThrow('plain relative path')
  }
})

test('folderFiles makes folders 0700 and files 0600', async () => {
  const root = freshRoot()
  const files = folderFiles(root)
  await files.makeFolder('a')
  await files.write('a/file', bytes(''))
  await files.append('a/log', bytes(''))
  const modes = [root, join(root, 'a'), join(root, 'a/file'), join(root, 'a/log')].map(
    (path) => statSync(path).mode & 0o777,
  )
  expect(modes).toEqual([0o700, 0o700, 0o600, 0o600])
})
