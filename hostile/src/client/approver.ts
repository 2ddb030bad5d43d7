import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKeyFile } from '@countersign/adapters/keys/key-file'
import { encodeBinary } from '@countersign/pure/core/digest'
import type { JsonObject } from '@countersign/pure/core/json'

/** What one run of the program printed and ended with. */
export interface Ran {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

// Far beyond what any run takes: a client that waits for a silent server gives up by itself after a minute.
const patience = 90_000

/** One person at their own machine, with the real program: the operator sees what the program sends, and the public key. */
export class Approver {
  readonly publicKey: string
  readonly #program: readonly string[]
  readonly #folder: string

  private constructor(program: readonly string[], folder: string, publicKey: string) {
    this.#program = program
    this.#folder = folder
    this.publicKey = publicKey
  }

  /** @param program - the words that start it: a Node and its arguments */
  static async at(program: readonly string[], keyId: string): Promise<Approver> {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-approver-'))
    const { bytes, header } = await newKeyFile(keyId, null)
    const approver = new Approver(program, folder, encodeBinary(header.publicKey))
    writeFileSync(approver.path('own.key'), bytes, { mode: 0o600 })
    // The operator made it: it opens the server's door and no other.
    writeFileSync(approver.path('own.csk'), 'csk_made-by-the-operator', { mode: 0o600 })
    return approver
  }

  path(name: string): string {
    return join(this.#folder, name)
  }

  /** Puts a document on this machine. */
  write(name: string, document: JsonObject): string {
    writeFileSync(this.path(name), JSON.stringify(document))
    return this.path(name)
  }

  read(name: string): JsonObject {
    return JSON.parse(readFileSync(this.path(name), 'utf8'))
  }

  run(...words: readonly string[]): Promise<Ran> {
    const [node, ...before] = this.#program
    const child = spawn(node!, [...before, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { NO_COLOR: '1' },
      timeout: patience,
    })
    const printed = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed.out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed.err += text
    })
    return new Promise((resolve, reject) => {
      child.once('error', reject).once('close', (exit) => resolve({ exit, ...printed }))
    })
  }

  leave(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
