import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** `asked`: the server has not got the request yet; `answered`: the client has not got the answer yet. */
export type Moment = 'asked' | 'answered'

export interface Proxy {
  readonly url: string
  close(): Promise<void>
}

/**
 * Stands between a client and its server.
 *
 * @param passes - called at both moments of each exchange; what it does not let pass is cut off
 */
export async function openProxy(
  upstream: string,
  passes: (moment: Moment, path: string) => Promise<boolean>,
): Promise<Proxy> {
  const server = createServer(async (request, response) => {
    const path = request.url!
    const body = await bodyOf(request)
    if (!(await passes('asked', path))) return void request.socket.destroy()
    const { authorization, 'content-type': contentType } = request.headers
    const answer = await fetch(`${upstream}${path}`, {
      method: request.method!,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    if (!(await passes('answered', path))) return void request.socket.destroy()
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
