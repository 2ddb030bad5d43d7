import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { httpAuthority } from '@countersign/adapters/http/authority'
import { httpClient } from '@countersign/adapters/http/client'
import { openKeyFile } from '@countersign/adapters/keys/key-file'
import { folderFiles } from '@countersign/adapters/storage/files'
import { createExecutor, type Executor } from '@countersign/engine/executor/executor'
import { openJournal } from '@countersign/engine/executor/journal'
import { pinTrust } from '@countersign/pure/ep/pinned-trust'
import type { EnforcementClass } from '@countersign/pure/ep/policy'
import { thisProcess } from './this-process.js'

/** Where an executor finds what it relies on. Paths are files; secrets are never values in code. */
export interface ExecutorSettings {
  /** Origin of the authorization server. */
  readonly server: string
  /** Holds the API key (`csk_...`) of role executor. */
  readonly apiKeyFile: string
  readonly organization: string
  readonly executorId: string
  /** The systems whose effects run here, as in this executor's directory entry. */
  readonly systems: readonly string[]
  /** Ed25519 key file of the executor. */
  readonly keyFile: string
  /** Absent: the key file is not protected. */
  readonly passphraseFile?: string
  /** From the organization, not from the server: `countersign org trust`. */
  readonly trustFile: string
  /** A folder of this executor alone: who can write it can make an effect run twice. */
  readonly journalFolder: string
  /** STRONG if absent: this process is the system of record, or nothing reaches it in another way. */
  readonly enforcementClass?: EnforcementClass
}

export interface OpenExecutor extends Executor {
  /** Lets another process take the journal. */
  close(): Promise<void>
}

/**
 * A verifying executor over HTTP and a journal folder. Call `recover` before the first `execute`.
 *
 * @throws what reading files throws; Refusal for a key or trust file that is not one; JournalStopped if another process has the journal
 */
export async function openExecutor(settings: ExecutorSettings): Promise<OpenExecutor> {
  const passphrase = settings.passphraseFile === undefined ? null : await line(settings.passphraseFile)
  const signer = await openKeyFile(await readFile(settings.keyFile), passphrase)
  const trust = pinTrust(await readFile(settings.trustFile))
  const client = httpClient({ url: settings.server, key: await line(settings.apiKeyFile) })
  const journal = await openJournal(folderFiles(settings.journalFolder), 'journal', thisProcess())
  const executor = createExecutor({
    organization: settings.organization,
    executorId: settings.executorId,
    keyId: signer.keyId,
    signer,
    systems: settings.systems,
    enforcementClass: settings.enforcementClass ?? 'STRONG',
    trust,
    authority: httpAuthority(client),
    journal,
    clock: Date.now,
    random: (octets) => new Uint8Array(randomBytes(octets)),
  })
  return {
    execute: (id, expected, effect) => executor.execute(id, expected, effect),
    recover: (hands) => executor.recover(hands),
    decide: (action) => executor.decide(action),
    close: () => journal.close(),
  }
}

async function line(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trimEnd()
}
