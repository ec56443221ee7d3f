import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { load } from 'js-yaml'
import type { ClusterConnection } from './cluster-actions.ts'
import { signInOf, type RawExec } from './sign-in.ts'

/** One entry of a kubeconfig's lists; what it refers to lies beside its file. */
interface Entry<T> {
  name: string
  value: T
  folder: string
}

interface RawCluster {
  server?: string
  'certificate-authority'?: string
  'certificate-authority-data'?: string
  'insecure-skip-tls-verify'?: boolean
  'tls-server-name'?: string
  'proxy-url'?: string
}

interface RawUser {
  'client-certificate'?: string
  'client-certificate-data'?: string
  'client-key'?: string
  'client-key-data'?: string
  token?: string
  tokenFile?: string
  username?: string
  password?: string
  as?: string
  'as-groups'?: string[]
  exec?: RawExec
  'auth-provider'?: { name?: string }
}

interface RawContext {
  cluster?: string
  user?: string
  namespace?: string
}

/** One context of kubeconfig files; `problem` says in a sentence why it cannot be used. */
export interface KubeconfigContext {
  name: string
  current: boolean
  /** Where its user works by default. */
  namespace?: string
  connection?: ClusterConnection
  problem?: string
}

/** The user's kubeconfig, from all files that KUBECONFIG names (kubernetes.io, "Organizing Cluster Access Using kubeconfig Files"). */
export interface Kubeconfig {
  contexts: KubeconfigContext[]
  /** All files that were read, and those that could not be but are referred to: when one changes, it is read anew. */
  files: string[]
}

/**
 * Reads kubeconfig files as one (kubernetes.io, "Organizing Cluster Access Using kubeconfig Files: Merging"): the first to name a context,
 * a cluster or a user wins, and one may refer to what another holds. Files that are not there are left out, what else cannot be read is told.
 */
export async function readKubeconfig(
  paths: readonly string[],
  log: (message: string) => void = () => undefined,
): Promise<Kubeconfig> {
  const configs = await Promise.all(paths.map((path) => readConfig(path, log)))
  const all = <T>(list: string, key: string): Map<string, Entry<T>> =>
    firstOfName(configs.flatMap(({ config, folder }) => entries<T>(config[list], key, folder)))
  const clusters = all<RawCluster>('clusters', 'cluster')
  const users = all<RawUser>('users', 'user')
  const current = configs.map(({ config }) => config['current-context']).find(Boolean)
  const files = new Set(paths)
  const contexts = await Promise.all(
    [...all<RawContext>('contexts', 'context').values()].map(({ name, value }) => {
      const facts: KubeconfigContext = {
        name,
        current: current === name,
        ...(value.namespace ? { namespace: value.namespace } : {}),
      }
      const cluster = clusters.get(value.cluster ?? '')
      const user = users.get(value.user ?? '')
      return contextOf(facts, cluster, user, files)
    }),
  )
  return { contexts, files: [...files] }
}

type Config = Record<string, unknown>

async function readConfig(path: string, log: (message: string) => void): Promise<{ config: Config; folder: string }> {
  const folder = dirname(path)
  try {
    const config = load(await readFile(path, 'utf8'))
    return { config: config && typeof config === 'object' ? (config as Config) : {}, folder }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') log(`${path} cannot be read: ${message}`)
    return { config: {}, folder }
  }
}

function firstOfName<T>(found: ReadonlyArray<Entry<T>>): Map<string, Entry<T>> {
  const first = new Map<string, Entry<T>>()
  for (const entry of found) if (!first.has(entry.name)) first.set(entry.name, entry)
  return first
}

function entries<T>(list: unknown, key: string, folder: string): Array<Entry<T>> {
  if (!Array.isArray(list)) return []
  return list.map((entry: Record<string, unknown>) => {
    const name = typeof entry['name'] === 'string' ? entry['name'] : ''
    return { name, value: (entry[key] ?? {}) as T, folder }
  })
}

async function contextOf(
  facts: KubeconfigContext,
  cluster: Entry<RawCluster> | undefined,
  user: Entry<RawUser> | undefined,
  files: Set<string>,
): Promise<KubeconfigContext> {
  const { name } = facts
  if (!cluster?.value.server)
    return { ...facts, problem: `Context "${name}" names a cluster that the kubeconfig does not hold.` }
  const provider = user?.value['auth-provider']
  if (provider) {
    const known = provider.name ? ` "${provider.name}"` : ''
    const problem = `Context "${name}" signs in by the auth provider${known}, which kubectl gave up with 1.26. Fetch a kubeconfig that names an exec plugin.`
    return { ...facts, problem }
  }
  try {
    const { server } = cluster.value
    const connection = { server, ...(await trustOf(cluster, files)), ...(user ? await identityOf(user, files) : {}) }
    return { ...facts, connection }
  } catch (error) {
    const problem = `Context "${name}" refers to a file that cannot be read: ${(error as Error).message}`
    return { ...facts, problem }
  }
}

/** Reads a file that an entry refers to, relative to its own. */
function readerOf(folder: string, files: Set<string>): (path: string) => Promise<string> {
  return (path) => {
    const whole = resolve(folder, path)
    files.add(whole)
    return readFile(whole, 'utf8')
  }
}

async function pem(
  data: string | undefined,
  path: string | undefined,
  read: (path: string) => Promise<string>,
): Promise<string | undefined> {
  return data ? Buffer.from(data, 'base64').toString('utf8') : path ? read(path) : undefined
}

async function trustOf({ value, folder }: Entry<RawCluster>, files: Set<string>): Promise<Partial<ClusterConnection>> {
  const read = readerOf(folder, files)
  const certificateAuthority = await pem(value['certificate-authority-data'], value['certificate-authority'], read)
  return {
    ...(certificateAuthority ? { certificateAuthority } : {}),
    ...(value['tls-server-name'] ? { serverName: value['tls-server-name'] } : {}),
    ...(value['insecure-skip-tls-verify'] ? { insecure: true } : {}),
    ...(value['proxy-url'] ? { proxy: value['proxy-url'] } : {}),
  }
}

async function identityOf({ value, folder }: Entry<RawUser>, files: Set<string>): Promise<Partial<ClusterConnection>> {
  const read = readerOf(folder, files)
  const clientCertificate = await pem(value['client-certificate-data'], value['client-certificate'], read)
  const clientKey = await pem(value['client-key-data'], value['client-key'], read)
  // A file is written anew when its token ends: it counts before the token beside it.
  const token = value.tokenFile ? (await read(value.tokenFile)).trim() : value.token
  const { username, password = '', as: user, 'as-groups': groups = [] } = value
  return {
    ...(clientCertificate ? { clientCertificate } : {}),
    ...(clientKey ? { clientKey } : {}),
    ...(token ? { token } : {}),
    ...(username ? { basic: { username, password } } : {}),
    ...(user ? { impersonate: { user, groups } } : {}),
    ...(value.exec ? { signIn: signInOf(value.exec, folder) } : {}),
  }
}
