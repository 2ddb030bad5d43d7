import { Refusal } from './refusal.js'

const instantForm = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/
const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const dayMilliseconds = 86_400_000
// 0000-01-01T00:00:00Z and 10000-01-01T00:00:00Z
const firstInstant = daysFromCivil(0, 1, 1) * dayMilliseconds
const pastInstant = daysFromCivil(10_000, 1, 1) * dayMilliseconds

/**
 * An instant as milliseconds since 1970-01-01T00:00:00Z (EP-ENC-5): RFC 3339 UTC, upper-case T and Z, at most
 * milliseconds, a real calendar date, no second 60. Instants are compared as numbers, never as text.
 */
export function parseInstant(text: string, at = ''): number {
  return wholeSecond(text) ?? readInstant(text, at)
}

/** The usual form, `YYYY-MM-DDTHH:MM:SSZ`, read by place: a receipt has dozens. Undefined for anything else or out of range. */
function wholeSecond(text: string): number | undefined {
  if (text.length !== 20 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return undefined
  if (text[13] !== ':' || text[16] !== ':' || text[19] !== 'Z') return undefined
  const [year, month, day] = [two(text, 0) * 100 + two(text, 2), two(text, 5), two(text, 8)]
  const [hour, minute, second] = [two(text, 11), two(text, 14), two(text, 17)]
  // A place without a digit gives NaN, which is in no range.
  const real = year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= lastDay(year, month)
  if (!real || !(hour <= 23 && minute <= 59 && second <= 59)) return undefined
  return daysFromCivil(year, month, day) * dayMilliseconds + (hour * 3600 + minute * 60 + second) * 1000
}

function two(text: string, place: number): number {
  const [tens, ones] = [text.charCodeAt(place) - 48, text.charCodeAt(place + 1) - 48]
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

function readInstant(text: string, at: string): number {
  const match = instantForm.exec(text)
  if (match === null) throw new Refusal('instant_malformed', at)
  const [, years, months, days, hours, minutes, seconds, fraction = '', zone] = match
  if (zone === undefined) throw new Refusal('instant_zone_missing', at)
  if (zone !== 'Z') throw new Refusal('instant_offset_unsupported', at)
  if (fraction.length > 3) throw new Refusal('instant_precision_unsupported', at)
  if (seconds === '60') throw new Refusal('instant_leap_second_unsupported', at)
  const [year, month, day] = [Number(years), Number(months), Number(days)]
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)]
  const real = month >= 1 && month <= 12 && day >= 1 && day <= lastDay(year, month)
  if (!real || hour > 23 || minute > 59 || second > 59) throw new Refusal('instant_date_invalid', at)
  const timeOfDay = (hour * 3600 + minute * 60 + second) * 1000 + Number(fraction.padEnd(3, '0'))
  return daysFromCivil(year, month, day) * dayMilliseconds + timeOfDay
}

/** RFC 3339 UTC in whole seconds, truncated toward the past. */
export function formatInstant(milliseconds: number): string {
  if (!(milliseconds >= firstInstant && milliseconds < pastInstant)) throw new Refusal('instant_year_unsupported')
  const days = Math.floor(milliseconds / dayMilliseconds)
  const second = Math.floor((milliseconds - days * dayMilliseconds) / 1000)
  const { year, month, day } = civilFromDays(days)
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
  return `${date}T${pad(Math.floor(second / 3600), 2)}:${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}Z`
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}

function lastDay(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && leap ? 29 : (daysOfMonth[month - 1] as number)
}

// Days since 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that the leap day is the
// last day of a year; 400 years (an era) have 146097 days; 719468 is the number of 1970-01-01 counted from 0000-03-01.
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return { year, month, day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1 }
}
