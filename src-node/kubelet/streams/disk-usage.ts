import type Dockerode from 'dockerode'
import type { Pod, Volume } from '#types/core/v1'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { Host } from '../../host/index.ts'
import { containerLabels } from '../plan/naming.ts'
import { ephemeralClaimName } from '../volumes/persistent-volume-claim.ts'
import type { CsiVolumeStats } from '../csi/stats.ts'
import { containerLogSize } from './container-logs.ts'
import { type DirectorySize, directorySizes } from './directory-sizes.ts'

type Disk = Awaited<ReturnType<Host['disk']>>

/** A volume of a pod that is set up here. */
export interface VolumeUse extends DirectorySize {
  name: string
  /** The claim that it is of, in the pod's namespace. */
  claim?: string | undefined
  /** Whether it is a directory of the node's own disk that goes with the pod. */
  scratch: boolean
  /** The file system that it lies on. */
  disk: Disk
}

/** What containers and volumes have on the node's disk. */
export interface DiskUse {
  /** Milliseconds since the epoch at which that was so. */
  at: number
  /** By id: bytes that a container has written over its image, and its logs. */
  containers: ReadonlyMap<string, { written: number; logs: DirectorySize }>
  /** By the uid of their pods. */
  volumes: ReadonlyMap<string, readonly VolumeUse[]>
}

/** A pod whose volumes are set up here, with their paths by name. */
export interface MountedPod {
  pod: Pod
  paths: ReadonlyMap<string, string>
}

/** What measuring disks takes: it is slow, so an answer serves for a while. */
export interface DiskUsageOptions {
  docker: Dockerode
  host: Pick<Host, 'run' | 'disk'>
  clock: Clock
  mounted(): readonly MountedPod[]
  /** What the CSI driver of the volume at a path says of the room in it; without it, or where it answers nothing, such volumes are not told of. */
  ofDriver?(path: string): Promise<CsiVolumeStats | undefined>
  log(message: string): void
  /** Default {@link containerLogSize}. */
  logSize?(id: string): Promise<DirectorySize>
}

/** Milliseconds that a look is good for (`volumeStatsAggPeriod`): all files of all volumes are counted for it. */
const FRESH = 60_000

/**
 * Measures the disk on demand. Who asks later than that gets what was known and has it measured anew for the next; only the first waits. Files come and
 * go meanwhile: what is told is about right.
 */
export function createDiskUsage(options: DiskUsageOptions): () => Promise<DiskUse> {
  let known: DiskUse | undefined
  let running: Promise<DiskUse> | undefined
  const measured = (): Promise<DiskUse> => {
    running ??= measure(options)
      .then((use) => (known = use))
      .finally(() => (running = undefined))
    return running
  }
  return () => {
    if (!known) return measured()
    if (options.clock.now() - known.at >= FRESH)
      measured().catch((error: unknown) => options.log(`measuring the disk: ${String(error)}`))
    return Promise.resolve(known)
  }
}

/** A container as the engine lists it with sizes; the client's own types do not know of that. */
interface Sized {
  Id: string
  SizeRw?: number
}

async function measure(options: DiskUsageOptions): Promise<DiskUse> {
  const { docker, host, clock, mounted, logSize = containerLogSize } = options
  const at = clock.now()
  const sized = { filters: { label: [containerLabels.uid] }, size: true } as Parameters<Dockerode['listContainers']>[0]
  const containers = (await docker.listContainers(sized)) as Sized[]
  const pods = mounted().map(({ pod, paths }) => ({ pod, volumes: reported(pod, paths) }))
  const own = pods.flatMap(({ volumes }) => volumes.map(({ path }) => path)).filter((path) => !isDrivers(path))
  const [sizes, logs] = await Promise.all([
    directorySizes(host, own),
    Promise.all(containers.map(({ Id }) => logSize(Id))),
  ])
  const volumes = await Promise.all(
    pods.map(async (one): Promise<[string, VolumeUse[]]> => {
      const uses = one.volumes.map(async ({ path, ...volume }): Promise<VolumeUse[]> => {
        if (isDrivers(path)) return told(options, volume, path)
        const size = sizes.get(path)
        return size ? [{ ...volume, ...size, disk: await host.disk(path) }] : []
      })
      return [one.pod.metadata.uid, (await Promise.all(uses)).flat()]
    }),
  )
  return {
    at,
    containers: new Map(containers.map(({ Id, SizeRw = 0 }, i) => [Id, { written: SizeRw, logs: logs[i]! }])),
    volumes: new Map(volumes),
  }
}

/** What its driver tells of a volume. */
async function told(
  { ofDriver, log }: DiskUsageOptions,
  volume: Omit<Reported, 'path'>,
  path: string,
): Promise<VolumeUse[]> {
  try {
    const stats = await ofDriver?.(path)
    if (!stats) return []
    const { total, free, used, inodes } = stats
    return [{ ...volume, bytes: used, inodes: inodes?.used ?? 0, disk: { total, free, ...(inodes ? { inodes } : {}) } }]
  } catch (error) {
    log(`measuring ${path}: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

type Reported = Pick<VolumeUse, 'name' | 'claim' | 'scratch'> & { path: string }

/** Reading from a server that does not answer would never end. */
const isFar = (path: string): boolean => path.includes('/kubernetes.io~nfs/')

/** Of a CSI driver, which knows what of it is used, and may be far, too. */
const isDrivers = (path: string): boolean => path.includes('/kubernetes.io~csi/')

/** The volumes that are told of: what the kubelet has made itself, and claims; devices have no files. */
function reported(pod: Pod, paths: ReadonlyMap<string, string>): Reported[] {
  const devices = new Set(pod.spec.containers.flatMap((one) => one.volumeDevices ?? []).map(({ name }) => name))
  return (pod.spec.volumes ?? []).flatMap((volume): Reported[] => {
    const { name, emptyDir } = volume
    const path = paths.get(name)
    if (path === undefined || volume.hostPath || volume.image || devices.has(name) || isFar(path)) return []
    const scratch = emptyDir !== undefined && emptyDir.medium !== 'Memory'
    return [{ name, claim: claimOf(pod, volume), scratch, path }]
  })
}

const claimOf = (pod: Pod, volume: Volume): string | undefined =>
  volume.ephemeral ? ephemeralClaimName(pod, volume) : volume.persistentVolumeClaim?.claimName
