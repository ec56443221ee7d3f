import type { Output } from './output.ts'

/** Options that every verb takes, and those of single verbs. */
export interface Flags {
  name: string
  data?: string | undefined
  json: boolean
  nodes?: string | undefined
  port?: string | undefined
  'proxy-mode'?: string | undefined
  'ipvs-scheduler'?: string | undefined
  'flannel-backend'?: string | undefined
  'etcd-servers'?: string | undefined
  'etcd-cafile'?: string | undefined
  'etcd-certfile'?: string | undefined
  'etcd-keyfile'?: string | undefined
  'etcd-prefix'?: string | undefined
  'keys-from'?: string | undefined
  detach: boolean
  delete: boolean
  stop: boolean
  merge: boolean
  force: boolean
}

/** One verb of the command line. Throws `UserError` for what a user can mend. */
export interface Verb {
  usage: string
  summary: string
  /** Lines about its options, for its own help. */
  details?: readonly string[]
  /** Names of flags it takes besides --name, --data and --json. */
  flags: ReadonlyArray<keyof Flags>
  run(args: string[], flags: Flags, output: Output): Promise<void>
}
