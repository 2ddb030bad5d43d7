import { utf8Decode } from '@countersign/pure/core/bytes'
import { expect, test } from 'vitest'
import { generateVectors } from '../src/generate.js'
import { committedFiles } from './vector-files.js'

test('the committed vectors are what the sources generate, octet for octet (npm run vectors:generate)', () => {
  const generated = generateVectors()
  const committed = new Map(committedFiles().map(({ name, bytes }) => [name, bytes]))
  for (const { name, bytes } of generated) {
    const [fresh, found] = [utf8Decode(bytes), utf8Decode(committed.get(name) ?? new Uint8Array(0))]
    // A whole file in the message of a failed test helps nobody: the first line that differs does.
    const lines = found.split('\n')
    expect(
      fresh
        .split('\n')
        .find((line, index) => line !== lines[index])
        ?.slice(0, 200),
      name,
    ).toBeUndefined()
    expect(fresh.length, name).toBe(found.length)
  }
  const own = /^(ep|core)\//
  const surplus = [...committed.keys()].filter((name) => own.test(name) && !generated.some((one) => one.name === name))
  expect(surplus).toEqual([])
}, 60_000)
