import type { ContainerCreateOptions, HostConfig } from 'dockerode'
import { labelsOf, namesOf } from './names.ts'

/** What an engine grants its containers. */
export type NodeRights = 'privileged' | 'capabilities'

/** All that Docker is told of a node's container. */
export interface NodeContainerOptions {
  cluster: string
  node: string
  image: string
  address: string
  /** Folder with agent and supervisor on the engine's machine. */
  bundle: string
  /** `privileged` where the engine grants it, else every capability it has, one by one. */
  mode: NodeRights
  /** `/lib/modules` exists on the engine's machine. */
  modules: boolean
  /** Set where nodes reach the desktop through host.docker.internal (not Linux). */
  hostGateway: boolean
}

/**
 * What the engine is asked to create for a node. Docker-in-Docker wants a machine-like container: writable cgroups, no masked
 * paths, devices. `capabilities` gives the same where CAP_SYS_RESOURCE is not to be had and `Privileged` is therefore refused.
 */
export function nodeContainer(options: NodeContainerOptions): ContainerCreateOptions {
  const { cluster, node, image, address, bundle, mode, modules, hostGateway } = options
  const names = namesOf(cluster)
  const binds = [
    `${names.dockerVolume(node)}:/var/lib/docker`,
    `${names.kubeletVolume(node)}:/var/lib/kubelet`,
    `${names.sharedVolume}:/var/lib/drydock/volumes`,
    `${bundle}:/drydock:ro`,
    ...(modules ? ['/lib/modules:/lib/modules:ro'] : []),
  ]
  return {
    name: names.container(node),
    Hostname: node,
    Image: image,
    Labels: { ...labelsOf(cluster, 'node', node) },
    Env: ['container=docker'],
    StopSignal: 'SIGTERM',
    HostConfig: hostConfig({
      Binds: binds,
      Tmpfs: { '/run': 'exec', '/tmp': 'exec' },
      RestartPolicy: { Name: 'unless-stopped' },
      CgroupnsMode: 'private' as const,
      ...(mode === 'privileged' ? { Privileged: true } : explicitRights),
      ...(hostGateway ? { ExtraHosts: ['host.docker.internal:host-gateway'] } : {}),
      LogConfig: { Type: 'json-file', Config: { 'max-size': '5m', 'max-file': '2' } },
    }),
    NetworkingConfig: {
      EndpointsConfig: { [names.network]: { IPAMConfig: { IPv4Address: address } } },
    },
  }
}

/** The typings of dockerode know no `CgroupnsMode`. */
const hostConfig = (config: HostConfig & { CgroupnsMode: 'private' | 'host' }): HostConfig => config

/** All that `Privileged` gives but CAP_SYS_RESOURCE. */
const explicitRights = {
  CapAdd: ['ALL'],
  CapDrop: ['SYS_RESOURCE'],
  SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
  MaskedPaths: [] as string[],
  ReadonlyPaths: [] as string[],
  DeviceCgroupRules: ['a *:* rwm'],
  Devices: [{ PathOnHost: '/dev/kmsg', PathInContainer: '/dev/kmsg', CgroupPermissions: 'rwm' }],
}

/** Whether a failure to start means that the engine may not grant `Privileged`. */
export function refusesPrivileged(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error)
  return /operation not permitted|permission denied|privileged mode is (disabled|incompatible)|unable to apply caps/i.test(
    message,
  )
}
