import { dump, load } from 'js-yaml'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { UserError } from './user-error.ts'

/** What a client needs to reach a cluster as its administrator; all PEM. */
export interface AdminAccess {
  server: string
  ca: string
  cert: string
  key: string
}

interface Named {
  name: string
  [field: string]: unknown
}

interface Kubeconfig {
  apiVersion: 'v1'
  kind: 'Config'
  clusters: Named[]
  users: Named[]
  contexts: Named[]
  'current-context': string
  preferences?: Record<string, unknown>
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A kubeconfig with one context and embedded certificates (kubernetes.io, "Organizing Cluster Access Using kubeconfig Files"). */
export function kubeconfigFor(cluster: string, access: AdminAccess): Kubeconfig {
  const name = cluster === 'drydock' ? 'drydock' : `drydock-${cluster}`
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: access.server, 'certificate-authority-data': base64(access.ca) } }],
    users: [
      {
        name: `${name}-admin`,
        user: { 'client-certificate-data': base64(access.cert), 'client-key-data': base64(access.key) },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: `${name}-admin` } }],
    'current-context': name,
  }
}

export function formatKubeconfig(config: Kubeconfig): string {
  return dump(config, { lineWidth: -1 })
}

/** Reads back what {@link kubeconfigFor} wrote. */
export function adminAccess(text: string): AdminAccess {
  const config = load(text) as Kubeconfig
  const cluster = config.clusters[0]?.['cluster'] as Record<string, string> | undefined
  const user = config.users[0]?.['user'] as Record<string, string> | undefined
  const decode = (value: string | undefined): string => Buffer.from(value ?? '', 'base64').toString('utf8')
  return {
    server: cluster?.['server'] ?? '',
    ca: decode(cluster?.['certificate-authority-data']),
    cert: decode(user?.['client-certificate-data']),
    key: decode(user?.['client-key-data']),
  }
}

/** The entries of `added` put into `existing` under their names, everything else kept; its context becomes the current one. */
export function mergeKubeconfig(existing: Partial<Kubeconfig> | undefined, added: Kubeconfig): Kubeconfig {
  const merge = (left: Named[] | null | undefined, right: Named[]): Named[] => [
    ...(left ?? []).filter((item) => !right.some((other) => other.name === item.name)),
    ...right,
  ]
  return {
    ...existing,
    apiVersion: 'v1',
    kind: 'Config',
    clusters: merge(existing?.clusters, added.clusters),
    users: merge(existing?.users, added.users),
    contexts: merge(existing?.contexts, added.contexts),
    'current-context': added['current-context'],
  }
}

/** Adds the cluster to the user's own kubeconfig; returns that file's path. A file that is not a kubeconfig is left alone. */
export function mergeIntoUserKubeconfig(added: Kubeconfig, environment: NodeJS.ProcessEnv = process.env): string {
  const file =
    environment['KUBECONFIG']?.split(process.platform === 'win32' ? ';' : ':')[0] || join(homedir(), '.kube', 'config')
  const present = existsSync(file) ? load(readFileSync(file, 'utf8')) : undefined
  if (present !== undefined && present !== null && typeof present !== 'object') {
    throw new UserError(`${file} is not a kubeconfig.`, 'Move it away, or point KUBECONFIG at another file.')
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(
    `${file}.drydock`,
    formatKubeconfig(mergeKubeconfig((present ?? undefined) as Partial<Kubeconfig> | undefined, added)),
    {
      mode: 0o600,
    },
  )
  renameSync(`${file}.drydock`, file)
  return file
}
