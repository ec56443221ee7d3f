import type Dockerode from 'dockerode'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { containerUsage, type Host } from '../../host/index.ts'
import { LABEL, SANDBOX } from '../plan/naming.ts'
import { linkOf } from '../runtime/pod-network.ts'
import { type Link, podLinks } from './links.ts'

/** What a container has used, as the kernel counts it. */
export interface Used {
  /** Nanoseconds of processor time since it started. */
  cpu: number
  /** Nanoseconds a second just now; 0 where only one sample was taken. */
  rate: number
  /** Bytes, with caches of files. */
  memory: number
  /** Bytes without the caches that the kernel may drop at once. */
  workingSet: number
  /** Bytes that no file stands behind. */
  rss: number
  pageFaults: number
  majorPageFaults: number
}

export interface MeasuredContainer extends Used {
  id: string
  image: string
  /** The engine's name for it. */
  called: string
  pod: { name: string; namespace: string; uid: string }
  /** Of the pod's container; undefined for its sandbox. */
  name: string | undefined
  /** Milliseconds since the epoch. */
  createdAt: number
  /** Bytes that it may use; the machine's own where nothing limits it. */
  limit: number
  /** Of the sandbox: what its network has carried. */
  carried: Link[]
}

/** Where usage is read: containers from the engine, the node from its own files. */
export interface UsageSources {
  docker: Dockerode
  host: Pick<Host, 'readFile' | 'facts'>
}

/** Milliseconds between two samples. */
const WINDOW = 1000

/**
 * What the containers of pods that run here use, from their control groups. With a clock a second sample, a second later, gives rates; without one
 * there are none. Containers that end meanwhile are left out.
 */
export async function measureContainers({ docker, host }: UsageSources, clock?: Clock): Promise<MeasuredContainer[]> {
  const read = (path: string): Promise<string> => host.readFile(path)
  const containers = await docker.listContainers({ filters: { label: [LABEL.uid] } })
  const sample = () => Promise.all(containers.map(({ Id }) => containerUsage(read, Id)))
  const [links, machine, before] = await Promise.all([read('/proc/net/dev'), host.facts(), sample()])
  const began = clock?.monotonic() ?? 0
  if (clock) await new Promise<void>((resolve) => clock.after(WINDOW, resolve))
  const now = clock ? await sample() : before
  const seconds = clock ? (clock.monotonic() - began) / 1000 : Infinity
  const carried = podLinks(links)
  return containers.flatMap(({ Id, Image, Names, Labels, Created }, i): MeasuredContainer[] => {
    const used = now[i]
    if (!used) return []
    const { cpu, memory, rss, pageFaults, majorPageFaults } = used
    const name = Labels[LABEL.container]
    const link = name === SANDBOX ? carried.get(linkOf(Id)) : undefined
    return [
      {
        id: Id,
        cpu,
        rate: Math.max(0, (cpu - (before[i]?.cpu ?? cpu)) / seconds),
        memory,
        workingSet: Math.max(0, memory - used.inactiveFiles),
        rss,
        pageFaults,
        majorPageFaults,
        pod: {
          name: Labels[LABEL.pod] ?? '',
          namespace: Labels[LABEL.namespace] ?? '',
          uid: Labels[LABEL.uid] ?? '',
        },
        name: name === SANDBOX ? undefined : name,
        createdAt: Created * 1000,
        image: Image,
        called: Names[0]?.replace(/^\//, '') ?? '',
        limit: Math.min(used.limit, machine.memory),
        carried: link ? [link] : [],
      },
    ]
  })
}
