import type { Container, Pod, Volume, VolumeMount } from '#types/core/v1'
import { ContainerConfigError } from '../plan/config-error.ts'
import { expand } from '../plan/expand.ts'
import { checkSubPath, resolveSubPath } from '../volumes/sub-path.ts'
import type { PodFiles } from './pod-files.ts'

/** One thing of the node that a container sees. */
export interface Mount {
  source: string
  target: string
  readOnly: boolean
  /** Read-only is meant for what is mounted in it too. */
  recursive?: true
  propagation?: 'rshared' | 'rslave'
}

/** A container whose mounts are prepared, with its pod's volumes where they are on the node. */
export interface MountRequest {
  pod: Pod
  container: Container
  attempt: number
  /** Path on the node by volume name. */
  volumes: ReadonlyMap<string, string>
  podIp: string
}

const propagations: Record<string, 'rshared' | 'rslave'> = { Bidirectional: 'rshared', HostToContainer: 'rslave' }

/** What a container mounts: its volumes and, where they leave the place free, the pod's own files. Throws `ContainerConfigError`. */
export async function containerMounts(
  files: PodFiles,
  request: MountRequest,
  env: ReadonlyMap<string, string>,
): Promise<Mount[]> {
  const { pod, container, attempt, podIp } = request
  const own = await Promise.all((container.volumeMounts ?? []).map((mount) => volumeMount(request, mount, env)))
  const taken = new Set(own.map(({ target }) => target))
  const extra = [...(await files.write(pod, podIp)), await files.terminationLog(pod, container, attempt)]
  const readOnlyRoot = container.securityContext?.readOnlyRootFilesystem ?? false
  return [
    ...own,
    ...extra
      .filter(({ target }) => !taken.has(target))
      .map((mount) => ({
        ...mount,
        readOnly: mount.readOnly || (readOnlyRoot && mount.target === '/etc/resolv.conf'),
      })),
  ]
}

async function volumeMount(
  { pod, container, volumes }: MountRequest,
  mount: VolumeMount,
  env: ReadonlyMap<string, string>,
): Promise<Mount> {
  const volume = volumes.get(mount.name)
  if (!volume) {
    throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`)
  }
  const subPath = mount.subPathExpr ? expandSubPath(mount.subPathExpr, env) : (mount.subPath ?? '')
  const made = pod.spec.volumes?.find(({ name }) => name === mount.name)
  const propagation = propagations[mount.mountPropagation ?? 'None']
  return {
    source: subPath ? await partOf({ path: volume, made }, subPath, mount.name, container.name) : volume,
    target: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
    readOnly: mount.readOnly || isReadOnly(made),
    ...(inDepth(mount) ? { recursive: true as const } : {}),
    ...(propagation ? { propagation } : {}),
  }
}

/** `IfPossible` is: every kernel that the node's engine runs on can (kubernetes.io, "Volumes: Recursive read-only mounts"). */
const inDepth = ({ readOnly, recursiveReadOnly = 'Disabled' }: VolumeMount): boolean =>
  readOnly === true && recursiveReadOnly !== 'Disabled'

/** Whether a volume is never a container's to change: what the kubelet writes itself, images, and claims that the pod takes so. */
const isReadOnly = (volume: Volume | undefined): boolean =>
  Boolean(volume?.configMap ?? volume?.secret ?? volume?.downwardAPI ?? volume?.projected ?? volume?.image) ||
  (volume?.persistentVolumeClaim?.readOnly ?? false)

function expandSubPath(expression: string, env: ReadonlyMap<string, string>): string {
  const missing = new Set<string>()
  const expanded = expand(expression, (name) => {
    const value = env.get(name)
    if (!value) missing.add(name)
    return value ?? ''
  })
  if (missing.size === 0) return expanded
  throw new ContainerConfigError(`missing value for ${[...missing].toSorted().join(', ')}`)
}

interface Placed {
  /** On the node. */
  path: string
  made: Volume | undefined
}

async function partOf({ path, made }: Placed, subPath: string, name: string, container: string): Promise<string> {
  try {
    checkSubPath(subPath)
  } catch (error) {
    throw new ContainerConfigError((error as Error).message)
  }
  try {
    return await resolveSubPath(path, subPath)
  } catch (error) {
    // What is in an image is the runtime's matter: it cannot create the container then.
    if (made?.image)
      throw new Error(`subPath ${JSON.stringify(subPath)} not found in image volume "${name}"`, { cause: error })
    // The details stay out of the pod's status: they would tell of the node's own files.
    throw new ContainerConfigError(`failed to prepare subPath for volumeMount "${name}" of container "${container}"`, {
      cause: error,
    })
  }
}
