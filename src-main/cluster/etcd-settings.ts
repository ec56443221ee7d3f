import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { EtcdSettings } from '../controlplane/store/etcd/index.ts'
import { UserError } from './user-error.ts'

/** What a start asks for, by kube-apiserver's own options; what it does not name stays as it was. */
export interface EtcdWish {
  /** URLs of the members, with commas between them. */
  servers?: string | undefined
  /** Paths of PEM files. */
  cafile?: string | undefined
  certfile?: string | undefined
  keyfile?: string | undefined
  prefix?: string | undefined
  /** Data folder of another instance of the cluster, whose keys a new one shares. */
  keysFrom?: string | undefined
}

/** What is known of the cluster before: where its state is never changes. */
export interface EtcdPast {
  /** Whether the cluster was there before. */
  exists: boolean
  had?: EtcdSettings | undefined
}

/**
 * Where a cluster's state is: in the etcd that is asked for, else where it was; undefined for its own data folder. Where it is stays for ever: only
 * the way to the same etcd may change. Throws a `UserError` for what cannot be.
 */
export function etcdSettings(wish: EtcdWish = {}, { exists, had }: EtcdPast): EtcdSettings | undefined {
  if (exists && wish.keysFrom !== undefined)
    throw new UserError('This cluster has its keys already.', 'Leave --keys-from out, or begin another with --name.')
  const asked = Object.values(wish).some((value) => value !== undefined)
  if (!asked) return had
  if (exists && !had)
    throw new UserError(
      'This cluster keeps its state in its data folder and cannot move to etcd.',
      'Create another: give --name with a name that is not taken.',
    )
  const servers = wish.servers === undefined ? had?.servers : serversOf(wish.servers)
  if (!servers)
    throw new UserError(
      'The options of etcd need --etcd-servers.',
      'For example --etcd-servers https://127.0.0.1:2379.',
    )
  const settings: EtcdSettings = {
    servers,
    cafile: fileOf('etcd-cafile', wish.cafile) ?? had?.cafile,
    certfile: fileOf('etcd-certfile', wish.certfile) ?? had?.certfile,
    keyfile: fileOf('etcd-keyfile', wish.keyfile) ?? had?.keyfile,
    prefix: prefixOf(wish.prefix) ?? had?.prefix,
  }
  if ((settings.certfile === undefined) !== (settings.keyfile === undefined))
    throw new UserError('--etcd-certfile and --etcd-keyfile belong together.', 'Give both, or neither.')
  if (had && (had.prefix ?? DEFAULT_PREFIX) !== (settings.prefix ?? DEFAULT_PREFIX))
    throw new UserError(
      `This cluster's keys begin with ${had.prefix ?? DEFAULT_PREFIX} and cannot move.`,
      'Leave --etcd-prefix out, or create another cluster with --name.',
    )
  return settings
}

/** What keys begin with unless `--etcd-prefix` says otherwise, as with kube-apiserver. */
export const DEFAULT_PREFIX = '/registry'

function serversOf(text: string): string[] {
  const servers = text.split(',').map((server) => server.trim())
  for (const server of servers) {
    const url = URL.parse(server)
    if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.host !== '') continue
    throw new UserError(
      `--etcd-servers takes URLs with commas between them, not "${server}".`,
      'For example --etcd-servers https://10.0.0.1:2379,https://10.0.0.2:2379.',
    )
  }
  return servers
}

function fileOf(flag: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  const file = resolve(path)
  if (existsSync(file)) return file
  throw new UserError(`--${flag}: there is no file ${file}.`, 'Give the path of a file with PEM blocks.')
}

function prefixOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const prefix = `/${text.replaceAll(/^\/+|\/+$/g, '')}`
  if (/^(\/[\w.-]+)+$/.test(prefix)) return prefix
  throw new UserError(`--etcd-prefix takes a path, not "${text}".`, 'For example --etcd-prefix /registry.')
}

/** The options of `drydock up` that ask for the same. */
export const etcdFlags = (wish: EtcdWish = {}): Record<(typeof etcdFlagNames)[number], string | undefined> => ({
  'etcd-servers': wish.servers,
  'etcd-cafile': wish.cafile,
  'etcd-certfile': wish.certfile,
  'etcd-keyfile': wish.keyfile,
  'etcd-prefix': wish.prefix,
  'keys-from': wish.keysFrom,
})

export const etcdFlagNames = [
  'etcd-servers',
  'etcd-cafile',
  'etcd-certfile',
  'etcd-keyfile',
  'etcd-prefix',
  'keys-from',
] as const

/** What the options mean, for a terminal. */
export const etcdHelp: readonly string[] = [
  '  --etcd-servers URLS        keep the state of a new cluster in this etcd (https://…,https://…), not in the data folder',
  '  --etcd-cafile FILE         the authority that signed its certificate',
  '  --etcd-certfile FILE       the client certificate to show to it, with --etcd-keyfile FILE',
  '  --etcd-prefix PATH         the beginning of all keys; /registry by default',
  '  --keys-from DIR            add an instance to the cluster in that etcd; DIR is the data folder of its first instance',
]
