import { dump, load } from 'js-yaml'
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
    clusters: [
      {
        name,
        cluster: {
          server: access.server,
          'certificate-authority-data': base64(access.ca),
          // Client and server are one machine: packing long lists would take both of them longer than handing them over.
          'disable-compression': true,
        },
      },
    ],
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

/** As YAML, without folding lines: certificates are long. */
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

/** `existing` without the entries of `removed`; undefined when it has none of its clusters with the same certificate authority. */
export function unmergeKubeconfig(existing: Partial<Kubeconfig>, removed: Kubeconfig): Partial<Kubeconfig> | undefined {
  const authority = (cluster: Named | undefined): unknown =>
    (cluster?.['cluster'] as Record<string, unknown> | undefined)?.['certificate-authority-data']
  const [own] = removed.clusters
  // An entry of the same name that leads elsewhere is not ours to remove.
  const present = existing.clusters?.find((item) => item.name === own?.name)
  if (!present || authority(present) !== authority(own)) return undefined
  const without = (left: Named[] | null | undefined, right: Named[]): Named[] =>
    (left ?? []).filter((item) => !right.some((other) => other.name === item.name))
  const current = existing['current-context'] ?? ''
  return {
    ...existing,
    clusters: without(existing.clusters, removed.clusters),
    users: without(existing.users, removed.users),
    contexts: without(existing.contexts, removed.contexts),
    'current-context': current === removed['current-context'] ? '' : current,
  }
}

/** Adds the cluster to the user's own kubeconfig; returns that file's path. A file that is not a kubeconfig is left alone. */
export function mergeIntoUserKubeconfig(added: Kubeconfig, environment: NodeJS.ProcessEnv = process.env): string {
  const file = userKubeconfig(environment)
  const merged = mergeKubeconfig(readUserKubeconfig(file), added)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  replaceUserKubeconfig(file, merged)
  return file
}

/** Takes the cluster out of the user's own kubeconfig again; returns the file's path, or undefined when it was not there. */
export function removeFromUserKubeconfig(
  removed: Kubeconfig,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const file = userKubeconfig(environment)
  const present = readUserKubeconfig(file)
  const left = present && unmergeKubeconfig(present, removed)
  if (!left) return undefined
  replaceUserKubeconfig(file, left)
  return file
}

/** The file that kubectl would write; a link is followed, so that it stays one. */
function userKubeconfig(environment: NodeJS.ProcessEnv): string {
  const listed = environment['KUBECONFIG']?.split(process.platform === 'win32' ? ';' : ':')
  const file = listed?.find((path) => path !== '') ?? join(homedir(), '.kube', 'config')
  return existsSync(file) ? realpathSync(file) : file
}

const lists = ['clusters', 'users', 'contexts'] as const

function readUserKubeconfig(file: string): Partial<Kubeconfig> | undefined {
  if (!existsSync(file)) return undefined
  const refuse = (why: string, cause?: unknown): UserError =>
    new UserError(
      `${file} is not a kubeconfig (${why}); it was left as it is.`,
      'Mend it or move it away, or point KUBECONFIG at another file.',
      { cause },
    )
  const text = readFileSync(file, 'utf8')
  if (text.trim() === '') return undefined
  let value: unknown
  try {
    value = load(text)
  } catch (cause) {
    throw refuse((cause as Error).message.split('\n')[0]!, cause)
  }
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw refuse('it holds no mapping')
  const config = value as Record<string, unknown>
  for (const name of lists)
    if (config[name] !== undefined && config[name] !== null && !Array.isArray(config[name]))
      throw refuse(`"${name}" is no list`)
  return config as Partial<Kubeconfig>
}

/** Whole or not at all; readable by the user alone. */
function replaceUserKubeconfig(file: string, config: Partial<Kubeconfig>): void {
  const draft = `${file}.drydock-${process.pid}`
  try {
    writeFileSync(draft, dump(config, { lineWidth: -1 }), { mode: 0o600 })
    renameSync(draft, file)
  } catch (cause) {
    rmSync(draft, { force: true })
    throw new UserError(
      `${file} cannot be written: ${(cause as Error).message}.`,
      'Point KUBECONFIG at another file.',
      {
        cause,
      },
    )
  }
}
