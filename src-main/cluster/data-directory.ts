import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { writeDurably } from '../controlplane/store/durable-file.ts'
import type { EtcdSettings } from '../controlplane/store/etcd/index.ts'
import type { HistoryOptions } from '../controlplane/store/index.ts'
import type { NetworkModes } from './network-modes.ts'
import { UserError } from './user-error.ts'

/** What is kept of a cluster beside its store. */
export interface ClusterSettings {
  version: 1
  name: string
  /** Port of the API server once chosen. */
  port?: number
  /** Bootstrap token `id.secret` of this cluster's nodes. */
  token?: string
  /** Made without nodes: started again it stays so until `--nodes` asks for some. */
  alone?: boolean
  /** Nodes that it had when it was reset: a start that finds none makes as many. */
  nodes?: number
  /** How services and pods reach each other; absent as the defaults. */
  network?: NetworkModes
  /** Where the state is kept; in this folder when absent. */
  etcd?: EtcdSettings
  /** How much of the past the store keeps, set by hand; see `HistoryOptions`. */
  history?: HistoryOptions
}

/** The process that hosts a cluster's control plane now. */
export interface HostRecord {
  pid: number
  server: string
  /** URL of the app, with its one-time secret, when the host serves it. */
  app?: string
  /** No nodes can join: the control plane was started without a node network. */
  alone?: boolean
}

const CLUSTER_NAME = /^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/

/** Refuses names that cannot be part of a container's name and a DNS label. */
export function checkClusterName(name: string): void {
  if (!CLUSTER_NAME.test(name)) {
    throw new UserError(
      `"${name}" is no cluster name.`,
      'Use at most 32 lower-case letters, digits and "-", starting and ending with a letter or digit.',
    )
  }
}

/** Root of all clusters' data: the platform's folder for application data. */
export function applicationData(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Drydock')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Drydock')
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'drydock')
}

const clustersIn = (environment?: NodeJS.ProcessEnv): string => join(applicationData(environment), 'clusters')

/** Names of the clusters in the platform's data folder, sorted; those whose folder was chosen with --data are not among them. */
export function clusterNames(environment: NodeJS.ProcessEnv = process.env): string[] {
  const folder = clustersIn(environment)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => CLUSTER_NAME.test(name) && existsSync(join(folder, name, 'cluster.json')))
    .sort()
}

/** The folder that holds everything of one cluster but its nodes' volumes. */
export class DataDirectory {
  readonly path: string

  constructor(name: string, override?: string) {
    checkClusterName(name)
    this.path = override ? resolve(override) : join(clustersIn(), name)
  }

  file(...names: string[]): string {
    return join(this.path, ...names)
  }

  get exists(): boolean {
    return existsSync(this.file('cluster.json'))
  }

  /** Makes the folder, 0700. A folder that cannot be made or written is a `UserError`. */
  create(): void {
    try {
      makeFolders(this.path)
      accessSync(this.path, constants.W_OK | constants.X_OK)
      chmodSync(this.path, 0o700)
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      throw new UserError(
        `The data folder ${this.path} cannot be used: ${reasons[code ?? ''] ?? message}.`,
        'Choose another with --data, or give this user the right to write there.',
        { cause },
      )
    }
  }

  /**
   * Makes the folder of a new cluster and its settings; false when the cluster exists already. Of two processes that try at the same
   * moment one gets true: it alone may take the folder away again. A folder with anything else in it is refused, as `delete` would remove that too.
   */
  claim(settings: ClusterSettings): boolean {
    this.create()
    if (this.exists) return false
    const foreign = readdirSync(this.path).filter((name) => name !== 'logs' && !name.startsWith('cluster.json'))
    if (foreign.length > 0 && !this.exists) {
      throw new UserError(
        `The data folder ${this.path} holds no cluster, but it is not empty (${foreign.slice(0, 3).join(', ')}).`,
        'Choose an empty or a new folder with --data.',
      )
    }
    const draft = `cluster.json.${process.pid}`
    this.#replace(draft, JSON.stringify(settings, null, 2) + '\n')
    try {
      linkSync(this.file(draft), this.file('cluster.json'))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return false
    } finally {
      rmSync(this.file(draft), { force: true })
    }
  }

  delete(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  settings(name: string): ClusterSettings {
    const file = this.file('cluster.json')
    if (!existsSync(file)) return { version: 1, name }
    const read = parsed<ClusterSettings>(file)
    if (read === undefined || typeof read.version !== 'number') {
      throw new UserError(
        `${file} is damaged: it is no cluster's settings.`,
        `Restore that file from a backup, or start another cluster with --data.`,
      )
    }
    if (read.version !== 1) {
      throw new UserError(
        `${file} was written by a newer Drydock (version ${read.version}).`,
        'Update Drydock; nothing was changed.',
      )
    }
    if (read.name !== name) {
      throw new UserError(
        `${this.path} holds the cluster "${read.name}", not "${name}".`,
        'Give the matching --name or another --data.',
      )
    }
    return read
  }

  saveSettings(settings: ClusterSettings): void {
    this.#replace('cluster.json', JSON.stringify(settings, null, 2) + '\n')
  }

  /** The running host, or undefined when there is none (a record left by a killed one does not count). */
  host(): HostRecord | undefined {
    const file = this.file('host.json')
    if (!existsSync(file)) return undefined
    // A damaged record counts as none: that two processes never host one cluster is the store's lock to ensure.
    const record = parsed<HostRecord>(file)
    return record && isAlive(record.pid) ? record : undefined
  }

  saveHost(record: HostRecord): void {
    this.#replace('host.json', JSON.stringify(record) + '\n')
  }

  clearHost(): void {
    rmSync(this.file('host.json'), { force: true })
  }

  writePrivate(name: string, content: string): string {
    this.#replace(name, content)
    return this.file(name)
  }

  /** Whole or not at all, also when the machine dies in between. */
  #replace(name: string, content: string): void {
    writeDurably(this.file(name), content)
  }
}

/** Each missing folder from the top, 0700. Node's own recursive call never returns where the kernel makes none, as in /proc. */
function makeFolders(path: string): void {
  const parent = dirname(path)
  if (parent !== path && !existsSync(parent)) makeFolders(parent)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Another process may have made it, and a file system that is read-only says so first.
    if ((code !== 'EEXIST' && code !== 'EROFS') || !isFolder(path)) throw error
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
  EEXIST: 'a file of that name is in the way',
  ENOTDIR: 'a part of its path is a file',
  ENOENT: 'nothing can be made there',
}

/** The object in a JSON file, or undefined when it holds none. */
function parsed<T extends object>(file: string): T | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof value === 'object' && value !== null ? (value as T) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Whether a process runs; one that has ended and that nobody has collected yet does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || !/^\d+ \(.*\) Z/s.test(readFileSync(stat, 'utf8'))
}
