import { attemptId } from '@countersign/engine/authorization/identity'
import type { Answer, AuthorityPort } from '@countersign/engine/executor/authority-port'
import { utf8Encode } from '@countersign/pure/core/bytes'
import { hashJson } from '@countersign/pure/core/digest'
import { canonicalString } from '@countersign/pure/core/jcs'
import { type JsonObject, type JsonValue, parseJson } from '@countersign/pure/core/json'
import type { ConsumeRequest } from '@countersign/pure/ep/consumption'
import type { OutcomeReport } from '@countersign/pure/ep/outcome-report'
import { type Client, HttpProblem } from './client.js'

/** The authorization server as an executor reaches it over HTTP; nothing that it answers is trusted on the way. */
export function httpAuthority(client: Client): AuthorityPort {
  return {
    fetchBundle: (id) => answered(() => client.call('getBundle', { params: { id } })),
    consume(octets) {
      const body = ownJson<ConsumeRequest>(octets)
      return answered(() => client.call('consume', { params: { id: attemptId(body.body.nonce) }, body }))
    },
    reportOutcome: (octets) => answered(() => client.call('reportOutcome', { body: ownJson<OutcomeReport>(octets) })),
    fetchHeads: (after) => headsBehind(client, after),
    fetchPolicy: (actionType) =>
      answered(() => client.call('getPolicyInForce', { query: { action_type: actionType } })),
  }
}

async function answered(call: () => Promise<{ readonly bytes: Uint8Array }>): Promise<Answer> {
  try {
    return { octets: (await call()).bytes }
  } catch (error) {
    if (error instanceof HttpProblem) return { refused: error.code }
    throw error
  }
}

/** Octets that this executor made itself. */
function ownJson<T>(octets: Uint8Array): T {
  return parseJson(octets).value as T
}

/** The chain is short and read from its beginning; a server that never ends it is cut off by the executor's own bound. */
async function headsBehind(client: Client, after: string): Promise<readonly Uint8Array[]> {
  let found = false
  let cursor: string | undefined
  do {
    const query = { limit: 100, ...(cursor === undefined ? {} : { after: cursor }) }
    const { value } = await client.call('listHeads', { query })
    const behind = found ? value.items : value.items.slice(value.items.findIndex(matches) + 1)
    found ||= value.items.some(matches)
    if (found && behind.length > 0)
      return behind.map(({ head }) => utf8Encode(canonicalString(head as unknown as JsonValue)))
    cursor = value.next
  } while (cursor !== undefined)
  return []

  function matches({ head }: { readonly head: { readonly body: object } }): boolean {
    return hashJson(head.body as JsonObject) === after
  }
}
