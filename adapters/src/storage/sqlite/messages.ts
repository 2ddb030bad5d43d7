import type { Stats, writes } from './group-commit.js'
import type { reads } from './reads.js'

export type WriteMethod = keyof typeof writes
export type ReadMethod = keyof typeof reads

/** What the store sends to its worker, several in one message; `id` is chosen by the sender. Arguments are data and cross by copy. */
export interface Call {
  readonly id: number
  readonly method: WriteMethod | ReadMethod | 'close'
  readonly args: readonly unknown[]
}

/** An error as data. With `retry` it is a StoreFault, without it a bug. */
export interface Failure {
  readonly message: string
  readonly retry?: 'safe' | 'in_doubt'
}

export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }

/** The worker's first message says whether the database is open; all others bring replies. */
export type FromWorker =
  | { readonly opened: true }
  | { readonly opened: false; readonly failure: Failure }
  | { readonly replies: readonly Reply[]; readonly stats: Stats }
