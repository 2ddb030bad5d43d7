/** The options of `countersign serve`, as its command line gives them. */
export interface ServeOptions {
  readonly data: string
  readonly organization: string
  readonly anchor?: string
  readonly port: number
  readonly host: string
  readonly publicUrl?: string
  readonly logKeyPassphraseFile?: string
  readonly logLevel: string
  readonly publicLog?: boolean
  readonly rateLimit: number
  readonly directoryKey?: string
}
