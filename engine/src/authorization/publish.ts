import { parseInstant } from '@countersign/pure/core/instant'
import { parseJson } from '@countersign/pure/core/json'
import { array, type Infer, integer, object, readShape } from '@countersign/pure/core/shape'
import { verifyDirectoryChange } from '@countersign/pure/ep/directory-changes'
import { directoryHead } from '@countersign/pure/ep/directory-head'
import { directoryLeaf } from '@countersign/pure/ep/directory-leaf'
import { Hashes } from '@countersign/pure/ep/hashes'
import { encodeLogEntry } from '@countersign/pure/ep/log-entry'
import type { TrustGroup } from '@countersign/pure/ep/pinned-trust'
import { type Policy, policy } from '@countersign/pure/ep/policy'
import { verifyHead } from '@countersign/pure/ep/verify-head'
import type { Row } from '../ports/store.js'
import type { Attempts } from './attempts.js'
import { parsed, refusal } from './decision.js'
import { headEntryId, type NewestHead, newestHeadKey, publicationRows, readRow } from './directory.js'
import type { DirectoryView } from './directory-view.js'
import type { HeadView, Moment } from './service.js'
import { type Decided, transact } from './transaction.js'

const publication = object({
  head: directoryHead,
  leaves: array(object({ leaf_index: integer(0, Number.MAX_SAFE_INTEGER), leaf: directoryLeaf }), { max: 100_000 }),
  policies: array(policy, { max: 10_000 }),
})
type Publication = Infer<typeof publication>

interface PublishState {
  readonly now: number
  readonly newestVersion: number
  /** The directory that the publication follows; undefined for the first head. */
  readonly previous?: { readonly view: DirectoryView; readonly number: number }
  /** The rows of the leaves that change, in the order of the publication. */
  readonly rows: readonly (Row | null)[]
}

const maxOctets = 16 * 1024 * 1024
/** How far a signer's clock may be ahead: as much as the signer itself allows (EP-DIR-2). */
const maxAheadMilliseconds = 300_000

/**
 * Takes a signed head with what it changed, if the organization's keys signed it and the changes are legal, and logs it. It takes effect
 * once it is anchored, which is when this resolves (EP-DIR-1, EP-DIR-2, EP-POL-4).
 */
export async function publishDirectory(
  attempts: Attempts,
  group: TrustGroup,
  body: Uint8Array,
  moment: Moment,
): Promise<HeadView> {
  const published = parsed(() => readShape(publication, parseJson(body, { maxBytes: maxOctets }).value))
  const headHash = await transact(attempts, moment, {
    read: () => readState(attempts, published, moment),
    decide: (state: PublishState) => decidePublication(state, published, group),
  })
  await attempts.directory.headIndex(headHash)
  return { head: published.head, head_hash: headHash }
}

async function readState(attempts: Attempts, { leaves }: Publication, moment: Moment): Promise<PublishState> {
  const { directory, organization, store } = attempts
  const now = await attempts.highWater(moment.now)
  const [newest] = await store.read(organization, [newestHeadKey])
  const indices = leaves.map(({ leaf_index }) => leaf_index)
  if (newest === null || newest === undefined) {
    const { leaves: rows } = await directory.rowsOf(undefined, indices)
    return { now, newestVersion: 0, rows }
  }
  const { head_hash } = readRow<NewestHead>(newest)
  const { number, leaves: rows } = await directory.rowsOf(head_hash, indices)
  return { now, newestVersion: newest.version, previous: { view: await directory.under(head_hash), number }, rows }
}

function decidePublication(state: PublishState, published: Publication, group: TrustGroup): Decided<string> {
  const { head } = published
  const { previous } = state
  const hashes = new Hashes()
  const headHash = hashes.hash(head.body)
  // Sent again because the answer was lost.
  if (previous?.view.headHash === headHash) return { value: headHash }
  verifyHead(head, group, hashes, '/head')
  if (parseInstant(head.body.issued_at) - state.now > maxAheadMilliseconds)
    throw refusal('directory_head_issued_at_too_large', '/head/body/issued_at')
  const known = previous?.view.leaves.map(({ leaf }) => leaf) ?? []
  const leaves = withChanges(known, published)
  const policies = withDocuments(previous?.view.policies ?? new Map(), published, hashes)
  verifyDirectoryChange(
    previous === undefined ? undefined : { head: previous.view.head, leaves: known },
    { body: head.body, leaves },
    policies,
    group,
    hashes,
  )
  requireNamed(published, hashes)
  const fresh = new Map([...policies].filter(([hash]) => previous?.view.policies.has(hash) !== true))
  return {
    // Dying before the commit: the organization publishes again. Dying after it: the same head finds itself; until its entry is
    // anchored it has no effect, and nothing is decided.
    writes: {
      put: publicationRows({
        number: (previous?.number ?? 0) + 1,
        head,
        headHash,
        newestVersion: state.newestVersion,
        leaves: published.leaves.map(({ leaf_index, leaf }, i) => ({
          index: leaf_index,
          leaf,
          row: state.rows[i] ?? null,
        })),
        policies: fresh,
      }),
      append: [
        {
          entryId: headEntryId(headHash),
          entry: encodeLogEntry({ type: 'ep.log.directory_head.v1', organization: group.file.organization, head }),
        },
      ],
    },
    value: headHash,
  }
}

/** The leaves with those of the publication in their places: ascending, new ones without a gap. */
function withChanges(known: readonly Publication['leaves'][number]['leaf'][], { leaves }: Publication) {
  const changed = [...known]
  let last = -1
  for (const [position, { leaf_index, leaf }] of leaves.entries()) {
    if (leaf_index <= last || leaf_index > changed.length)
      throw refusal('leaf_index_malformed', `/leaves/${position}/leaf_index`)
    changed[leaf_index] = leaf
    last = leaf_index
  }
  return changed
}

function withDocuments(known: ReadonlyMap<string, Policy>, { policies }: Publication, hashes: Hashes) {
  const documents = new Map(known)
  for (const document of policies) documents.set(hashes.hash(document), document)
  return documents
}

/** A document that no leaf of the publication names would be kept for nothing. */
function requireNamed({ leaves, policies }: Publication, hashes: Hashes): void {
  const named = new Set(
    leaves.map(({ leaf }) => (leaf.entry.type === 'ep.directory_policy.v1' ? leaf.entry.policy_hash : undefined)),
  )
  for (const [index, document] of policies.entries())
    if (!named.has(hashes.hash(document))) throw refusal('policy_document_unknown', `/policies/${index}`)
}
