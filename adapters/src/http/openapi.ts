import type { TObject, TSchema } from 'typebox'
import { contract } from './contract.js'
import { problem, problemContentType } from './problem.js'
import { defaultBodyLimit, type Route } from './route.js'

type Json = null | boolean | number | string | Json[] | { [member: string]: Json }
type JsonMembers = { [member: string]: Json }

/**
 * The OpenAPI 3.1 document of the interface, from the contract alone.
 *
 * @param version - of the program
 * @param url - where clients reach this server
 */
export function openApiDocument(version: string, url: string): JsonMembers {
  const components: JsonMembers = {}
  const paths: { [path: string]: JsonMembers } = {}
  for (const [operationId, route] of Object.entries(contract)) {
    const path = route.path.replace('{*}', '{path}')
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operation(operationId, route, components)
  }
  const problems = { [problemContentType]: { schema: referenced(problem, components) } }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Countersign',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'A named human countersigns one exact action before it runs; it is consumed once; anyone can verify the evidence offline.',
    },
    servers: [{ url }],
    paths,
    components: {
      schemas: components,
      responses: { Problem: { description: 'The request was refused, or cannot be answered now.', content: problems } },
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `csk_...`.' } },
    },
  }
}

function operation(operationId: string, route: Route, components: JsonMembers): JsonMembers {
  const described: JsonMembers = {
    operationId,
    summary: route.summary,
    parameters: [
      ...parameters('path', route.params, components),
      ...parameters('query', route.query, components),
      ...parameters('header', route.headers, components),
    ],
    responses: responses(route, components),
    security: route.roles === 'public' ? [] : [{ apiKey: [] }],
  }
  if (route.roles !== 'public') described['x-roles'] = [...route.roles]
  if (route.problems.length > 0) described['x-problem-codes'] = [...route.problems]
  if (route.body !== undefined) {
    const limit = route.bodyLimit ?? defaultBodyLimit
    described['requestBody'] = {
      required: true,
      description: `At most ${limit} octets of strict I-JSON.`,
      content: { 'application/json': { schema: referenced(route.body, components) } },
    }
  }
  return described
}

function responses(route: Route, components: JsonMembers): JsonMembers {
  const answers = Object.entries(route.answers).map(([status, answer]): [string, JsonMembers] => [
    status,
    {
      description: answer.description,
      content: { [answer.contentType ?? 'application/json']: { schema: referenced(answer.schema, components) } },
      ...(answer.headers === undefined
        ? {}
        : { headers: Object.fromEntries(answer.headers.map((name) => [name, { schema: { type: 'string' } }])) }),
    },
  ])
  return { ...Object.fromEntries(answers), default: { $ref: '#/components/responses/Problem' } }
}

function parameters(place: 'path' | 'query' | 'header', members: TObject | undefined, components: JsonMembers): Json[] {
  if (members === undefined) return []
  const required = new Set<string>(members.required)
  return Object.entries(members.properties).map(([name, schema]) => ({
    name: name === '*' ? 'path' : name,
    in: place,
    required: place === 'path' || required.has(name),
    schema: referenced(schema, components),
  }))
}

/** A copy of a schema in which every titled schema is a reference to a component. */
function referenced(schema: TSchema, components: JsonMembers): JsonMembers {
  return replaceTitled(JSON.parse(JSON.stringify(schema)) as JsonMembers, components) as JsonMembers
}

function replaceTitled(node: Json, components: JsonMembers): Json {
  if (Array.isArray(node)) return node.map((item) => replaceTitled(item, components))
  if (typeof node !== 'object' || node === null) return node
  const members = Object.entries(node).map(([name, value]) => [name, replaceTitled(value, components)] as const)
  const copy: JsonMembers = Object.fromEntries(members)
  // Told from a property that is called title: that one is a schema, not text.
  if (typeof copy['title'] !== 'string') return copy
  components[copy['title']] = copy
  return { $ref: `#/components/schemas/${copy['title']}` }
}
