import { parseJson } from '@countersign/pure/core/json'
import { Refusal } from '@countersign/pure/core/refusal'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as received. */
    bodyBytes: Uint8Array
  }
}

/**
 * Puts the strict parser (EP-ENC-1) in the place of the framework's: that one takes the last of two members of one name, rounds
 * numbers, and cuts off what it does not like. The limit on octets is the route's, enforced while they arrive.
 */
export function parseBodiesStrictly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  server.decorateRequest('bodyBytes', undefined as never)
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      if (body.length === 0) throw new Refusal('request_body_missing')
      request.bodyBytes = new Uint8Array(body.buffer, body.byteOffset, body.length)
      done(null, parseJson(body, { maxBytes: request.routeOptions.bodyLimit ?? body.length }).value)
    } catch (error) {
      done(error as Error)
    }
  })
}
