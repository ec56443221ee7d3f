import { type Clock, systemClock } from '../../../../../src-kube/machinery/clock.ts'
import type { KubeObject } from '../../../../../src-kube/machinery/meta.ts'
import type { TraceDocument, TraceRequest } from '../../../../../src-wire/trace/document.ts'
import type { NodeConnection, NodeTunnels } from '../../../../../src-wire/node/node-connection.ts'
import type {
  ArrivalReport,
  FlowTrack,
  ProbeReport,
  TraceServices,
  WatchStep,
} from '../../../../../src-wire/trace/steps.ts'
import type { ObjectReader } from '../../../admission/admission.ts'
import { traceDocument } from '../index.ts'
import type { MaySee } from '../known.ts'

const node = (at: number): unknown => ({
  metadata: {
    name: `n${at}`,
    annotations: {
      'flannel.alpha.coreos.com/public-ip': `172.28.0.1${at}`,
      'flannel.alpha.coreos.com/backend-data': `{"VNI":1,"VtepMAC":"0e:d0:ac:1c:00:0${at}"}`,
    },
  },
  spec: { podCIDR: `10.244.${at}.0/24` },
  status: { addresses: [{ type: 'InternalIP', address: `172.28.0.1${at}` }] },
})

export const pod = (name: string, ip: string, nodeName: string, { ready = true } = {}): Record<string, unknown> => ({
  metadata: { name, namespace: 'shop', uid: name, labels: { app: name.split('-')[0]! } },
  spec: { nodeName, containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }] },
  status: { podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})

export const service = (name: string, spec: Record<string, unknown>): Record<string, unknown> => ({
  metadata: { name, namespace: 'shop' },
  spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }], selector: { app: name }, ...spec },
})

export const slice = (of: string, ip: string, nodeName: string): Record<string, unknown> => ({
  metadata: { name: `${of}-1`, namespace: 'shop', labels: { 'kubernetes.io/service-name': of } },
  endpoints: [{ addresses: [ip], nodeName, conditions: { ready: true } }],
})

/** The connection of a probe from 10.244.1.5 to the service 10.96.0.7, which 10.244.2.7:8080 answers. */
export const flow: FlowTrack = {
  protocol: 'tcp',
  state: 'ESTABLISHED',
  unreplied: false,
  reset: false,
  original: { source: '10.244.1.5', sourcePort: 61001, target: '10.96.0.7', targetPort: 80 },
  reply: { source: '10.244.2.7', sourcePort: 8080, target: '10.244.1.5', targetPort: 61001 },
}

const hit = (chain: string, target: string) => ({ table: 'nat' as const, chain, target, grew: 1 })
const evidence = (command: string) => [{ command, lines: ['a line'] }]

/** What the source's node tells of a packet that is answered. */
export const good: ProbeReport = {
  node: 'n1',
  source: { address: '10.244.1.5', hostNetwork: false, link: 'vetha' },
  name: {
    server: '10.96.0.10',
    search: ['shop.svc.cluster.local'],
    ndots: 5,
    queries: [{ name: 'web.shop.svc.cluster.local', result: 'found', addresses: ['10.96.0.7'], aliases: [], ms: 1 }],
    address: '10.96.0.7',
  },
  address: '10.96.0.7',
  attempt: { sourcePort: 61001, outcome: 'connected', ms: 1.25, words: '' },
  flow,
  rules: {
    way: [hit('KUBE-SERVICES', 'KUBE-SVC-A'), hit('KUBE-SVC-A', 'KUBE-SEP-A'), hit('KUBE-SEP-A', 'DNAT')],
    endpoint: { address: '10.244.2.7', port: 8080 },
  },
  route: { kind: 'unicast', device: 'flannel.1', gateway: '10.244.2.0' },
  overlay: {
    device: 'flannel.1',
    vni: 1,
    port: 8472,
    gateway: '10.244.2.0',
    mac: '0e:d0:ac:1c:00:02',
    peer: '172.28.0.12',
  },
  evidence: { flow: evidence('conntrack -E'), rules: evidence('iptables-save'), attempt: evidence('socat') },
}

/** What the endpoint's node tells of it. */
export const come: ArrivalReport = {
  node: 'n2',
  flow: { ...flow, original: { ...flow.original, target: '10.244.2.7', targetPort: 8080 }, began: 5, answered: 5.5 },
  route: { kind: 'unicast', device: 'docker0' },
  neighbour: { mac: '02:42:0a:f4:02:07', state: 'REACHABLE' },
  bridgePort: 'vethb',
  pod: { namespace: 'shop', name: 'web-1' },
  listening: [{ address: '0.0.0.0', port: 8080 }],
  evidence: { flow: evidence('conntrack -E') },
}

export interface World {
  probe: Partial<ProbeReport>
  arrival: Partial<ArrivalReport>
  objects: Record<string, unknown[]>
  /** Nodes that are connected. */
  there: string[]
  /** What cannot be seen: `resource/name`. */
  hidden: string[]
  watched: WatchStep[]
  unwatched: string[]
  /** Steps that fail, or are never answered. */
  failures: Partial<Record<keyof TraceServices, Error | 'silent'>>
  clock: Clock
}

/** Two pods of `shop`, `client` on n1 and `web-1` on n2, and the service `web`. */
export const world = (changes: Partial<World> = {}): World => ({
  probe: {},
  arrival: {},
  objects: {
    nodes: [node(1), node(2), node(3)],
    pods: [pod('client', '10.244.1.5', 'n1'), pod('web-1', '10.244.2.7', 'n2')],
    services: [service('web', { clusterIP: '10.96.0.7' })],
    endpointslices: [slice('web', '10.244.2.7', 'n2')],
  },
  there: ['n1', 'n2', 'n3'],
  hidden: [],
  watched: [],
  unwatched: [],
  failures: {},
  clock: systemClock,
  ...changes,
})

/** Replaces what is told with `undefined` by nothing at all. */
const told = <T extends object>(base: T, changes: Partial<T>): T =>
  Object.fromEntries(Object.entries({ ...base, ...changes }).filter(([, value]) => value !== undefined)) as T

export function tunnelsOf({ probe, arrival, there, watched, unwatched, failures }: World): NodeTunnels {
  const answer = <T>(step: keyof TraceServices, report: T): Promise<T> => {
    const failure = failures[step]
    if (failure === 'silent') return new Promise<T>(() => {})
    return failure ? Promise.reject(failure) : Promise.resolve(report)
  }
  const trace: TraceServices = {
    probe: () => answer('probe', told(good, probe)),
    arrival: () => answer('arrival', told(come, arrival)),
    watch: (step) => answer('watch', void watched.push(step)),
    unwatch: ({ id }) => {
      unwatched.push(id)
      return answer('unwatch', undefined)
    },
  }
  return {
    has: (name) => there.includes(name),
    get: (name) => ({ node: name, trace }) as NodeConnection,
    list: () => there,
  }
}

export const readOf = ({ objects }: World): ObjectReader => ({
  get: (_group, resource, namespace, name) =>
    Promise.resolve(
      (objects[resource] as KubeObject[] | undefined)?.find(
        ({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace,
      ),
    ),
  list: (_group, resource) => Promise.resolve((objects[resource] ?? []) as KubeObject[]),
})

export const request: TraceRequest = {
  source: { kind: 'pod', namespace: 'shop', name: 'client' },
  destination: { kind: 'service', namespace: 'shop', name: 'web' },
}

/** The answer to a request in a world, and its stations in short. */
export async function traced(
  changes: Partial<World> = {},
  asked: Partial<TraceRequest> = {},
): Promise<TraceDocument & { said: string }> {
  const made = world(changes)
  const maySee: MaySee = (resource, _, name) => Promise.resolve(!made.hidden.includes(`${resource}/${name}`))
  const context = { read: readOf(made), tunnels: tunnelsOf(made), clock: made.clock }
  const document = await traceDocument({ ...request, ...asked }, context, maySee)
  return { ...document, said: document.hops.map(({ id, said }) => `${id} ${said}`).join(', ') }
}
