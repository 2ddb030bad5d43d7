import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the operator's server says to one request. A JSON value is sent as it is; `body` are octets of its choice. */
export interface Said {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly body: string | Uint8Array
}

export interface Heard {
  readonly method: string
  readonly path: string
  readonly body: string
}

/** The operator's server on a real socket: it answers what `say` says and keeps what it was sent. */
export async function onSocket<T>(
  say: (heard: Heard) => Said,
  visit: (url: string, heard: readonly Heard[]) => Promise<T>,
): Promise<T> {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk)
    const one = { method: request.method!, path: request.url!, body: Buffer.concat(chunks).toString('utf8') }
    heard.push(one)
    const { status = 200, headers = { 'content-type': 'application/json' }, body } = say(one)
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await visit(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}
