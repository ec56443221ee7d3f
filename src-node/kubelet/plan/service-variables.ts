import type { Service, ServicePort } from '#types/core/v1'

/**
 * Variables of the services of a pod's namespace (unless it wants no `links`) and always of the API server's own service
 * (kubernetes.io, "Service: Environment variables"). A service without an address of the cluster has none.
 */
export function serviceVariables(
  services: readonly Service[],
  { namespace, links }: { namespace: string; links: boolean },
): Map<string, string> {
  const chosen = new Map<string, Service>()
  for (const service of services) {
    const { metadata, spec } = service
    if (!spec.clusterIP || spec.clusterIP === 'None') continue
    const own = links && metadata.namespace === namespace
    const master = metadata.namespace === 'default' && metadata.name === 'kubernetes'
    if (own || (master && !chosen.has(metadata.name))) chosen.set(metadata.name, service)
  }
  return new Map([...chosen.values()].flatMap(variablesOf))
}

type Variable = [name: string, value: string]

function variablesOf({ metadata, spec }: Service): Variable[] {
  const { clusterIP = '', ports = [] } = spec
  const [first] = ports
  if (!first) return []
  const name = variableName(metadata.name)
  return [
    [`${name}_SERVICE_HOST`, clusterIP],
    [`${name}_SERVICE_PORT`, String(first.port)],
    ...ports.flatMap((port): Variable[] =>
      port.name ? [[`${name}_SERVICE_PORT_${variableName(port.name)}`, String(port.port)]] : [],
    ),
    [`${name}_PORT`, urlOf(clusterIP, first)],
    ...ports.flatMap((port) => linkVariables(name, clusterIP, port)),
  ]
}

/** The names that Docker's links once gave. */
function linkVariables(name: string, address: string, port: ServicePort): Variable[] {
  const protocol = port.protocol ?? 'TCP'
  const prefix = `${name}_PORT_${port.port}_${protocol}`
  return [
    [prefix, urlOf(address, port)],
    [`${prefix}_PROTO`, protocol.toLowerCase()],
    [`${prefix}_PORT`, String(port.port)],
    [`${prefix}_ADDR`, address],
  ]
}

const urlOf = (address: string, { protocol = 'TCP', port }: ServicePort): string =>
  `${protocol.toLowerCase()}://${address.includes(':') ? `[${address}]` : address}:${port}`

const variableName = (name: string): string => name.toUpperCase().replaceAll('-', '_')
