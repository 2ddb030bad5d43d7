import type { JsonObject } from '@countersign/pure/core/json'
import { applyPatch, type PatchOperation } from '@countersign/pure/core/json-patch'
import { makeReceipt } from '@countersign/simulator/attempt'
import { joinTrust, makeWorld, octetsOfJson, pinned } from '@countersign/simulator/world'
import { describe, expect, test } from 'vitest'
import { verifyReceipt } from '../../src/ep/verify-receipt.js'
import { verdictOf } from './artifacts.js'

// Two organizations in one trust file: keys never combine across groups.
const [acme, globex] = [makeWorld(), makeWorld({ organization: 'globex' })]
const both = joinTrust(acme.trustFile(), globex.trustFile())
const receipts = { acme: makeReceipt(acme).receipt, globex: makeReceipt(globex).receipt }

function judge(receipt: JsonObject, ...changes: readonly PatchOperation[]): string {
  const trust = pinned(applyPatch(both, changes) as JsonObject)
  return verdictOf(verifyReceipt(octetsOfJson(receipt), trust))
}

const move = (from: string, to: string): PatchOperation => {
  const value = from
    .split('/')
    .slice(1)
    .reduce<unknown>((here, name) => (here as JsonObject)[name], both)
  return { op: 'replace', path: to, value: value as JsonObject }
}

describe('EP-VER-2: groups of a trust file', () => {
  test('each receipt is judged by its own group', () => {
    expect(judge(receipts.acme)).toBe('satisfied')
    expect(judge(receipts.globex)).toBe('satisfied')
  })

  test.each([
    ['directory', 'authority policy_directory_mismatch'],
    ['log', 'authority policy_log_origin_mismatch'],
    ['directory/keys', 'authority head_key_unknown'],
    ['directory/directory_id', 'authority policy_directory_mismatch'],
  ])("with the other organization's %s in its group, its receipt is refused", (member, verdict) => {
    const swapped = move(`/organizations/1/${member}`, `/organizations/0/${member}`)
    expect(judge(receipts.acme, swapped)).toBe(verdict)
    expect(judge(receipts.globex, swapped)).toBe('satisfied')
  })

  test('a group of its own keys under another name is another organization', () => {
    const renamed: PatchOperation = { op: 'replace', path: '/organizations/0/organization', value: 'ep:org:initech' }
    expect(judge(receipts.acme, renamed)).toBe('authority organization_unknown')
  })

  test("a checkpoint by the other organization's log is refused, with either key id", () => {
    const signed = (keyId: string) =>
      makeReceipt(makeWorld(), {
        checkpoint: { key: globex.log.key },
        alter: { logProof: [{ op: 'replace', path: '/checkpoint/log_key_id', value: keyId }] },
      }).receipt
    expect(judge(signed('ep:log:acme#1'))).toBe('inclusion checkpoint_signature_invalid')
    expect(judge(signed('ep:log:globex#1'))).toBe('inclusion checkpoint_key_unknown')
  })

  test("a head by the other organization's directory key is refused", () => {
    const { receipt } = makeReceipt(makeWorld({ headSigners: globex.directoryKeys }))
    expect(judge(receipt)).toBe('authority head_key_unknown')
  })
})
