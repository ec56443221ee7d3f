import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { writeDurably } from '../controlplane/store/durable-file.ts'
import type { HistoryOptions } from '../controlplane/store/index.ts'
import { UserError } from './user-error.ts'

/** What is kept of a cluster beside its store. */
export interface ClusterSettings {
  version: 1
  name: string
  /** Port of the API server once chosen. */
  port?: number
  /** Bootstrap token `id.secret` of this cluster's nodes. */
  token?: string
  /** How much of the past the store keeps, set by hand; see `HistoryOptions`. */
  history?: HistoryOptions
}

/** The process that hosts a cluster's control plane now. */
export interface HostRecord {
  pid: number
  server: string
  /** URL of the app, with its one-time secret, when the host serves it. */
  app?: string
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

/** The folder that holds everything of one cluster but its nodes' volumes. */
export class DataDirectory {
  readonly path: string

  constructor(name: string, override?: string) {
    checkClusterName(name)
    this.path = override ? resolve(override) : join(applicationData(), 'clusters', name)
  }

  file(...names: string[]): string {
    return join(this.path, ...names)
  }

  get exists(): boolean {
    return existsSync(this.file('cluster.json'))
  }

  /** Makes the folder, 0700. */
  create(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 })
      chmodSync(this.path, 0o700)
    } catch (cause) {
      throw new UserError(
        `The data folder ${this.path} cannot be made: ${(cause as Error).message}`,
        'Choose another with --data.',
        {
          cause,
        },
      )
    }
  }

  delete(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  settings(name: string): ClusterSettings {
    const file = this.file('cluster.json')
    if (!existsSync(file)) return { version: 1, name }
    const read = JSON.parse(readFileSync(file, 'utf8')) as ClusterSettings
    if (read.version !== 1) {
      throw new UserError(
        `${file} was written by a newer Drydock (version ${String(read.version)}).`,
        'Update Drydock.',
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
    const record = JSON.parse(readFileSync(file, 'utf8')) as HostRecord
    return isAlive(record.pid) ? record : undefined
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
