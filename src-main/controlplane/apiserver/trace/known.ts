import type { Service } from '#types/core/v1'
import { endpointsIn, type Facts, isPodReady } from './facts.ts'
import type { Followed } from './follow.ts'
import type { TracePlan } from './plan.ts'
import { redacted } from './redact.ts'

/** The service that the packet was for, and what it has behind it. */
export interface KnownService {
  /** `namespace/name`. */
  name: string
  clusterIp: string
  ports: string[]
  /** `key=value,…`; empty without a selector. */
  selector: string
  ready: number
  /** Pods that it selects, and those of them that are not ready; absent without a selector. */
  selected?: { all: number; unready: string[] }
}

/** What the API adds to what nodes saw, as far as the user may see it. */
export interface Known {
  plan: TracePlan
  followed: Followed
  service?: KnownService
  /** `namespace/name` of the pod with the endpoint's address. */
  endpointPod?: string
  /** Namespaces that have a service of the name that was not found. */
  elsewhere: string[]
}

/** Whether the user may see an object. */
export type MaySee = (resource: string, namespace: string, name: string) => Promise<boolean>

/** All that is told of a packet's way, beside the packet itself: only what `maySee` lets the asker read. */
export async function gather(plan: TracePlan, followed: Followed, facts: Facts, maySee: MaySee): Promise<Known> {
  const { probe, arrival } = followed
  const known: Known = { plan, followed, elsewhere: [] }
  const service = plan.service ?? (probe?.address ? await facts.serviceAt(probe.address) : undefined)
  if (service && (await maySee('services', service.metadata.namespace ?? '', service.metadata.name)))
    known.service = await describe(service, facts, maySee)
  const pod = arrival?.pod
  if (pod && (await maySee('pods', pod.namespace, pod.name))) known.endpointPod = `${pod.namespace}/${pod.name}`
  const isNodeSeen = !pod && arrival !== undefined && (await maySee('nodes', '', arrival.node))
  const endpoint = known.endpointPod !== undefined || isNodeSeen
  known.followed = redacted(followed, { service: known.service !== undefined, endpoint })
  if (probe?.name && probe.address === undefined) known.elsewhere = await namesakes(plan, facts, maySee)
  return known
}

async function describe(service: Service, facts: Facts, maySee: MaySee): Promise<KnownService> {
  const { metadata, spec } = service
  const { ready } = endpointsIn(await facts.slices(service))
  const described: KnownService = {
    name: `${metadata.namespace}/${metadata.name}`,
    clusterIp: spec.clusterIP ?? '',
    ports: (spec.ports ?? []).map(({ port, name }) => (name ? `${port} (${name})` : String(port))),
    selector: Object.entries(spec.selector ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    ready: ready.length,
  }
  const pods = await facts.selected(service)
  if (!pods) return described
  const unready = pods.filter((pod) => !isPodReady(pod)).map((pod) => pod.metadata.name)
  const seen = await Promise.all(unready.map((name) => maySee('pods', metadata.namespace ?? '', name)))
  return { ...described, selected: { all: pods.length, unready: unready.filter((_, at) => seen[at]) } }
}

/** Of `web`, `web.shop` or `web.shop.svc…` the first part is a service's name. */
async function namesakes({ probe }: TracePlan, facts: Facts, maySee: MaySee): Promise<string[]> {
  const [name = ''] = probe.host.split('.')
  const found = await facts.namesakes(name)
  const seen = await Promise.all(found.map(({ metadata }) => maySee('services', metadata.namespace ?? '', name)))
  return found.flatMap(({ metadata }, at) => (seen[at] ? [metadata.namespace ?? ''] : [])).sort()
}
