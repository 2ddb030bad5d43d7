import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newKeyFile } from '@countersign/adapters/keys/key-file'
import { readRecords } from '@countersign/engine/executor/journal-record'
import { encodeBinary, parseBinary } from '@countersign/pure/core/digest'
import type { Signer } from '@countersign/simulator/signer'
import type { Drill } from './drill.js'
import type { PaymentsSettings } from './payments.js'
import { type Running, run } from './processes.js'

const program = fileURLToPath(new URL('payments.ts', import.meta.url))
// PKCS #8 DER of an Ed25519 private key up to its 32 octets (RFC 8410).
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A new key of the executor: its file, and the key for whoever makes the directory. */
export async function newPaymentsKey(): Promise<{ readonly file: Uint8Array; readonly signer: Signer }> {
  const { bytes, header } = await newKeyFile('ep:key:payments#1', null)
  const { unprotected } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { unprotected: { private_key: string } }
  const der = Buffer.concat([pkcs8Prefix, parseBinary(unprotected.private_key)])
  const key: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return {
    file: bytes,
    signer: {
      keyId: header.keyId,
      publicKey: encodeBinary(header.publicKey),
      sign: (digest) => ({ signature: encodeBinary(new Uint8Array(sign(null, digest, key))) }),
    },
  }
}

/** An executor's own folder: key, pins, journal, ledger. Its processes come and go. */
export interface Payments {
  readonly folder: string
  /** Starts a process against a server; with an authorization it is to be released, after recovery. */
  start(
    url: string,
    release?: { readonly id: string; readonly actionHash: string },
    die?: PaymentsSettings['die'],
  ): Running
  /** The kinds of what the journal says, oldest first; heads left out. */
  journal(): string[]
  /** Its file as it is. */
  journalText(): string
  /** The action hashes that were paid. */
  ledger(): string[]
}

/** @param folder - made if it is not there; a copy of another executor's folder goes on where that one was */
export function openPayments(drill: Drill, keyFile: Uint8Array, folder: string): Payments {
  mkdirSync(folder, { recursive: true })
  const at = (name: string) => join(folder, name)
  writeFileSync(at('executor.key'), keyFile)
  writeFileSync(at('api.key'), drill.key('executor', 'ep:executor:payments'))
  writeFileSync(at('trust.json'), drill.trustFile)
  const journal = join(at('journal'), 'journal', 'journal.jsonl')
  let started = 0
  return {
    folder,
    start(server, release, die) {
      const settings: PaymentsSettings = {
        server,
        apiKeyFile: at('api.key'),
        organization: drill.world.organization,
        executorId: 'ep:executor:payments',
        systems: ['treasury.example'],
        keyFile: at('executor.key'),
        trustFile: at('trust.json'),
        journalFolder: at('journal'),
        ledger: at('ledger'),
        ...(die === undefined ? {} : { die }),
      }
      const file = at(`settings-${started++}.json`)
      writeFileSync(file, JSON.stringify(settings))
      return run(program, file, ...(release === undefined ? [] : [release.id, release.actionHash]))
    },
    journal: () =>
      readRecords(Buffer.from(textOf(journal)))
        .records.map(({ kind }) => kind)
        .filter((kind) => kind !== 'head'),
    journalText: () => textOf(journal),
    ledger: () => textOf(at('ledger')).split('\n').slice(0, -1),
  }
}

/** Empty if there is no such file. */
function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
