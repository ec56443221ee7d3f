import { existsSync, readFileSync } from 'node:fs'
import type Docker from 'dockerode'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { adminTransport } from './api.ts'
import { DataDirectory, type HostRecord } from './data-directory.ts'
import { connectEngine } from './docker/engine.ts'
import { checkRoom } from './docker/room.ts'
import { DockerProvider } from './docker/docker-provider.ts'
import { nodeImageTag } from './docker/node-image.ts'
import { adminAccess, type AdminAccess } from './kubeconfig.ts'
import { networkModes } from './network-modes.ts'
import { NodeOperations } from './node-operations.ts'
import { CLUSTER_CIDR, CLUSTER_DNS, CLUSTER_DOMAIN, SERVICE_CIDR } from './networks.ts'
import { resources } from './resources.ts'
import { UserError } from './user-error.ts'

/** A cluster that another process hosts, seen from its data directory. */
export interface AttachedCluster {
  directory: DataDirectory
  host: HostRecord
  access: AdminAccess
  api: HttpTransport
}

/** The data directory of an existing cluster; a clear error when there is none of that name. */
export function existingCluster(name: string, data?: string): DataDirectory {
  const directory = new DataDirectory(name, data)
  if (!directory.exists)
    throw new UserError(`There is no cluster "${name}".`, `Create it with \`drydock up --name ${name}\`.`)
  return directory
}

/** A cluster that another process runs, as its administrator. Throws `UserError` when there is no such cluster or it is not running. */
export function attach(name: string, data?: string): AttachedCluster {
  const directory = existingCluster(name, data)
  const host = directory.host()
  if (!host || !existsSync(directory.file('kubeconfig'))) {
    throw new UserError(`Cluster "${name}" is not running.`, `Start it with \`drydock up --name ${name}\`.`)
  }
  const access = adminAccess(readFileSync(directory.file('kubeconfig'), 'utf8'))
  return { directory, host, access, api: adminTransport(access) }
}

/** The nodes' provider, without starting anything. */
export async function providerOf(name: string): Promise<{ docker: Docker; provider: DockerProvider }> {
  const docker = await connectEngine()
  const provider = new DockerProvider({
    docker,
    cluster: name,
    image: nodeImageTag(resources.node),
    bundle: resources.agent,
  })
  return { docker, provider }
}

/** Node verbs on a cluster that another process hosts. */
export async function attachedOperations(
  name: string,
  attached: AttachedCluster,
  log: (line: string) => void,
): Promise<NodeOperations> {
  if (attached.host.alone) {
    throw new UserError(
      `Cluster "${name}" runs without nodes: none can join.`,
      `Start it anew with nodes: \`drydock down --name ${name}\`, then \`drydock up --name ${name} --nodes 1\`.`,
    )
  }
  const { docker, provider } = await providerOf(name)
  const { gateway } = await provider.ensureNetwork()
  const port = new URL(attached.access.server).port
  const hosts = process.platform === 'linux' ? [gateway] : ['host.docker.internal', gateway]
  const shared = {
    cluster: name,
    servers: hosts.map((host) => `https://${host}:${port}`),
    ca: attached.access.ca,
    token: attached.directory.settings(name).token ?? '',
    clusterDns: CLUSTER_DNS,
    clusterDomain: CLUSTER_DOMAIN,
    clusterCidr: CLUSTER_CIDR,
    serviceCidr: SERVICE_CIDR,
    ...networkModes({}, attached.directory.settings(name).network),
  }
  return new NodeOperations({ provider, api: attached.api, shared, log, checkRoom: () => checkRoom(docker, 1) })
}
