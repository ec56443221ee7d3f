import type { APIService, APIServiceCondition } from '#types/apiregistration.k8s.io/v1'
import type { Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { ObjectReader } from '../../admission/admission.ts'

/** What the condition `Available` of an APIService says. */
export type Verdict = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>

/** The port of the service that is asked when the registration names none (reference: `ServiceReference`). */
const USUAL_PORT = 443

/**
 * Why the service behind a group version cannot even be asked, in upstream's words (reference: kube-aggregator's controller of availability):
 * it is not there, has no such port, or nobody stands behind it. Undefined when it can be.
 */
export async function unreachable(read: ObjectReader, { spec }: APIService): Promise<Verdict | undefined> {
  const { name = '', namespace = '', port = USUAL_PORT } = spec.service ?? {}
  const where = `service/${name} in "${namespace}"`
  const service = (await read.get('', 'services', namespace, name)) as Service | undefined
  if (!service) return missing('ServiceNotFound', `${where} is not present`)
  if ((service.spec?.type ?? 'ClusterIP') !== 'ClusterIP') return undefined
  const found = service.spec?.ports?.find((one) => one.port === port)
  if (!found) return missing('ServicePortError', `${where} is not listening on port ${port}`)
  const all = (await read.list('discovery.k8s.io', 'endpointslices', namespace)) as EndpointSlice[]
  const slices = all.filter((slice) => serviceOf(slice) === name)
  if (slices.length === 0) return missing('EndpointsNotFound', `cannot find endpointslices for ${where}`)
  const portName = found.name ?? ''
  if (slices.some((slice) => hasAddress(slice, portName))) return undefined
  return missing('MissingEndpoints', `endpointslices for ${where} have no addresses with port name "${portName}"`)
}

/** The name of the service that a slice is of. */
export const serviceOf = ({ metadata }: Pick<EndpointSlice, 'metadata'>): string | undefined =>
  metadata.labels?.['kubernetes.io/service-name']

const missing = (reason: string, message: string): Verdict => ({ status: 'False', reason, message })

const hasAddress = ({ ports, endpoints }: EndpointSlice, portName: string): boolean =>
  (ports ?? []).some(({ name = '' }) => name === portName) &&
  (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false)
