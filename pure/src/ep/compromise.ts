import { parseInstant } from '../core/instant.js'
import { Refusal } from '../core/refusal.js'
import type { DirectoryLeaf } from './directory-leaf.js'
import type { TrustGroup } from './pinned-trust.js'

/** The instant (ms) from which a leaf or its key counts as compromised: its status or the trust file's list (EP-DIR-6). */
export function compromisedFrom(
  leaf: DirectoryLeaf,
  publicKey: string | undefined,
  group: TrustGroup,
): number | undefined {
  const said = leaf.status.compromised_at
  const listed = publicKey === undefined ? undefined : group.compromised.get(publicKey)
  if (said === null) return listed
  return listed === undefined ? parseInstant(said) : Math.min(parseInstant(said), listed)
}

/** The instant (ms) by which pinned witnesses show that the artifact was logged; asked only of a compromised key (EP-DIR-6). */
export type LoggedBefore = () => number | undefined

/** Nothing shows when the artifact was made: a compromised key is refused. */
export const neverLogged: LoggedBefore = () => undefined

/** A key that counts as compromised `from` an instant (ms) is refused, unless the artifact was witnessed before. */
export function requireUncompromised(
  from: number | undefined,
  loggedBefore: LoggedBefore,
  code: string,
  at: string,
): void {
  if (from === undefined) return
  const logged = loggedBefore()
  if (logged === undefined || logged >= from) throw new Refusal(code, at)
}
