import type Dockerode from 'dockerode'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import {
  controlGroupUsage,
  type GroupPressure,
  groupPressure,
  groupProcesses,
  type Host,
  processCounts,
} from '../../host/index.ts'
import type { DiskUse } from './disk-usage.ts'
import { fileSystem } from './file-system-stats.ts'
import { carriedBy, nodeLinks } from './links.ts'
import { add, type FurtherFacts, podStats, type PodStats, usageOf } from './pod-stats.ts'
import { withPressure } from './pressure-stats.ts'
import { engineProcesses, processUse, type ProcessUse } from './system-containers.ts'
import { type Measured, measurePods, unused, type Used } from './usage.ts'

/** What `/stats/summary` is measured by. */
export interface StatsOptions {
  docker: Dockerode
  host: Pick<Host, 'run' | 'readFile' | 'disk' | 'facts'>
  nodeName: string
  clock: Clock
  diskUse(): Promise<DiskUse>
}

/** How much of `/stats/summary` is asked for. */
export interface SummaryOptions {
  /** Leaves out what takes longer to measure than processors and memory (`only_cpu_and_memory`). */
  onlyCpuAndMemory?: boolean | undefined
}

/** The disk that images, containers and volumes are on. */
const DISK = '/var/lib/docker'
/** Milliseconds between two samples: as many as the engine leaves between those of a container. */
const WINDOW = 1000

/**
 * `stats/summary` of the kubelet API (kubernetes.io, "Node metrics data"), from the control groups of each container, of each pod and of the node, and its disk.
 */
export function createStatsSummary(options: StatsOptions): (asked?: SummaryOptions) => Promise<unknown> {
  const { docker, host, nodeName, clock } = options
  return async ({ onlyCpuAndMemory = false } = {}) => {
    const [measured, node, { memory }, rest] = await Promise.all([
      measurePods({ docker, host }, { clock }),
      nodeUsage(host, clock),
      host.facts(),
      onlyCpuAndMemory ? undefined : nodeRest(options),
    ])
    const time = new Date(clock.now()).toISOString()
    const whole = { nodeName, ...usageOf(node, time, memory) }
    if (!rest) return { node: whole, pods: podStats(measured, time) }
    const fs = fileSystem(rest.disk, time)
    const [processes, pressures] = await Promise.all([processesOf(host, measured), pressuresOf(host, measured)])
    const further: FurtherFacts = { disk: rest.use, fs, processes, pressures }
    const pods = podStats(measured, time, further)
    const { counts } = rest
    return {
      node: {
        ...withPressure(whole, rest.pressure, time),
        ...(rest.startedAt === undefined ? {} : { startTime: new Date(rest.startedAt).toISOString() }),
        systemContainers: [...rest.system.map((one) => systemStats(one, time)), podsStats(pods, time)],
        ...(rest.links[0] ? { network: { time, ...rest.links[0], interfaces: rest.links } } : {}),
        fs,
        runtime: { imageFs: fs, containerFs: fs },
        ...(counts ? { rlimit: { time, maxpid: counts.most, curproc: counts.running } } : {}),
      },
      pods,
    }
  }
}

/** What is told of the node besides its processors and memory. */
async function nodeRest({ host, clock, diskUse }: StatsOptions) {
  const read = (path: string): Promise<string> => host.readFile(path)
  const [disk, use, counts, links, system, first, pressure] = await Promise.all([
    host.disk(DISK),
    diskUse(),
    processCounts(read),
    read('/proc/net/dev').then((table) => nodeLinks(table).map(carriedBy)),
    systemUse(host, clock),
    processUse(host, ['1']),
    groupPressure(read, ''),
  ])
  return { disk, use, counts, links, system, startedAt: first?.startedAt, pressure }
}

async function processesOf(host: Pick<Host, 'readFile'>, { containers }: Measured) {
  const read = (path: string): Promise<string> => host.readFile(path)
  const counts = await Promise.all(
    containers.map(async ({ id, group }): Promise<[string, number]> => [id, (await groupProcesses(read, group)) ?? 0]),
  )
  return new Map(counts)
}

/** By control group, of containers and of pods that have one. */
async function pressuresOf(host: Pick<Host, 'readFile'>, { containers, pods }: Measured) {
  const read = (path: string): Promise<string> => host.readFile(path)
  const groups = [...containers, ...pods.values()].flatMap(({ group }) => (group === undefined ? [] : [group]))
  const told = groups.map(async (group): Promise<[string, GroupPressure]> => [group, await groupPressure(read, group)])
  return new Map(await Promise.all(told))
}

interface SystemUse extends ProcessUse {
  name: 'kubelet' | 'runtime'
  /** Nanoseconds a second just now. */
  rate: number
}

/** This agent, which is more than a kubelet, and the engine. */
async function systemUse(host: StatsOptions['host'], clock: Clock): Promise<SystemUse[]> {
  const sample = () => Promise.all([processUse(host, [String(process.pid)]), engineProcesses(host)])
  const before = await sample()
  const began = clock.monotonic()
  await new Promise<void>((resolve) => clock.after(WINDOW, resolve))
  const now = await sample()
  const seconds = (clock.monotonic() - began) / 1000
  return (['kubelet', 'runtime'] as const).flatMap((name, i) => {
    const [then, use] = [before[i], now[i]]
    return use ? [{ ...use, name, rate: Math.max(0, (use.cpu - (then ?? use).cpu) / seconds) }] : []
  })
}

function systemStats({ name, cpu, rss, rate, startedAt }: SystemUse, time: string) {
  const used = { ...unused, cpu, rate, memory: rss, workingSet: rss, rss }
  return { name, startTime: new Date(startedAt).toISOString(), ...usageOf(used, time) }
}

/** All pods together, which upstream keeps in one control group. */
function podsStats(pods: readonly PodStats[], time: string) {
  const all = { name: 'pods', ...usageOf(unused, time) }
  for (const pod of pods) add(all, pod)
  return all
}

/** What the node uses; its rate is that of the second it takes, whoever asked before and at the same time. */
async function nodeUsage(host: Pick<Host, 'readFile'>, clock: Clock): Promise<Used> {
  const sample = async () => {
    const used = await controlGroupUsage((path) => host.readFile(path))
    return { ...used, at: clock.monotonic() }
  }
  const before = await sample()
  await new Promise<void>((resolve) => clock.after(WINDOW, resolve))
  const { cpu, memory, inactiveFiles, rss, pageFaults, majorPageFaults, at } = await sample()
  const rate = ((cpu - before.cpu) * 1000) / (at - before.at)
  return { cpu, rate, memory, workingSet: memory - inactiveFiles, rss, pageFaults, majorPageFaults }
}
