import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatInstant, parseInstant } from '../../src/core/instant.js'
import { codeOf, refusalOf } from './refusal-of.js'
import { runs } from './runs.js'

const first = Date.parse('0000-01-01T00:00:00Z')
const last = Date.parse('9999-12-31T23:59:59.999Z')

describe('EP-ENC-5: instants', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T00:00:00.5Z', 500],
    ['1970-01-01T00:00:00.05Z', 50],
    ['1969-12-31T23:59:59.999Z', -1],
    ['2000-02-29T12:00:00Z', 951825600000],
    ['2024-02-29T23:59:59.1Z', 1709251199100],
    ['0000-02-29T00:00:00Z', first + 59 * 86_400_000],
    ['9999-12-31T23:59:59.999Z', last],
  ])('%s is %i', (text, milliseconds) => {
    expect(parseInstant(text)).toBe(milliseconds)
  })

  test.each([
    ['instant_malformed', '2026-11-20t08:14:00Z'],
    ['instant_malformed', '2026-11-20T08:14:00z'],
    ['instant_malformed', '2026-11-20 08:14:00Z'],
    ['instant_malformed', '2026-11-20T08:14Z'],
    ['instant_malformed', '2026-11-20T08:14:00.Z'],
    ['instant_malformed', '2026-11-20T08:14:00,5Z'],
    ['instant_malformed', '2026-11-20T8:14:00Z'],
    ['instant_malformed', '+02026-11-20T08:14:00Z'],
    ['instant_malformed', '2026-11-20T08:14:00Z\n'],
    ['instant_malformed', ' 2026-11-20T08:14:00Z'],
    ['instant_malformed', '\u0662026-11-20T08:14:00Z'],
    ['instant_malformed', ''],
    ['instant_zone_missing', '2026-11-20T08:14:00'],
    ['instant_offset_unsupported', '2026-11-20T08:14:00+00:00'],
    ['instant_offset_unsupported', '2026-11-20T08:14:00-00:00'],
    ['instant_precision_unsupported', '2026-11-20T08:14:00.0000Z'],
    ['instant_leap_second_unsupported', '2016-12-31T23:59:60Z'],
    ['instant_date_invalid', '2026-02-29T00:00:00Z'],
    ['instant_date_invalid', '1900-02-29T00:00:00Z'],
    ['instant_date_invalid', '2026-04-31T00:00:00Z'],
    ['instant_date_invalid', '2026-00-10T00:00:00Z'],
    ['instant_date_invalid', '2026-13-10T00:00:00Z'],
    ['instant_date_invalid', '2026-01-00T00:00:00Z'],
    ['instant_date_invalid', '2026-01-01T24:00:00Z'],
    ['instant_date_invalid', '2026-01-01T00:60:00Z'],
    ['instant_date_invalid', '2026-01-01T00:00:61Z'],
  ])('%s: %s', (code, text) => {
    expect(refusalOf(() => parseInstant(text, '/issued_at'))).toMatchObject({ code, at: '/issued_at' })
  })

  test('seconds are emitted, truncated toward the past', () => {
    expect(formatInstant(951825600999)).toBe('2000-02-29T12:00:00Z')
    expect(formatInstant(-1)).toBe('1969-12-31T23:59:59Z')
  })

  test.each([first - 1, last + 1, Number.NaN, Number.POSITIVE_INFINITY])('%d has no form', (milliseconds) => {
    expect(codeOf(() => formatInstant(milliseconds))).toBe('instant_year_unsupported')
  })
})

describe('properties', () => {
  test('agrees with the calendar of the platform', () => {
    fc.assert(
      fc.property(fc.integer({ min: first, max: last }), (milliseconds) => {
        const text = new Date(milliseconds).toISOString()
        expect(parseInstant(text)).toBe(milliseconds)
        expect(formatInstant(milliseconds)).toBe(`${text.slice(0, 19)}Z`)
      }),
      runs(1000),
    )
  })

  test('a day exists exactly if the platform keeps it', () => {
    const part = (max: number) => fc.nat(max).map((n) => String(n).padStart(2, '0'))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), part(14), part(33), (year, month, day) => {
        const date = `${String(year).padStart(4, '0')}-${month}-${day}`
        const kept = new Date(`${date}T00:00:00Z`)
        const exists = !Number.isNaN(kept.getTime()) && kept.toISOString().startsWith(date)
        expect(codeOf(() => parseInstant(`${date}T00:00:00Z`))).toBe(exists ? 'accepted' : 'instant_date_invalid')
      }),
      runs(1000),
    )
  })

  test('arbitrary text never throws anything but a Refusal', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9TZ:.+-]{15,30}$/)), (text) => {
        codeOf(() => parseInstant(text))
      }),
      runs(),
    )
  })
})
