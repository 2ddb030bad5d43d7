import { Type } from 'typebox'
import type { Route } from '../route.js'
import { anchorPlace, closed, instant, treeSize } from '../schemas.js'

const head = closed({
  issued_at: instant,
  valid_until: instant,
  expires_in_days: Type.Integer({
    description: 'Negative once it has expired; from 30 on downward the head should be renewed.',
  }),
  warning: Type.Optional(Type.Union([Type.Literal('head_expires_soon'), Type.Literal('head_expired')])),
})

/** What the process says about itself. */
export const serviceRoutes = {
  getHealth: {
    method: 'GET',
    path: '/health',
    roles: 'public',
    summary: 'Whether the process lives, and what its operator should know',
    answers: {
      200: {
        description: 'The process lives. Whether it answers requests says /ready.',
        schema: closed(
          {
            status: Type.Literal('ok'),
            version: Type.String(),
            organization: Type.String(),
            log: closed({
              origin: Type.String(),
              tree_size: treeSize,
              halted: Type.Union([Type.Null(), Type.String({ description: 'The code that stopped the log.' })]),
            }),
            anchor: anchorPlace,
            head: Type.Union([Type.Null(), head]),
          },
          'Health',
        ),
      },
    },
    problems: [],
  },
  getReady: {
    method: 'GET',
    path: '/ready',
    roles: 'public',
    summary: 'Whether requests are answered; 503 with the code that says why not',
    answers: {
      200: { description: 'Requests are answered.', schema: closed({ status: Type.Literal('ready') }, 'Ready') },
    },
    problems: ['server_unavailable', 'log_rollback_detected'],
  },
  getMetrics: {
    method: 'GET',
    path: '/metrics',
    roles: ['administrator', 'auditor'],
    summary: 'Counters in the Prometheus text format',
    answers: {
      200: {
        description: 'Metrics.',
        schema: Type.Unsafe<Uint8Array>({ type: 'string' }),
        contentType: 'text/plain; version=0.0.4',
      },
    },
    problems: [],
  },
  getOpenApi: {
    method: 'GET',
    path: '/openapi.json',
    roles: 'public',
    summary: 'This interface as an OpenAPI 3.1 document',
    answers: {
      200: { description: 'The document.', schema: Type.Unsafe<{ readonly openapi: string }>({ type: 'object' }) },
    },
    problems: [],
  },
} as const satisfies { readonly [name: string]: Route }
