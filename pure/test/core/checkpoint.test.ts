import { type Checkpoint, checkpointText, parseCheckpointText } from '@countersign/pure/core/checkpoint'
import { decodeTimestampedSignature } from '@countersign/pure/core/cosignature'
import { encodeHex } from '@countersign/pure/core/hex'
import { parseNote } from '@countersign/pure/core/note'
import { Refusal } from '@countersign/pure/core/refusal'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const numRuns = process.env.SLOW ? 6000 : 300

// The example of C2SP tlog-cosignature: a checkpoint with a witness's line.
const example = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`
const text = parseNote(example).text

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    return (error as Refusal).code
  }
  return 'accepted'
}

test('EP-REC-4: the example of the specification is read, and written back', () => {
  const checkpoint = parseCheckpointText(text)
  expect([checkpoint.origin, checkpoint.treeSize]).toEqual(['example.com/behind-the-sofa', 20852163])
  expect(encodeHex(checkpoint.rootHash)).toBe('0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62')
  expect(checkpointText(checkpoint)).toBe(text)
})

test('EP-REC-4: the cosignature of the example says the time that the specification says', () => {
  const line = parseNote(example).signatures[1]!
  expect([line.name, line.keyId]).toEqual(['witness.example.com/w1', 0x8d66cf3f])
  expect(decodeTimestampedSignature(line.signature).timestamp).toBe(1679315147)
})

test('EP-REC-4: a checkpoint text with one thing changed is refused for that thing', () => {
  const size = (value: string) => text.replace('20852163', value)
  const rows: [string, string, string][] = [
    ['nothing', text, 'accepted'],
    ['an extension line', `${text}extension\n`, 'checkpoint_extension_unsupported'],
    ['an empty line behind', `${text}\n`, 'checkpoint_extension_unsupported'],
    ['no last newline', text.slice(0, -1), 'checkpoint_text_malformed'],
    ['two lines', 'example.com\n1\n', 'checkpoint_text_malformed'],
    ['empty', '', 'checkpoint_text_malformed'],
    ['origin empty', text.replace(/^.*/, ''), 'checkpoint_origin_malformed'],
    ['carriage return in the origin', text.replace('sofa', 'sofa\r'), 'checkpoint_origin_malformed'],
    ['size 0', size('0'), 'accepted'],
    ['size 2^53-1', size('9007199254740991'), 'accepted'],
    ['size 2^53', size('9007199254740992'), 'checkpoint_tree_size_too_large'],
    ['size of 400 digits', size('9'.repeat(400)), 'checkpoint_tree_size_too_large'],
    ['size with a leading zero', size('020852163'), 'checkpoint_tree_size_malformed'],
    ['size 00', size('00'), 'checkpoint_tree_size_malformed'],
    ['size negative', size('-1'), 'checkpoint_tree_size_malformed'],
    ['size with a plus', size('+1'), 'checkpoint_tree_size_malformed'],
    ['size with an exponent', size('1e3'), 'checkpoint_tree_size_malformed'],
    ['size with a space', size(' 1'), 'checkpoint_tree_size_malformed'],
    ['size in other digits', size('١'), 'checkpoint_tree_size_malformed'],
    ['size empty', size(''), 'checkpoint_tree_size_malformed'],
    ['root of 31 octets', 'a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n', 'checkpoint_root_hash_malformed'],
    ['root without padding', text.replace('2I=', '2I'), 'base64_malformed'],
    ['root in base64url', text.replace('m/X', 'm_X'), 'base64_malformed'],
    ['unused bits of the root', text.replace('2I=', '2J='), 'base64_noncanonical'],
  ]
  expect(rows.map(([change, text]) => [change, codeOf(() => parseCheckpointText(text))])).toEqual(
    rows.map(([change, , code]) => [change, code]),
  )
})

test('EP-REC-4: what cannot be read as a checkpoint is not written', () => {
  const good: Checkpoint = parseCheckpointText(text)
  const rows: [string, Checkpoint, string][] = [
    ['origin of two lines', { ...good, origin: 'a\nb' }, 'checkpoint_origin_malformed'],
    ['origin empty', { ...good, origin: '' }, 'checkpoint_origin_malformed'],
    ['size 0.5', { ...good, treeSize: 0.5 }, 'checkpoint_tree_size_malformed'],
    ['size -1', { ...good, treeSize: -1 }, 'checkpoint_tree_size_malformed'],
    ['size 2^53', { ...good, treeSize: 2 ** 53 }, 'checkpoint_tree_size_malformed'],
    ['root of 33 octets', { ...good, rootHash: new Uint8Array(33) }, 'checkpoint_root_hash_malformed'],
  ]
  expect(rows.map(([change, c]) => [change, codeOf(() => checkpointText(c))])).toEqual(
    rows.map(([change, , code]) => [change, code]),
  )
})

test('EP-REC-4: what is read is written back octet for octet, and nothing but a Refusal is thrown', () => {
  const mutated = fc.tuple(fc.nat(text.length), fc.nat(3), fc.string({ maxLength: 4, unit: 'binary' }))
  const property = fc.property(mutated, ([at, cut, put]) => {
    const changed = text.slice(0, at) + put + text.slice(at + cut)
    codeOf(() => expect(checkpointText(parseCheckpointText(changed))).toBe(changed))
  })
  fc.assert(property, { numRuns })
})
