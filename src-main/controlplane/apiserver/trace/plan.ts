import type { Pod, Service } from '#types/core/v1'
import { badRequest, notFound } from '../../../../src-kube/machinery/errors.ts'
import type { TraceRequest } from '../../../../src-wire/trace/document.ts'
import type { ProbeStep } from '../../../../src-wire/trace/steps.ts'
import { endpointsIn, type Facts } from './facts.ts'

/** What will be sent, from where, and who may see it come. */
export interface TracePlan {
  /** The pod it comes from; absent for a node itself. */
  pod?: Pod
  /** Node that it is sent from; empty for a pod that is bound to none. */
  node: string
  probe: ProbeStep
  service?: Service
  /** Nodes where it may come out, as far as that is known before; undefined when it may be any. */
  nodes: string[] | undefined
}

/** Milliseconds to wait for an answer: two more first packets of TCP fall in them. */
const TIMEOUT = 3_500

/** Throws 404 for what is not there, and 400 for what takes no packets. */
export async function planTrace(request: TraceRequest, facts: Facts): Promise<TracePlan> {
  const { source, destination } = request
  const pod = source.kind === 'pod' ? await facts.pod(source.namespace, source.name) : undefined
  if (source.kind === 'pod' && !pod) throw notFound({ group: '', resource: 'pods' }, source.name)
  if (source.kind === 'node' && !(await facts.node(source.name)))
    throw notFound({ group: '', resource: 'nodes' }, source.name)
  const begun = {
    ...(pod ? { pod } : {}),
    node: source.kind === 'node' ? source.name : (pod?.spec.nodeName ?? ''),
  }
  const from = source.kind === 'pod' ? { pod: { namespace: source.namespace, name: source.name } } : {}
  const step = { ...from, timeout: TIMEOUT }
  if (destination.kind === 'service') {
    const service = await facts.service(destination.namespace, destination.name)
    if (!service) throw notFound({ group: '', resource: 'services' }, destination.name)
    return { ...begun, service, ...(await toService(request, service, step, facts)) }
  }
  const protocol = request.protocol === 'UDP' ? 'udp' : 'tcp'
  if (destination.kind === 'pod') {
    const target = await facts.pod(destination.namespace, destination.name)
    if (!target) throw notFound({ group: '', resource: 'pods' }, destination.name)
    const host = target.status?.podIP
    if (!host) throw badRequest(`pod ${destination.name} has no address yet`)
    const port = podPort(target, request.port)
    return { ...begun, probe: { ...step, host, port, protocol }, nodes: [target.spec.nodeName ?? ''] }
  }
  if (typeof request.port !== 'number') throw badRequest('a port must be given by its number')
  return { ...begun, probe: { ...step, host: destination.host, port: request.port, protocol }, nodes: undefined }
}

/**
 * The name is as people write it from where the pod is, so that the search list is part of the trace. A node does not ask the cluster's DNS; from
 * there a service is its address.
 */
async function toService(
  request: TraceRequest,
  service: Service,
  step: Pick<ProbeStep, 'pod' | 'timeout'>,
  facts: Facts,
): Promise<Pick<TracePlan, 'probe' | 'nodes'>> {
  const { source } = request
  const { name, namespace = '' } = service.metadata
  const { clusterIP, type } = service.spec
  const { port, protocol } = servicePort(service, request)
  const short = source.kind === 'pod' && source.namespace === namespace ? name : `${name}.${namespace}`
  const hasAddress = clusterIP !== undefined && clusterIP !== 'None' && clusterIP !== '' && type !== 'ExternalName'
  if (source.kind === 'node' && !hasAddress)
    throw badRequest(`service ${name} has no address that a node could send to`)
  const host = source.kind === 'node' ? clusterIP! : short
  const { nodes } = endpointsIn(await facts.slices(service))
  return { probe: { ...step, host, port, protocol }, nodes }
}

function servicePort(
  { metadata, spec }: Service,
  { port, protocol }: TraceRequest,
): { port: number; protocol: 'tcp' | 'udp' } {
  const ports = spec.ports ?? []
  const found = port === undefined ? ports[0] : ports.find((one) => one.port === port || one.name === port)
  if (typeof port === 'string' && !found) throw badRequest(`service ${metadata.name} has no port named "${port}"`)
  const number = found?.port ?? port
  if (typeof number !== 'number') throw badRequest(`service ${metadata.name} has no port: name one`)
  const wanted = protocol ?? found?.protocol ?? 'TCP'
  if (wanted !== 'TCP' && wanted !== 'UDP') throw badRequest(`packets of ${wanted} cannot be followed`)
  return { port: number, protocol: wanted === 'UDP' ? 'udp' : 'tcp' }
}

/** A pod's port by its number or its name; of one that names any, the first. */
function podPort({ metadata, spec }: Pod, port: number | string | undefined): number {
  if (typeof port === 'number') return port
  const ports = spec.containers.flatMap((container) => container.ports ?? [])
  const found = port === undefined ? ports[0] : ports.find(({ name }) => name === port)
  if (found) return found.containerPort
  throw badRequest(`pod ${metadata.name} names no port${port === undefined ? '' : ` "${port}"`}: give its number`)
}
