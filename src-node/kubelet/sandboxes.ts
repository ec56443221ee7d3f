import { join } from 'node:path'
import type { PodPlace } from '../host/pod-place.ts'
import { SANDBOX } from './plan/naming.ts'
import { attemptsOf } from './plan/observed.ts'
import type { PodWorker } from './pod-worker.ts'
import { linkOf } from './runtime/pod-network.ts'
import type { Workers } from './workers.ts'

export type { PodPlace } from '../host/pod-place.ts'

/** Finds pods of this node by name, or by the address they have on the pod network; undefined where no sandbox of theirs runs. */
export interface Sandboxes {
  find(namespace: string, pod: string): PodPlace | undefined
  at(address: string): PodPlace | undefined
}

/** The pods of this node by what others know of them, as the workers last saw them; a pod whose sandbox does not run is not found. */
export function sandboxesOf(workers: Pick<Workers, 'find' | 'all'>, stateDirectory: string): Sandboxes {
  const place = (worker: PodWorker | undefined): PodPlace | undefined => {
    const sandbox = worker && attemptsOf(worker.observed, SANDBOX).last
    if (sandbox?.state !== 'running') return undefined
    const { metadata } = worker!.pod
    return {
      namespace: metadata.namespace ?? '',
      pod: metadata.name,
      pid: sandbox.pid,
      address: sandbox.ip,
      link: sandbox.ip ? linkOf(sandbox.id) : '',
      resolver: join(stateDirectory, 'pods', metadata.uid, 'etc', 'resolv.conf'),
    }
  }
  return {
    find: (namespace, pod) => place(workers.find(namespace, pod)),
    at: (address) =>
      [...workers.all()].map(place).find((found) => found !== undefined && address !== '' && found.address === address),
  }
}
