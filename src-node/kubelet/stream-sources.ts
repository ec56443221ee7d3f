import { SANDBOX } from './plan/naming.ts'
import { attemptsOf } from './plan/observed.ts'
import { findContainer } from './plan/pod-containers.ts'
import type { Metric } from '../../src-kube/machinery/metrics/prometheus.ts'
import type { NodePressure } from './node-pressure.ts'
import type { KubeletOptions } from './options.ts'
import type { PodContext } from './pod-context.ts'
import { foundContainer, type StreamsOptions } from './streams/index.ts'
import type { Workers } from './workers.ts'

/** How the streams find a container by the names the API uses. */
export function streamSources(
  options: KubeletOptions,
  workers: Workers,
  {
    prober,
    groups,
    settings,
    volumes,
    metrics,
  }: Pick<PodContext, 'prober' | 'groups' | 'settings' | 'volumes'> & {
    metrics: ReadonlyArray<{ metrics(): Metric[] }>
  },
  pressure: Pick<NodePressure, 'settings'>,
): StreamsOptions {
  return {
    ...options,
    probes: () => prober.counts(),
    own: () => metrics.flatMap((one) => one.metrics()),
    eviction: () => pressure.settings,
    processes: () => groups.processes,
    reserving: () => groups.reservation(),
    settings,
    find({ namespace, pod, container }) {
      const worker = workers.find(namespace, pod)
      if (!worker || !findContainer(worker.pod, container)) return Promise.resolve(undefined)
      const found = foundContainer(attemptsOf(worker.observed, container), worker.waitingOf(container)?.reason)
      const initializes = found.state === 'waiting' && worker.pod.spec.initContainers?.length
      return Promise.resolve({
        ...found,
        ...(initializes ? { reason: found.reason ?? 'PodInitializing' } : {}),
        ...(worker.refused ? { refused: true as const } : {}),
      })
    },
    pods: () => workers.pods(),
    mounted: () => [...workers.all()].flatMap(({ pod, volumes: paths }) => (paths ? [{ pod, paths }] : [])),
    ofDriver: (path) => volumes.statsOf(path),
    sandboxPid(namespace, pod) {
      const worker = workers.find(namespace, pod)
      return Promise.resolve(worker && attemptsOf(worker.observed, SANDBOX).last?.pid)
    },
  }
}
