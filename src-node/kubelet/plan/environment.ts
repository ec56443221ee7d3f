import type { Container, Pod, Service } from '#types/core/v1'
import { bytesValue, milliValue } from '../../../src-kube/machinery/quantity.ts'

/** Replaces `$(NAME)` by known values; `$$` escapes, unknown names stay (kubernetes.io, "Define Dependent Environment Variables"). */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$(\$|\(([^)]*)\))/g, (whole, first: string, name: string | undefined) => {
    if (first === '$') return '$'
    return values.get(name ?? '') ?? whole
  })
}

/** Variables of the services of a namespace and of `kubernetes` (kubernetes.io, "Service: Environment variables"). */
export function serviceVariables(services: readonly Service[], namespace: string, all: boolean): Map<string, string> {
  const result = new Map<string, string>()
  for (const { metadata, spec } of services) {
    const master = metadata.namespace === 'default' && metadata.name === 'kubernetes'
    if (!(all && metadata.namespace === namespace) && !master) continue
    const { clusterIP, ports = [] } = spec
    const first = ports[0]
    if (!clusterIP || clusterIP === 'None' || !first) continue
    const name = metadata.name.toUpperCase().replaceAll('-', '_')
    result.set(`${name}_SERVICE_HOST`, clusterIP)
    result.set(`${name}_SERVICE_PORT`, String(first.port))
    for (const port of ports) {
      if (port.name)
        result.set(`${name}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port))
      const protocol = (port.protocol ?? 'TCP').toLowerCase()
      const url = `${protocol}://${clusterIP}:${port.port}`
      if (port === first) result.set(`${name}_PORT`, url)
      const prefix = `${name}_PORT_${port.port}_${protocol.toUpperCase()}`
      result.set(prefix, url)
      result.set(`${prefix}_PROTO`, protocol)
      result.set(`${prefix}_PORT`, String(port.port))
      result.set(`${prefix}_ADDR`, clusterIP)
    }
  }
  return result
}

export interface FieldFacts {
  nodeName: string
  hostIp: string
  podIp: string
}

/** A field of the pod as the downward API gives it; undefined for paths it does not know. */
export function fieldValue(pod: Pod, path: string, facts: FieldFacts): string | undefined {
  const { metadata, spec } = pod
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (keyed) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? ''
  switch (path) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid
    case 'spec.nodeName':
      return spec.nodeName ?? facts.nodeName
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.hostIP':
    case 'status.hostIPs':
      return facts.hostIp
    case 'status.podIP':
    case 'status.podIPs':
      return facts.podIp
    default:
      return undefined
  }
}

/** `limits.cpu` and the like, in units of the divisor, rounded up; a missing limit is what the node has. */
export function resourceValue(
  container: Container,
  resource: string,
  divisor: string | undefined,
  allocatable: Record<string, string>,
): string {
  const [kind, ...rest] = resource.split('.') as [string, ...string[]]
  const name = rest.join('.')
  const own = kind === 'limits' ? container.resources?.limits : container.resources?.requests
  const value = own?.[name] ?? (kind === 'limits' ? allocatable[name] : '0') ?? '0'
  const unit = !divisor || divisor === '0' ? '1' : divisor
  return String(
    name === 'cpu' ? Math.ceil(milliValue(value) / milliValue(unit)) : Math.ceil(bytesValue(value) / bytesValue(unit)),
  )
}
