import { replaceFile } from '@countersign/engine/ports/durable-file'
import { type CrashFiles, crashFiles } from '@countersign/simulator/crash-files'
import { expect, test } from 'vitest'

const bytes = (text: string) => new TextEncoder().encode(text)
const OLD = 'the old contents'
const NEW = 'new contents, which are longer than the old'

async function textOf(files: CrashFiles, path: string): Promise<string | null> {
  const found = await files.read(path)
  return found === null ? null : new TextDecoder().decode(found)
}

/** What can stand at `path` after a crash at or after operation `from`. */
async function outcomes(files: CrashFiles, path: string, from = 0): Promise<Set<string | null>> {
  const found = new Set<string | null>()
  for (const crash of files.crashes()) if (crash.after >= from) found.add(await textOf(crash.files, path))
  return found
}

test('replaceFile: after any crash the old or the new contents, whole; the new ones once it has resolved', async () => {
  const files = crashFiles(new Map([['file', bytes(OLD)]]))
  await replaceFile(files, 'file', bytes(NEW))
  expect(await outcomes(files, 'file')).toEqual(new Set([OLD, NEW]))
  expect(await outcomes(files, 'file', files.operations())).toEqual(new Set([NEW]))
})

test('replaceFile: the same in a folder that was made durable before', async () => {
  const files = crashFiles(new Map<string, Uint8Array | 'folder'>([['a', 'folder']]))
  await replaceFile(files, 'a/file', bytes(OLD))
  const first = files.operations()
  await replaceFile(files, 'a/file', bytes(NEW))
  expect(await outcomes(files, 'a/file')).toEqual(new Set([null, OLD, NEW]))
  expect(await outcomes(files, 'a/file', first)).toEqual(new Set([OLD, NEW]))
  expect(await outcomes(files, 'a/file', files.operations())).toEqual(new Set([NEW]))
})

test('replaceFile: a replacement after a crash in the middle of one is whole again', async () => {
  const files = crashFiles(new Map([['file', bytes(OLD)]]))
  await replaceFile(files, 'file', bytes('a first try'))
  for (const crash of files.crashes()) {
    await replaceFile(crash.files, 'file', bytes(NEW))
    expect(await outcomes(crash.files, 'file', crash.files.operations()), crash.how).toEqual(new Set([NEW]))
  }
})

test('appending: what was acknowledged stands in front; only the tail after it may be torn', async () => {
  const files = crashFiles()
  await append(files, 'first;')
  await files.syncFolder('')
  const acknowledged = files.operations()
  await append(files, 'second;')
  for (const text of await outcomes(files, 'log', acknowledged)) expect(text?.startsWith('first;')).toBe(true)
  expect(await outcomes(files, 'log', acknowledged)).toContain('first;sec')
  expect(await outcomes(files, 'log', files.operations())).toEqual(new Set(['first;second;']))
})

async function append(files: CrashFiles, text: string): Promise<void> {
  await files.append('log', bytes(text))
  await files.sync('log')
}

// Each row leaves out one step of replaceFile; the crash that it was there for must show.
test.each<[string, (files: CrashFiles) => Promise<void>, string | null]>([
  ['overwriting in place can leave nothing', (files) => files.write('file', bytes(NEW)), ''],
  ['overwriting in place can leave a part', (files) => files.write('file', bytes(NEW)), NEW.slice(0, NEW.length / 2)],
  ['renaming before the sync can leave an empty file', (files) => replaceWithout(files, 'sync'), ''],
  ['renaming before the sync can leave zeros', (files) => replaceWithout(files, 'sync'), '\0'.repeat(NEW.length)],
  ['removing first can leave no file', (files) => files.remove('file'), null],
])('a careless writer is caught: %s', async (_, careless, outcome) => {
  const files = crashFiles(new Map([['file', bytes(OLD)]]))
  await careless(files)
  expect(await outcomes(files, 'file')).toContain(outcome)
})

test('a careless writer is caught: without syncFolder the old contents can come back', async () => {
  const files = crashFiles(new Map([['file', bytes(OLD)]]))
  await replaceWithout(files, 'syncFolder')
  expect(await outcomes(files, 'file', files.operations())).toEqual(new Set([OLD, NEW]))
})

async function replaceWithout(files: CrashFiles, left: 'sync' | 'syncFolder'): Promise<void> {
  await files.write('file.new', bytes(NEW))
  if (left !== 'sync') await files.sync('file.new')
  await files.rename('file.new', 'file')
  if (left !== 'syncFolder') await files.syncFolder('')
}

test('syncing a file does not make its name durable, syncing its folder does', async () => {
  const files = crashFiles()
  await files.write('file', bytes(NEW))
  await files.sync('file')
  expect(await outcomes(files, 'file', files.operations())).toEqual(new Set([null, NEW]))
  await files.syncFolder('')
  expect(await outcomes(files, 'file', files.operations())).toEqual(new Set([NEW]))
})

test('a folder whose name was not synced takes its files along', async () => {
  const files = crashFiles()
  await files.makeFolder('a/b')
  await replaceFile(files, 'a/b/file', bytes(NEW))
  expect(await outcomes(files, 'a/b/file', files.operations())).toEqual(new Set([null, NEW]))
  await files.syncFolder('a')
  await files.syncFolder('')
  expect(await outcomes(files, 'a/b/file', files.operations())).toEqual(new Set([NEW]))
})

test('a truncation that was not synced may not have happened, and touches nothing in front of it', async () => {
  const files = crashFiles(new Map([['file', bytes('0123456789')]]))
  await files.truncate('file', 4)
  expect(await outcomes(files, 'file')).toEqual(new Set(['0123456789', '0123']))
})

test('octets appended after a truncation that was not synced are lost down to the truncation', async () => {
  const files = crashFiles(new Map([['file', bytes('0123456789')]]))
  await files.truncate('file', 4)
  await files.append('file', bytes('xy'))
  const expected = ['0123456789', '0123', '0123x', '0123\0\0', '0123xy']
  expect(await outcomes(files, 'file', files.operations())).toEqual(new Set(expected))
})

test('more than four unsynced names: each is seen alone and each is seen missing', async () => {
  const files = crashFiles()
  const names = ['a', 'b', 'c', 'd', 'e']
  for (const name of names) await files.write(name, bytes(name))
  const found = new Set<string>()
  for (const crash of files.crashes()) {
    if (crash.after === files.operations()) found.add((await crash.files.list('')).join(''))
  }
  for (const expected of ['', 'abcde', ...names, 'bcde', 'acde', 'abde', 'abce', 'abcd'])
    expect(found).toContain(expected)
})

test('reading sees every operation at once; list names folders with a slash; bytes are copies', async () => {
  const files = crashFiles()
  const given = bytes('abc')
  await files.makeFolder('a/b')
  await files.append('a/file', given)
  given.fill(0)
  ;(await files.read('a/file'))!.fill(0)
  await files.append('a/file', bytes('def'))
  expect(await textOf(files, 'a/file')).toBe('abcdef')
  expect(await files.list('a')).toEqual(['b/', 'file'])
  expect(await files.list('')).toEqual(['a/'])
  expect(await files.list('nowhere')).toEqual([])
  expect(await files.read('nowhere')).toBeNull()
})

test('what a real folder refuses is refused and not recorded', async () => {
  const files = crashFiles()
  await expect(files.write('a/file', bytes(''))).rejects.toThrow('no such folder')
  await expect(files.sync('file')).rejects.toThrow('no such file')
  await expect(files.rename('file', 'other')).rejects.toThrow('no such file')
  expect(files.operations()).toBe(0)
})
