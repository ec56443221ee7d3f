import type { ServicePort } from './model.ts'

/** A UDP translation that the kernel still remembers and that leads nowhere any more. */
export interface StaleFlow {
  /** An address of the service, or undefined for flows that came by the node port. */
  address: string | undefined
  nodePort: number | undefined
  endpoint: string
}

/**
 * UDP has no end of a connection: a client that keeps its port keeps its old endpoint. These are the flows to forget when
 * `before` becomes `now`; an endpoint of `''` stands for all (a service that had none and was answered by nobody).
 */
export function staleFlows(before: readonly ServicePort[], now: readonly ServicePort[]): StaleFlow[] {
  const current = new Map(now.map((port) => [`${port.id}/${port.protocol}`, port]))
  const flows: StaleFlow[] = []
  for (const old of before) {
    if (old.protocol !== 'udp') continue
    const port = current.get(`${old.id}/${old.protocol}`)
    const left = ipsOf(port)
    const had = ipsOf(old)
    const gone = [...had].filter((ip) => !left.has(ip))
    const first = had.size === 0 && left.size > 0 ? [''] : []
    for (const endpoint of [...gone, ...first]) {
      for (const address of [old.clusterIp, ...old.externalIps, ...old.balancerIps])
        flows.push({ address, nodePort: undefined, endpoint })
      if (old.nodePort !== undefined) flows.push({ address: undefined, nodePort: old.nodePort, endpoint })
    }
  }
  return flows
}

const ipsOf = (port: ServicePort | undefined): Set<string> =>
  new Set([...(port?.all ?? []), ...(port?.local ?? [])].map((endpoint) => endpoint.ip))

/** Arguments of `conntrack` that delete a flow. */
export function conntrackArguments(flow: StaleFlow): string[] {
  return [
    '-D',
    '-p',
    'udp',
    ...(flow.address ? ['--orig-dst', flow.address] : []),
    ...(flow.nodePort === undefined ? [] : ['--dport', String(flow.nodePort)]),
    ...(flow.endpoint ? ['--dst-nat', flow.endpoint] : []),
  ]
}
