import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Role, roles } from '@countersign/adapters/http/route'
import type { Row, Store } from '@countersign/engine/ports/store'
import { encodeBase64Url } from '@countersign/pure/core/base64'
import { formatInstant } from '@countersign/pure/core/instant'
import { Refusal } from '@countersign/pure/core/refusal'
import { readShape } from '@countersign/pure/core/shape'
import { approverId, entityId, executorId } from '@countersign/pure/ep/identifier'

/** Who is calling. `subject`: the entity, approver or executor that the key is bound to; absent for the other roles. */
export interface Caller {
  readonly keyId: string
  readonly role: Role
  readonly subject?: string
}

/** An API key as it is listed: never the secret, of which only the hash is kept. */
export interface ApiKey extends Caller {
  readonly createdAt: string
  readonly revokedAt: string | null
}

interface KeyBody {
  readonly hash: string
  readonly role: Role
  readonly subject?: string
  readonly created_at: string
  readonly revoked_at: string | null
}

const kind = 'api_key'
const keyForm = /^csk_[A-Za-z0-9_-]{43}$/

/** The identity that a role is bound to (EP-ACT-5). */
const subjects: { readonly [role in Role]?: typeof entityId } = {
  initiator: entityId,
  approver: approverId,
  executor: executorId,
}

/**
 * Makes an API key. The secret is in the answer and nowhere else.
 *
 * @param subject - the identity that an initiator, approver or executor key is bound to
 * @returns the key to give to its holder, and the id by which it is revoked
 * @throws Refusal api_key_role_unknown, api_key_subject_missing, api_key_subject_unsupported, identifier_malformed; StoreFault
 */
export async function createApiKey(
  store: Store,
  organization: string,
  role: string,
  subject: string | undefined,
  now: number,
): Promise<{ readonly key: string; readonly keyId: string }> {
  requireBinding(role, subject)
  const key = `csk_${encodeBase64Url(randomBytes(32))}`
  const hash = hashOf(key)
  const keyId = hash.subarray(0, 8).toString('hex')
  const body: KeyBody = {
    hash: hash.toString('hex'),
    role,
    ...(subject === undefined ? {} : { subject }),
    created_at: formatInstant(now),
    revoked_at: null,
  }
  const put = [{ kind, id: keyId, expected: 0, body: JSON.stringify(body) }]
  // Dying before the commit leaves nothing; after it, a key that nobody was shown: it can be listed and revoked.
  const result = await store.commit({ organization, unitId: `${kind}:${keyId}:create`, put })
  if (result.status === 'conflict') throw new Error('two API keys with the same first 64 bits of their hash')
  return { key, keyId }
}

/** Ends a key at once. Ending an ended key changes nothing. @throws Refusal api_key_unknown; StoreFault */
export async function revokeApiKey(store: Store, organization: string, keyId: string, now: number): Promise<void> {
  const [row] = await store.read(organization, [{ kind, id: keyId }])
  if (row === null || row === undefined) throw new Refusal('api_key_unknown')
  const body = bodyOf(row)
  if (body.revoked_at !== null) return
  const revoked: KeyBody = { ...body, revoked_at: formatInstant(now) }
  const put = [{ kind, id: keyId, expected: row.version, body: JSON.stringify(revoked) }]
  // A conflict says that another hand ended it in between: a key row changes only once.
  await store.commit({ organization, unitId: `${kind}:${keyId}:revoke:${row.version}:${now}`, put })
}

/** Every key of the organization, ended ones too, by id. */
export async function listApiKeys(store: Store, organization: string): Promise<readonly ApiKey[]> {
  const keys: ApiKey[] = []
  let after: string | undefined
  do {
    const page = await store.find(organization, kind, { limit: 256, ...(after === undefined ? {} : { after }) })
    for (const row of page.rows) {
      const body = bodyOf(row)
      keys.push({ ...callerOf(row.id, body), createdAt: body.created_at, revokedAt: body.revoked_at })
    }
    after = page.next
  } while (after !== undefined)
  return keys
}

/**
 * Who holds this key. The row is found by a prefix of the key's hash, so that no comparison of the secret itself takes time that
 * depends on it; the whole hash is then compared in constant time.
 *
 * @throws Refusal api_key_invalid: malformed, unknown or revoked; the caller is not told which. StoreFault
 */
export async function authenticate(store: Store, organization: string, key: string): Promise<Caller> {
  if (!keyForm.test(key)) throw new Refusal('api_key_invalid')
  const hash = hashOf(key)
  const keyId = hash.subarray(0, 8).toString('hex')
  const [row] = await store.read(organization, [{ kind, id: keyId }])
  if (row === null || row === undefined) throw new Refusal('api_key_invalid')
  const body = bodyOf(row)
  if (!timingSafeEqual(Buffer.from(body.hash, 'hex'), hash) || body.revoked_at !== null)
    throw new Refusal('api_key_invalid')
  return callerOf(keyId, body)
}

function requireBinding(role: string, subject: string | undefined): asserts role is Role {
  if (!(roles as readonly string[]).includes(role)) throw new Refusal('api_key_role_unknown')
  const form = subjects[role as Role]
  if (form === undefined) {
    if (subject !== undefined) throw new Refusal('api_key_subject_unsupported')
  } else {
    if (subject === undefined) throw new Refusal('api_key_subject_missing')
    readShape(form, subject)
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function bodyOf(row: Row): KeyBody {
  return JSON.parse(row.body) as KeyBody
}

function callerOf(keyId: string, { role, subject }: KeyBody): Caller {
  return { keyId, role, ...(subject === undefined ? {} : { subject }) }
}
