import type Docker from 'dockerode'
import type { EtcdWish } from './etcd-settings.ts'
import type { FreeSpace } from './free-space.ts'
import type { NetworkWish } from './network-modes.ts'
import type { StepProgress } from './steps/recipe.ts'

/** What a cluster is to be like; an existing one keeps what is not named. */
export interface UpOptions {
  name: string
  /** Wanted number of nodes; a new cluster gets three, an existing one keeps what it has. */
  nodes?: number | undefined
  /** Overrides the platform's data folder. */
  data?: string | undefined
  /** Port of the API server; without it the last one, else 6443 or the next free one. */
  port?: number | undefined
  /** Of kube-proxy and flannel; a cluster keeps what is not named. */
  network?: NetworkWish | undefined
  /** Where the state of a new cluster is kept, and how a cluster's own etcd is reached; a cluster keeps what is not named. */
  etcd?: EtcdWish | undefined
  progress?: (progress: StepProgress) => void
  /** Hears the titles of the steps to come. */
  plan?: ((titles: string[]) => void) | undefined
  log?: (line: string) => void
  /** What belongs into a step's log and is too much for a terminal. */
  detail?: ((line: string) => void) | undefined
  docker?: Docker
  /** Aborted, creation ends and is undone; the reason is thrown. */
  signal?: AbortSignal | undefined
  /** Bytes free on the disk that holds a folder; undefined where that cannot be seen. */
  freeSpace?: FreeSpace | undefined
}
