import { join } from 'node:path'
import { groupProcesses } from '../host/index.ts'
import type { KubeletOptions } from './options.ts'
import type { PodUsage } from './plan/eviction/ranking.ts'
import { scratchVolumes, type StorageUsed } from './plan/local-storage.ts'
import type { PodWorker } from './pod-worker.ts'
import { containerLogSize } from './streams/container-logs.ts'
import { measurePods, type UsageSources } from './streams/usage.ts'

/** Where what pods use is measured. */
export type UsageOptions = Pick<KubeletOptions, 'docker' | 'host' | 'stateDirectory'> & {
  /** Default {@link containerLogSize}. */
  logSize?: typeof containerLogSize
}
/** A pod whose use is measured, with its containers as the engine has them. */
export type MeasuredPod = Pick<PodWorker, 'pod' | 'observed'>

/** A container that is asked for what it has written; the client's own types do not know of that. */
interface SizedContainer {
  inspect(options: { size: true }): Promise<{ SizeRw?: number }>
}

/** What one pod has put on the node's disk. */
export async function storageOf(
  { docker, host, stateDirectory, logSize = containerLogSize }: UsageOptions,
  { pod, observed }: MeasuredPod,
): Promise<StorageUsed> {
  const [volumes, containers] = [new Map<string, number>(), new Map<string, number>()]
  const directory = join(stateDirectory, 'pods', pod.metadata.uid, 'volumes', 'kubernetes.io~empty-dir')
  for (const { name } of scratchVolumes(pod)) {
    // A file may go while it is counted: what the rest comes to is told all the same.
    const { stdout } = await host.run('sh', ['-c', 'du -sB1 -- "$1" || true', 'du', join(directory, name)])
    volumes.set(name, Number(/^\d+/.exec(stdout)?.[0] ?? 0))
  }
  for (const { id, name } of observed.filter(({ state }) => state === 'running')) {
    const container = docker.getContainer(id) as SizedContainer
    const [{ SizeRw = 0 }, log] = await Promise.all([container.inspect({ size: true }), logSize(id)])
    containers.set(name, SizeRw + log.bytes)
  }
  return { volumes, containers }
}

/** What pods use of the disk, one after the other: they are many, and the disk is one. */
export async function storageUsages(options: UsageOptions, pods: readonly MeasuredPod[]): Promise<PodUsage[]> {
  const usages: PodUsage[] = []
  for (const one of pods) {
    const { volumes, containers } = await storageOf(options, one)
    usages.push({ pod: one.pod, used: sum(volumes.values()) + sum(containers.values()), containers })
  }
  return usages
}

/** What pods use of the memory; one that nothing runs of uses none. */
export async function memoryUsages(sources: UsageSources, pods: readonly MeasuredPod[]): Promise<PodUsage[]> {
  const measured = await measurePods(sources)
  return pods.map(({ pod }) => {
    const own = measured.containers.filter((one) => one.pod.uid === pod.metadata.uid)
    const containers = new Map(own.map(({ name = '', workingSet }) => [name, workingSet]))
    return { pod, used: measured.pods.get(pod.metadata.uid)?.workingSet ?? 0, containers }
  })
}

/** How many processes and threads pods have. */
export async function processUsages(
  { host }: Pick<UsageOptions, 'host'>,
  pods: readonly MeasuredPod[],
): Promise<PodUsage[]> {
  const read = (path: string): Promise<string> => host.readFile(path)
  return Promise.all(
    pods.map(async ({ pod, observed }) => {
      const running = observed.filter(({ state }) => state === 'running')
      const counts = await Promise.all(running.map(({ group }) => groupProcesses(read, group)))
      return { pod, used: sum(counts.map((count) => count ?? 0)), containers: new Map<string, number>() }
    }),
  )
}

function sum(amounts: Iterable<number>): number {
  let total = 0
  for (const amount of amounts) total += amount
  return total
}
