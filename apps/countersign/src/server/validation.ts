import type { TObject } from '@countersign/adapters/http/route'
import { Refusal } from '@countersign/pure/core/refusal'
import type { FastifySchemaValidationError } from 'fastify'

/** The framework's own settings would change requests: drop members, turn "5" into 5, fill in. */
export const strictAjv = {
  customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false, allErrors: false },
} as const

type Place = 'body' | 'querystring' | 'params' | 'headers'

const placeCodes: { readonly [place in Exclude<Place, 'body'>]: string } = {
  querystring: 'request_query_malformed',
  params: 'request_path_malformed',
  headers: 'request_header_malformed',
}

const keywordCodes: { readonly [keyword: string]: string } = {
  additionalProperties: 'member_unknown',
  required: 'member_missing',
  type: 'member_type_mismatch',
  const: 'value_unknown',
  enum: 'value_unknown',
  anyOf: 'value_unknown',
  minimum: 'integer_malformed',
  maximum: 'integer_malformed',
  minLength: 'text_missing',
  maxLength: 'text_too_large',
  minItems: 'list_insufficient',
  maxItems: 'list_too_large',
}

/** What is wrong with a request by its schema, as the parsers of the format would say it. */
export function schemaRefusal(errors: readonly FastifySchemaValidationError[], place: string): Refusal {
  const { keyword, instancePath, params } = errors[0]!
  const member = keyword === 'required' ? params['missingProperty'] : params['additionalProperty']
  const at = typeof member === 'string' ? `${instancePath}/${escaped(member)}` : instancePath
  if (place !== 'body') return new Refusal(placeCodes[place as keyof typeof placeCodes], at)
  return new Refusal(keywordCodes[keyword] ?? 'text_malformed', at)
}

/** The query with its integers read: decimal, one spelling. What is not of that form stays text, which the schema refuses. */
export function readIntegers(query: unknown, schema: TObject): Record<string, unknown> {
  const read: Record<string, unknown> = { ...(query as Record<string, unknown>) }
  for (const [name, { type }] of Object.entries(schema.properties) as [string, { type?: string }][]) {
    const value = read[name]
    if (type === 'integer' && typeof value === 'string' && /^(0|[1-9][0-9]{0,15})$/.test(value))
      read[name] = Number(value)
  }
  return read
}

function escaped(member: string): string {
  return member.replaceAll('~', '~0').replaceAll('/', '~1')
}
