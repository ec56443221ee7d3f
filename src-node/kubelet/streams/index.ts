import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type Dockerode from 'dockerode'
import type { Pod } from '#types/core/v1'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { notFound } from '../../../src-kube/machinery/errors.ts'
import type { NodeServices, PodStreams } from '../../../src-wire/node/pod-streams.ts'
import { SHARED_VOLUMES } from '../../../src-wire/node/shared-volumes.ts'
import type { Host } from '../../host/index.ts'
import { removeShared } from '../volumes/shared.ts'
import { loadImage } from './load-image.ts'
import { containerLog } from './logs.ts'
import type { Reservation } from '../plan/reserved.ts'
import { type ConfigFacts, kubeletConfig } from './configz.ts'
import { createMetrics, type MetricsOptions } from './metrics.ts'
import type { CsiVolumeStats } from '../csi/stats.ts'
import { createDiskUsage, type DiskUsageOptions } from './disk-usage.ts'
import { nodeLog } from './node-logs.ts'
import { dialDatagrams } from './datagrams.ts'
import { dialInNamespace, type Spawn } from './port-forward.ts'
import { attachSession, execSession } from './sessions.ts'
import { createStatsSummary } from './stats.ts'
import { type FindContainer, logContainer, notRunning, runningContainer } from './target.ts'

export { type FindContainer, foundContainer, type FoundContainer } from './target.ts'

/** What logs, exec, attach, port-forward and metrics of the pods here are taken from. */
export interface StreamsOptions
  extends ConfigFacts, Pick<MetricsOptions, 'probes' | 'own'>, Pick<DiskUsageOptions, 'mounted' | 'log'> {
  docker: Dockerode
  nodeName: string
  /** `/var/log`. */
  logDirectory: string
  host: Pick<Host, 'spawn' | 'run' | 'readFile' | 'disk' | 'facts'>
  clock: Clock
  find: FindContainer
  /** A process in the pod's network namespace; undefined when the pod has no sandbox here. */
  sandboxPid(namespace: string, pod: string): Promise<number | undefined>
  /** All pods of this node as it knows them. */
  pods(): Pod[]
  /** What the CSI driver of a volume says of the room in it. */
  ofDriver?(path: string): Promise<CsiVolumeStats | undefined>
  /** Processes and threads that each may have; undefined for no limit. */
  processes?(): Promise<number | undefined>
  /** What the node keeps from them. */
  reserving?(): Promise<Reservation>
}

/** What the API server asks this node for: logs, commands, ports, images, statistics. */
export function createStreams(options: StreamsOptions): PodStreams & NodeServices {
  const { docker, nodeName, host, clock, find, sandboxPid, pods } = options
  const diskUse = createDiskUsage(options)
  const spawn: Spawn = (command, args) => host.spawn(command, args)
  return {
    logs: async (target, asked, signal) =>
      containerLog(docker, await logContainer(find, target, asked.previous), asked, { signal, now: clock.now() }),
    exec: async (target, asked) => execSession(docker, await runningContainer(find, target), asked),
    async attach(target, asked) {
      const session = await attachSession(docker, await runningContainer(find, target), asked)
      if (!session) throw notRunning(target)
      return session
    },
    async portForward({ namespace, pod }, port) {
      const pid = await sandboxPid(namespace, pod)
      if (!pid) throw notFound({ group: '', resource: 'pods' }, pod)
      return dialInNamespace(spawn, pod, pid, port)
    },
    loadImage: (archive) => loadImage(docker, archive),
    removeVolume: (name) => removeShared(SHARED_VOLUMES, name),
    dial,
    dialDatagrams,
    statsSummary: createStatsSummary({ docker, host, nodeName, clock, diskUse }),
    metrics: createMetrics({ ...options, diskUse }),
    config: async () =>
      kubeletConfig({
        ...options,
        podPidsLimit: await options.processes?.(),
        reservation: await options.reserving?.(),
      }),
    log: (path) => nodeLog(options.logDirectory, path),
    pods: () => Promise.resolve({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods() }),
  }
}

function dial(host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
