import type { HostPort } from './iptables.ts'
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
 * `before` becomes `now`; an endpoint of `''` stands for all (a service that had none, or was not
 * there yet, and was answered by nobody).
 */
export function staleFlows(before: readonly ServicePort[], now: readonly ServicePort[]): StaleFlow[] {
  const udp = (ports: readonly ServicePort[]): Map<string, ServicePort> =>
    new Map(ports.filter(({ protocol }) => protocol === 'udp').map((port) => [port.id, port]))
  const [had, has] = [udp(before), udp(now)]
  const flows: StaleFlow[] = []
  for (const [id, old] of had) {
    const left = ipsOf(has.get(id))
    for (const endpoint of ipsOf(old)) if (!left.has(endpoint)) flows.push(...flowsTo(old, endpoint))
  }
  for (const [id, port] of has)
    if (ipsOf(port).size > 0 && ipsOf(had.get(id)).size === 0) flows.push(...flowsTo(port, ''))
  return flows
}

/** What a line of `conntrack -L` says of a flow: where it was sent to, and who answers it. */
const FLOW = /\bdst=(\S+) sport=\d+ dport=(\d+) .*?\bsrc=(\S+) /

/**
 * The same where nobody knows what was before, as after the agent was away: of the flows that the kernel tells of (`conntrack -L -p udp`) those that
 * none of their service's endpoints answers.
 */
export function unservedFlows(listed: string, now: readonly ServicePort[]): StaleFlow[] {
  const services = now.filter(({ protocol }) => protocol === 'udp')
  const flows = listed.split('\n').flatMap((line): StaleFlow[] => {
    const [, target = '', port, answering = ''] = FLOW.exec(line) ?? []
    const number = Number(port)
    const isItself = answering === target
    const byAddress = services.find((one) => one.port === number && addressesOf(one).includes(target))
    // What goes to such a port of somebody else is none of ours.
    const byNode = isItself ? undefined : services.find(({ nodePort }) => nodePort === number)
    const left = ipsOf(byAddress ?? byNode)
    if (left.size === 0 || left.has(answering)) return []
    if (!byAddress) return [{ address: undefined, nodePort: number, endpoint: answering }]
    // A flow that is answered by the address itself was not translated.
    return [{ address: target, nodePort: undefined, endpoint: isItself ? '' : answering }]
  })
  return [...new Map(flows.map((flow) => [JSON.stringify(flow), flow])).values()]
}

/** The same for host ports: flows to what has left one, and those from before somebody had it. */
export function staleHostFlows(before: readonly HostPort[], now: readonly HostPort[]): StaleFlow[] {
  const udp = (ports: readonly HostPort[]): Map<string, HostPort> =>
    new Map(
      ports
        .filter(({ protocol }) => protocol.toUpperCase() === 'UDP')
        .map((port) => [`${port.hostIp}:${port.hostPort}->${port.podIp}`, port]),
    )
  const [had, has] = [udp(before), udp(now)]
  const left = [...had].filter(([id]) => !has.has(id)).map(([, port]) => ({ ...port, endpoint: port.podIp }))
  const come = [...has].filter(([id]) => !had.has(id)).map(([, port]) => ({ ...port, endpoint: '' }))
  return [...left, ...come].map(({ hostPort, endpoint }) => ({ address: undefined, nodePort: hostPort, endpoint }))
}

const addressesOf = ({ clusterIp, externalIps, balancerIps }: ServicePort): string[] => [
  clusterIp,
  ...externalIps,
  ...balancerIps,
]

function flowsTo(port: ServicePort, endpoint: string): StaleFlow[] {
  const { nodePort } = port
  return [
    ...addressesOf(port).map((address) => ({ address, nodePort: undefined, endpoint })),
    ...(nodePort === undefined ? [] : [{ address: undefined, nodePort, endpoint }]),
  ]
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
