import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { load } from 'js-yaml'
import type { ClusterConnection } from './cluster-actions.ts'

interface Named<T> {
  name: string
  value: T
}

interface RawCluster {
  server?: string
  'certificate-authority'?: string
  'certificate-authority-data'?: string
  'insecure-skip-tls-verify'?: boolean
  'tls-server-name'?: string
}

interface RawUser {
  'client-certificate'?: string
  'client-certificate-data'?: string
  'client-key'?: string
  'client-key-data'?: string
  token?: string
  tokenFile?: string
  exec?: unknown
  'auth-provider'?: unknown
}

/** One context of a kubeconfig file; `problem` says in a sentence why it cannot be used. */
export interface KubeconfigContext {
  name: string
  current: boolean
  /** Where its user works by default. */
  namespace?: string
  connection?: ClusterConnection
  problem?: string
}

/** Reads every context of a kubeconfig file (client certificates, tokens, and the files it refers to). Throws when the file cannot be read. */
export async function readKubeconfig(path: string): Promise<KubeconfigContext[]> {
  const config = (load(await readFile(path, 'utf8')) ?? {}) as Record<string, unknown>
  const clusters = named<RawCluster>(config['clusters'], 'cluster')
  const users = named<RawUser>(config['users'], 'user')
  const contexts = named<{ cluster?: string; user?: string; namespace?: string }>(config['contexts'], 'context')
  return Promise.all(
    contexts.map(async ({ name, value }) => {
      const facts: KubeconfigContext = {
        name,
        current: config['current-context'] === name,
        ...(value.namespace ? { namespace: value.namespace } : {}),
      }
      const cluster = clusters.find((c) => c.name === value.cluster)?.value
      const user = users.find((u) => u.name === value.user)?.value ?? {}
      if (!cluster?.server) return { ...facts, problem: `Context "${name}" names a cluster the file does not hold.` }
      if (user.exec || user['auth-provider'])
        return { ...facts, problem: `Context "${name}" signs in with an external program, which Drydock does not run.` }
      return connect(facts, { ...cluster, server: cluster.server }, user, dirname(path))
    }),
  )
}

async function connect(
  facts: KubeconfigContext,
  cluster: RawCluster & { server: string },
  user: RawUser,
  folder: string,
): Promise<KubeconfigContext> {
  try {
    const file = (path: string): Promise<string> => readFile(resolve(folder, path), 'utf8')
    const pem = async (data: string | undefined, path: string | undefined): Promise<string | undefined> =>
      data ? Buffer.from(data, 'base64').toString('utf8') : path ? file(path) : undefined
    const certificateAuthority = await pem(cluster['certificate-authority-data'], cluster['certificate-authority'])
    const clientCertificate = await pem(user['client-certificate-data'], user['client-certificate'])
    const clientKey = await pem(user['client-key-data'], user['client-key'])
    const token = user.token ?? (user.tokenFile ? (await file(user.tokenFile)).trim() : undefined)
    const connection: ClusterConnection = {
      server: cluster.server,
      ...(certificateAuthority ? { certificateAuthority } : {}),
      ...(clientCertificate ? { clientCertificate } : {}),
      ...(clientKey ? { clientKey } : {}),
      ...(token ? { token } : {}),
      ...(cluster['tls-server-name'] ? { serverName: cluster['tls-server-name'] } : {}),
      ...(cluster['insecure-skip-tls-verify'] ? { insecure: true } : {}),
    }
    return { ...facts, connection }
  } catch (error) {
    return {
      ...facts,
      problem: `Context "${facts.name}" refers to a file that cannot be read: ${(error as Error).message}`,
    }
  }
}

function named<T>(list: unknown, key: string): Array<Named<T>> {
  if (!Array.isArray(list)) return []
  return list.map((entry: Record<string, unknown>) => ({
    name: typeof entry['name'] === 'string' ? entry['name'] : '',
    value: (entry[key] ?? {}) as T,
  }))
}
