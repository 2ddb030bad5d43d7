/** What an operator decides about a server. */
export interface ServerOptions {
  /** The data folder. */
  readonly data: string
  /** The organization's pins, as `org public` writes them. */
  readonly organizationFile: Uint8Array
  readonly anchor?: string
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Where clients reach the server; the address it listens on if absent. */
  readonly publicUrl?: string
  readonly logKeyPassphrase: string | null
  readonly publicLog: boolean
  readonly version: string
  readonly maxInFlight?: number
  readonly perMinute?: { readonly key: number; readonly failures: number }
  readonly guardSeconds?: number
  readonly receiveMilliseconds?: number
}
