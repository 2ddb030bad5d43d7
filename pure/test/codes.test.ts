import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { callerCodes, coreCodes } from '../src/core/codes.js'
import { epCodes, preparationCodes } from '../src/ep/codes.js'

const tables: Record<string, Record<string, string>> = { coreCodes, epCodes, preparationCodes }
const listed = Object.values(tables).flatMap((table) => Object.keys(table))

// How codes end; every text in the sources that ends so is one.
const defects =
  'malformed|missing|unknown|mismatch|invalid|expired|duplicate|replayed|stale|unavailable|insufficient|unsupported|too_large|' +
  'compromised|noncanonical|inexact|trailing|refused|ungated'
const codeForm = new RegExp(`^[a-z0-9]+(_[a-z0-9]+)*_(${defects})$`)

const sources = ['core', 'ep'].flatMap((room) => {
  const folder = new URL(`../src/${room}/`, import.meta.url)
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'codes.ts')
  return files.map((file) => ({ file: `${room}/${file}`, text: readFileSync(new URL(file, folder), 'utf8') }))
})

// Codes that are put together, and with what: a new template must be added here and in a table.
const signatures = ['malformed', 'invalid']
const encodings = ['malformed', 'noncanonical']
const seals = [...new Set(sources.flatMap(({ text }) => matches(text, /verifySeal\(\s*'([a-z]+)'/g)))].sort()
const passkeySeals = ['head', 'attestation']
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the templates as they stand in the sources
const templates: Record<string, readonly string[]> = {
  'binary_${bytes}': encodings.map((defect) => `binary_${defect}`),
  'base64url_${bytes}': encodings.map((defect) => `base64url_${defect}`),
  'base64_${bytes}': encodings.map((defect) => `base64_${defect}`),
  'signoff_signature_${verdict}': signatures.map((verdict) => `signoff_signature_${verdict}`),
  'checkpoint_signature_${verdict}': signatures.map((verdict) => `checkpoint_signature_${verdict}`),
  '${noun}_signature_${verdict}': seals.flatMap((noun) => signatures.map((verdict) => `${noun}_signature_${verdict}`)),
  '${noun}_webauthn_missing': passkeySeals.map((noun) => `${noun}_webauthn_missing`),
  '${noun}_webauthn_unknown': seals.map((noun) => `${noun}_webauthn_unknown`),
}
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the templates as they stand in the sources

function matches(text: string, form: RegExp): string[] {
  return [...text.matchAll(form)].map((match) => match[1]!)
}

const literals = new Set(
  sources.flatMap(({ text }) => matches(text, /'([a-z0-9_]+)'/g)).filter((text) => codeForm.test(text)),
)
const thrownDirectly = sources.flatMap(({ text }) => matches(text, /new (?:Refusal|Indeterminate)\(\s*'([^']+)'/g))
const expanded = Object.values(templates).flat()

describe('the tables of codes', () => {
  test('there is something to look at', () => {
    expect(literals.size).toBeGreaterThan(200)
    expect(seals).toEqual(['attestation', 'consume', 'head', 'initiation'])
  })

  test('every code that is thrown stands in exactly one table', () => {
    const thrown = [...new Set([...literals, ...thrownDirectly, ...expanded])]
    const wrong = thrown.filter((code) => listed.filter((one) => one === code).length !== 1)
    expect(wrong).toEqual([])
  })

  test('every code in a table is thrown somewhere', () => {
    const texts = new Set(sources.flatMap(({ text }) => matches(text, /'([a-z0-9_]+)'/g)))
    expect(listed.filter((code) => !texts.has(code) && !expanded.includes(code))).toEqual([])
  })

  test('no code is put together from a template that is not known here', () => {
    const used = sources.flatMap(({ text }) => matches(text, /new (?:Refusal|Indeterminate)\(\s*`([^`]+)`/g))
    expect([...new Set(used)].sort()).toEqual(Object.keys(templates).sort())
  })

  test('the codes that only a caller in memory causes are core codes', () => {
    expect(callerCodes.filter((code) => !(code in coreCodes))).toEqual([])
  })

  test('every meaning is one sentence', () => {
    const wrong = Object.values(tables).flatMap((table) =>
      Object.entries(table).filter(([, meaning]) => !/^[A-Za-z].*\.$/.test(meaning)),
    )
    expect(wrong).toEqual([])
  })
})
