import { networkHas } from '../../../src-kube/machinery/ipv4.ts'
import type { NetworkPolicyDocument, PolicyPort, PolicyRule } from '../../../src-wire/node/network-policy.ts'
import { ARRIVING, ASKING, FORWARDED, ruleChain, setName } from './names.ts'

/** Chains of the filter table → their rules in order, without the leading `-A CHAIN`. */
export type Chains = Map<string, string[]>

/** What the rules of a node depend on besides the document of policies. */
export interface ChainOptions {
  /** Whether the kernel knows sets of addresses; without them a rule stands for each address. */
  sets: boolean
  /** Where the cluster's DNS is asked. */
  dnsAddress: string
}

type Direction = 'ingress' | 'egress'

/** As much of a comment as iptables takes. */
const LONGEST_COMMENT = 255

/**
 * The rules that enforce a document; none when it has no pods. A connection is judged by its first packet: one that stands goes on, so that
 * answers need no rule. A packet between two isolated pods passes both: what its sender may send goes on (`-g`) to the rules of its receiver,
 * and what passes those returns to where the built-in chain left off, so that the chains of kube-proxy see it too. What the node itself sends
 * is not forwarded and always arrives, as kubernetes.io, "Network Policies" has it of the node on which a pod runs.
 */
export function policyChains(document: NetworkPolicyDocument, options: ChainOptions): Chains {
  const { pods } = document
  if (pods.length === 0) return new Map()
  const standing = '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN'
  const sending = pods.flatMap(({ ip, name, egress }) =>
    egress === undefined ? [] : [`-s ${ip}/32 ${comment(name)} -g ${ruleChain('egress', egress)}`],
  )
  const arriving = pods.flatMap(({ ip, name, ingress }) =>
    ingress === undefined ? [] : [`-d ${ip}/32 ${comment(name)} -g ${ruleChain('ingress', ingress)}`],
  )
  // A pod that reaches itself by its Service leaves and comes back.
  const itself = pods.map(({ ip }) => `-s ${ip}/32 -d ${ip}/32 -j RETURN`)
  const chains: Chains = new Map([
    [FORWARDED, [standing, ...itself, ...sending, `-g ${ARRIVING}`]],
    [ARRIVING, arriving],
    [ASKING, [standing, ...sending]],
  ])
  for (const direction of ['ingress', 'egress'] as const)
    for (const name of new Set(pods.map((pod) => pod[direction]).filter((used) => used !== undefined)))
      chains.set(ruleChain(direction, name), allowing(document, document.rules[name] ?? [], direction, options))
  return chains
}

const comment = (name: string): string => `-m comment --comment "${name.slice(0, LONGEST_COMMENT)}"`

function allowing(
  document: NetworkPolicyDocument,
  rules: readonly PolicyRule[],
  direction: Direction,
  options: ChainOptions,
): string[] {
  const target = direction === 'ingress' ? '-j RETURN' : `-g ${ARRIVING}`
  const allowed = rules.flatMap((rule) => [
    ...(options.sets ? bySets(rule, direction) : byAddresses(document, rule, direction)),
    ...(direction === 'egress' ? elsewhereAsked(document, rule, options.dnsAddress) : []),
  ])
  return [...new Set(allowed)].map((match) => (match ? `${match} ${target}` : target)).concat('-j DROP')
}

/** Matches of a rule, any of which will do. */
function bySets({ peers, ports }: PolicyRule, direction: Direction): string[] {
  const side = direction === 'ingress' ? 'src' : 'dst'
  const amongPorts = ports?.map((port) =>
    port.named === undefined
      ? numbered(port)
      : `-p ${port.protocol.toLowerCase()} -m set --match-set ${setName(port.named)} dst,dst`,
  ) ?? ['']
  const amongPeers = peers?.map((name) => `-m set --match-set ${setName(name)} ${side}`) ?? ['']
  return amongPorts.flatMap((port) => amongPeers.map((peer) => joined(port, peer)))
}

function byAddresses(document: NetworkPolicyDocument, { peers, ports }: PolicyRule, direction: Direction): string[] {
  const side = direction === 'ingress' ? '-s' : '-d'
  const addresses = peers?.flatMap((name) => document.peers[name] ?? [])
  const amongPeers = addresses?.map((address) => `${side} ${address}`) ?? ['']
  return (ports ?? [undefined]).flatMap((port) => {
    if (port?.named === undefined) return amongPeers.map((peer) => joined(peer, port ? numbered(port) : ''))
    return (document.ports[port.named] ?? []).flatMap(({ ip, port: number }) => {
      const there = `-d ${ip}/32 ${numbered({ protocol: port.protocol, range: [number, number] })}`
      if (direction === 'ingress') return amongPeers.map((peer) => joined(peer, there))
      return !addresses || holds(addresses, ip) ? [there] : []
    })
  })
}

/** `-p tcp -m tcp --dport 8000:8080`. SCTP's own match is missing from many kernels, and one that is missing would lose all rules. */
function numbered({ protocol, range }: Pick<PolicyPort, 'protocol' | 'range'>): string {
  const name = protocol.toLowerCase()
  if (!range) return `-p ${name}`
  const text = range[0] === range[1] ? String(range[0]) : `${range[0]}:${range[1]}`
  return name === 'sctp' ? `-p sctp -m multiport --dports ${text}` : `-p ${name} -m ${name} --dport ${text}`
}

const DNS_PORT = 53

/** While the agent is away other nodes answer for it: what was sent to the DNS address goes to theirs, and is judged as if it did not. */
function elsewhereAsked(document: NetworkPolicyDocument, { peers, ports }: PolicyRule, dnsAddress: string): string[] {
  if (peers && !peers.some((name) => holds(document.peers[name] ?? [], dnsAddress))) return []
  const asked = `-m conntrack --ctorigdst ${dnsAddress}/32`
  if (!ports) return peers ? [asked] : []
  return ports.flatMap((port) => {
    if (port.protocol === 'SCTP') return []
    if (port.named !== undefined) {
      const isDns = (document.ports[port.named] ?? []).some(({ ip, port: n }) => ip === dnsAddress && n === DNS_PORT)
      return isDns ? [joined(numbered({ protocol: port.protocol, range: [DNS_PORT, DNS_PORT] }), asked)] : []
    }
    const [first, last] = port.range ?? [DNS_PORT, DNS_PORT]
    return peers && first <= DNS_PORT && DNS_PORT <= last ? [joined(numbered(port), asked)] : []
  })
}

const holds = (addresses: readonly string[], ip: string): boolean =>
  addresses.some((address) => address === ip || networkHas(address, ip))

const joined = (...parts: string[]): string => parts.filter((part) => part !== '').join(' ')
