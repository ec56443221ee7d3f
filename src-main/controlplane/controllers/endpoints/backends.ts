import type { EndpointAddress, ObjectReference, Pod, Service, ServicePort } from '#types/core/v1'
import { byNamespace } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { type ControllerContext, type Watched, watching } from '../../../../src-kube/runtime/controller.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import { equal } from '../equal.ts'
import { isPodReady, isPodTerminal } from '../pods.ts'

/** A port as a backend offers it: the service's name and protocol, the pod's number. */
export interface BackendPort {
  name?: string | undefined
  port: number
  protocol: 'TCP' | 'UDP' | 'SCTP'
  appProtocol?: string | undefined
}

/** A pod behind a service. */
export interface Backend {
  pod: Pod
  ip: string
  ports: BackendPort[]
  hostname: string | undefined
  serving: boolean
  terminating: boolean
}

/** Services whose endpoints controllers make: those with a selector and addresses of their own. */
export function hasBackends({ spec }: Service): boolean {
  return spec?.type !== 'ExternalName' && Object.keys(spec?.selector ?? {}).length > 0
}

/** Whether it has no address of its own: names lead to the pods themselves. */
export function isHeadless({ spec }: Service): boolean {
  return spec?.clusterIP === 'None'
}

/** All pods that a service selects, whatever has become of them. */
export function podsOf(ctx: ControllerContext, service: Service): Pod[] {
  const pods = ctx.informer(refs.pods).list(service.metadata.namespace)
  return pods.filter((pod) => selects(service, pod))
}

/** Of a service's pods those that have an address of the family and have not ended. */
export function backendsOf(service: Service, pods: readonly Pod[], family: string): Backend[] {
  return pods.flatMap((pod) => {
    const ip = isPodTerminal(pod) ? undefined : addressOf(pod, family)
    if (!ip) return []
    const inDomain = pod.spec.subdomain === service.metadata.name
    return [
      {
        pod,
        ip,
        ports: portsOf(service, pod),
        hostname: inDomain ? pod.spec.hostname || undefined : undefined,
        serving: isPodReady(pod),
        terminating: pod.metadata.deletionTimestamp !== undefined,
      },
    ]
  })
}

/** The service's ports resolved against one pod; a named port that the pod lacks is left out. */
function portsOf(service: Service, pod: Pod): BackendPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = resolve(port, pod)
    if (number === undefined) return []
    const { name, appProtocol, protocol = 'TCP' } = port
    return [{ ...(name ? { name } : {}), port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }]
  })
}

function resolve({ targetPort, port, protocol = 'TCP' }: ServicePort, pod: Pod): number | undefined {
  if (targetPort === undefined || targetPort === 0 || targetPort === '') return port
  if (typeof targetPort === 'number') return targetPort
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')
  return [...pod.spec.containers, ...sidecars]
    .flatMap((container) => container.ports ?? [])
    .find((p) => p.name === targetPort && (p.protocol ?? 'TCP') === protocol)?.containerPort
}

function addressOf({ status }: Pod, family: string): string | undefined {
  const all = status?.podIPs?.length ? status.podIPs.map(({ ip }) => ip) : [status?.podIP]
  return all.find((ip) => ip && ip.includes(':') === (family === 'IPv6')) ?? undefined
}

function selects(service: Service, pod: Pod): boolean {
  if (!hasBackends(service)) return false
  return Object.entries(service.spec?.selector ?? {}).every(([k, v]) => pod.metadata.labels?.[k] === v)
}

/** How endpoints name the pod behind an address. */
export function targetRef({ metadata }: Pod): ObjectReference {
  return { kind: 'Pod', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid }
}

/** A backend as the old kind Endpoints has it. */
export function legacyAddress({ pod, ip, hostname }: Backend): EndpointAddress {
  return { ip, ...(hostname ? { hostname } : {}), nodeName: pod.spec.nodeName, targetRef: targetRef(pod) }
}

/** Pods and services are looked up by namespace at every change: without an index each look-up would walk the cluster. */
export function indexByNamespace(ctx: ControllerContext): void {
  ctx.informer(refs.pods).addIndex(byNamespace.name, byNamespace.of)
  ctx.informer(refs.services).addIndex(byNamespace.name, byNamespace.of)
}

/** Services that a pod's change concerns; changes that no endpoint shows wake nobody. */
export const servicesOfPods: Watched = watching(refs.pods, (pod, ctx, old) => {
  if (old && sameToServices(pod, old)) return []
  const services = ctx.informer(refs.services).list(pod.metadata.namespace)
  return services.filter((s) => selects(s, pod) || (old && selects(s, old))).map(objectKey)
})

function sameToServices(a: Pod, b: Pod): boolean {
  return equal(facts(a), facts(b))
}

function facts(pod: Pod): unknown {
  const { labels, deletionTimestamp } = pod.metadata
  const { podIP, podIPs } = pod.status ?? {}
  const { nodeName, hostname, subdomain } = pod.spec
  const ending = isPodTerminal(pod)
  return {
    labels,
    deleting: !!deletionTimestamp,
    podIP,
    podIPs,
    nodeName,
    hostname,
    subdomain,
    ending,
    ready: isPodReady(pod),
  }
}
