import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderFiles } from '@countersign/adapters/storage/files'
import type { Effect } from '@countersign/engine/executor/effect'
import {
  createExecutor,
  type ExecutionResult,
  type Executor,
  type ExecutorOptions,
} from '@countersign/engine/executor/executor'
import { openJournal } from '@countersign/engine/executor/journal'
import { utf8Decode } from '@countersign/pure/core/bytes'
import { parseBinary } from '@countersign/pure/core/digest'
import { parseInstant } from '@countersign/pure/core/instant'
import { canonicalString } from '@countersign/pure/core/jcs'
import type { JsonObject } from '@countersign/pure/core/json'
import type { PatchOperation } from '@countersign/pure/core/json-patch'
import type { AttemptOptions, MadeBundle } from '@countersign/simulator/attempt'
import { octetsOf } from '@countersign/simulator/signer'
import { pinned, usualInstants, type World, type WorldOptions } from '@countersign/simulator/world'
import { makeOwnedWorld, Owners } from '../owners.js'
import { Server } from './server.js'

export interface Setting {
  readonly world?: WorldOptions
  /** Changes of the usual trust file. */
  readonly trust?: (world: World) => readonly PatchOperation[]
  readonly executor?: Partial<ExecutorOptions>
  /** By the executor's clock. */
  readonly now?: string
}

/** Real executors with their journals in a folder, the server that the operator runs, and the owners of all other keys. */
export class Scene {
  readonly owners = new Owners()
  readonly world: World
  readonly server: Server
  /** The executor's clock, ms: not the operator's to set. */
  now: number
  /** Octets of the actions with which effects ran. */
  readonly ran: string[] = []
  readonly #setting: Setting
  readonly #folder: string
  readonly #rightful: string[] = []

  constructor(setting: Setting, folder: string) {
    this.#setting = setting
    this.#folder = folder
    this.world = makeOwnedWorld(setting.world ?? {}, this.owners)
    this.server = new Server(this.world)
    this.now = parseInstant(setting.now ?? usualInstants.consumeAt)
  }

  /** Everybody signs this attempt; it may run once. */
  approve(id: string, options: AttemptOptions = {}): MadeBundle {
    const made = this.server.approve(id, options)
    this.#rightful.push(canonicalString(made.bundle['action']!))
    return made
  }

  /** A process of an executor, over the journal of that executor; a process of the same name is the same one, restarted. */
  async executor(changes: { name?: string; process?: string; systems?: readonly string[] } = {}): Promise<Executor> {
    const { name = 'payments', process = 'one', systems = ['treasury.example'] } = changes
    const { id, signer } = this.world.executors.get(name)!
    const own = this.owners.inOwnHands(signer)
    let drawn = 0
    return createExecutor({
      organization: this.world.organization,
      executorId: id,
      keyId: own.keyId,
      signer: {
        algorithm: 'Ed25519',
        publicKey: parseBinary(own.publicKey),
        sign: async (message) => parseBinary(own.sign(message).signature),
      },
      systems,
      enforcementClass: 'STRONG',
      trust: pinned(this.trustFile),
      authority: this.server,
      journal: await openJournal(folderFiles(this.#folder), name, {
        name: process,
        gone: (other) => other === process,
      }),
      clock: () => this.now,
      random: (octets) => octetsOf(`${name} ${process} ${drawn++}`, octets),
      ...this.#setting.executor,
    })
  }

  get trustFile(): JsonObject {
    return this.world.trustFile(...(this.#setting.trust?.(this.world) ?? []))
  }

  readonly effect: Effect = async ({ octets }) => {
    this.ran.push(utf8Decode(octets))
    return 'executed'
  }

  /** Whether an effect ran that nobody approved, or one that was approved ran twice. */
  get succeeded(): boolean {
    const left = [...this.#rightful]
    return this.ran.some((action) => {
      const index = left.indexOf(action)
      if (index >= 0) left.splice(index, 1)
      return index < 0
    })
  }
}

/** Plays a scene in a folder of its own. */
export async function inScene<T>(setting: Setting, play: (scene: Scene) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-hostile-'))
  try {
    return await play(new Scene(setting, folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The code of a refusal; what became of the effect where there was none. */
export function codeOf(result: ExecutionResult): string {
  return result.status === 'refused' ? result.failure.code : result.status
}

/** What the caller of an executor means to do: the action that the server shows, which is the operator's best case. */
export function whatIsShown({ action_hash }: JsonObject): { readonly actionHash: string } {
  return { actionHash: String(action_hash) }
}

/** Asked what became of an effect, the system of record cannot tell. */
export const neverReconciled = async () => 'unknown' as const
