import type { Node, Pod, Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import { networkHas } from '../../../../src-kube/machinery/ipv4.ts'
import type { ObjectReader } from '../../admission/admission.ts'

/** What the API has to say of the ends of a packet. Read anew for each trace. */
export interface Facts {
  pod(namespace: string, name: string): Promise<Pod | undefined>
  node(name: string): Promise<Node | undefined>
  nodes(): Promise<Node[]>
  service(namespace: string, name: string): Promise<Service | undefined>
  /** The service that has an address as its cluster IP. */
  serviceAt(address: string): Promise<Service | undefined>
  /** Services of one name, in any namespace. */
  namesakes(name: string): Promise<Service[]>
  slices(service: Service): Promise<EndpointSlice[]>
  /** Pods that a service selects; undefined for one without a selector. */
  selected(service: Service): Promise<Pod[] | undefined>
}

/** The objects that a trace speaks of, read as they are now. */
export function factsOf(read: ObjectReader): Facts {
  const list = async <T>(group: string, resource: string, namespace?: string): Promise<T[]> =>
    (await read.list(group, resource, namespace)) as T[]
  const get = async <T>(resource: string, namespace: string, name: string): Promise<T | undefined> =>
    (await read.get('', resource, namespace, name)) as T | undefined
  return {
    pod: (namespace, name) => get<Pod>('pods', namespace, name),
    node: (name) => get<Node>('nodes', '', name),
    nodes: () => list<Node>('', 'nodes'),
    service: (namespace, name) => get<Service>('services', namespace, name),
    serviceAt: async (address) => (await list<Service>('', 'services')).find(({ spec }) => spec.clusterIP === address),
    namesakes: async (name) => (await list<Service>('', 'services')).filter(({ metadata }) => metadata.name === name),
    async slices({ metadata }) {
      const all = await list<EndpointSlice>('discovery.k8s.io', 'endpointslices', metadata.namespace)
      return all.filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name)
    },
    async selected({ metadata, spec }) {
      const wanted = Object.entries(spec.selector ?? {})
      if (wanted.length === 0) return undefined
      const pods = await list<Pod>('', 'pods', metadata.namespace)
      return pods.filter((pod) => wanted.every(([key, value]) => pod.metadata.labels?.[key] === value))
    },
  }
}

export const internalIp = (node: Node | undefined): string =>
  node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? ''

/** The node that an address belongs to: its own, or one of its pods' range; undefined for one outside of the cluster. */
export const nodeOfAddress = (nodes: readonly Node[], address: string): Node | undefined =>
  nodes.find((node) => internalIp(node) === address) ??
  nodes.find(({ spec }) => spec?.podCIDR !== undefined && networkHas(spec.podCIDR, address))

/** Addresses that a packet from one of a node's pods, or from itself, may have as its source once it is under way. */
export function sourcesOn(node: Node | undefined, address: string): string[] {
  const [network = ''] = (node?.spec?.podCIDR ?? '').split('/')
  // The overlay's device has the first address of the range, the bridge the one after.
  const own = network ? [network, network.replace(/\d+$/, (last) => String(Number(last) + 1))] : []
  return [...new Set([address, internalIp(node), ...own].filter((one) => one !== ''))]
}

/** Endpoints of a service that take connections, and how many it has in all. */
export function endpointsIn(slices: readonly EndpointSlice[]): { ready: string[]; nodes: string[]; all: number } {
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? [])
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false)
  const nodes = endpoints.flatMap(({ nodeName }) => nodeName ?? [])
  return { ready: ready.flatMap(({ addresses }) => addresses), nodes: [...new Set(nodes)], all: endpoints.length }
}

export const isPodReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

/** Annotations of flannel's lease (flannel, "Annotations"). */
export const leaseOf = (node: Node | undefined): { address: string; mac: string } => {
  const annotations = node?.metadata.annotations ?? {}
  const data = annotations['flannel.alpha.coreos.com/backend-data'] ?? ''
  return {
    address: annotations['flannel.alpha.coreos.com/public-ip'] ?? '',
    mac: /"VtepMAC":"([^"]+)"/.exec(data)?.[1] ?? '',
  }
}
