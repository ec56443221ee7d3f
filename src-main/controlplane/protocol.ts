import type { EtcdSettings } from './store/etcd/index.ts'
import type { HistoryOptions } from './store/index.ts'

/** What the control plane's thread is started with, and what it and its owner tell each other. All values survive structured clone. */
export interface ControlPlaneOptions {
  cluster: string
  /** Data directory of the cluster. */
  directory: string
  /** Port wanted; the next free one is taken when it is not given or was never used before and is taken. */
  port: number | undefined
  /** `true`: the port must be that one (an earlier start chose it, or the user did). */
  fixedPort: boolean
  /** Addresses besides 127.0.0.1 to listen on and to name in the certificate: the gateway of the node network. */
  addresses: string[]
  /** Bootstrap token `id.secret` with which nodes join. */
  token: string
  clusterCidr: string
  serviceCidr: string
  /** How much of the past the store keeps; its defaults when absent. */
  history?: HistoryOptions | undefined
  /** Where the cluster's state is kept; in the data directory when absent. */
  etcd?: EtcdSettings | undefined
}

/** What the kubeconfig of the administrator holds. */
export interface AdminCredentials {
  /** PEM each. */
  ca: string
  cert: string
  key: string
}

/** Where the API server listens on this machine, and who its first administrator is. */
export interface ControlPlaneReady {
  port: number
  admin: AdminCredentials
}

/** What the control plane's thread tells its owner. */
export type ThreadMessage =
  | ({ type: 'ready' } & ControlPlaneReady)
  /** The start failed; `remedy` when a user can do something about it. */
  | { type: 'failed'; message: string; remedy?: string | undefined }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; message: string }
  | { type: 'stopped' }

/** What the owner of the control plane's thread asks of it. */
export type OwnerMessage = { type: 'stop' }
