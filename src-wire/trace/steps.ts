/**
 * What the control plane asks of nodes while it follows one real packet, and what they saw. A node tells facts and the lines of its tools
 * that show them; what they mean is told by who has both ends.
 */

/** Of a real command: what was run, and the lines of its output that matter, as they were printed. */
export interface Evidence {
  command: string
  lines: string[]
}

/** Protocols that a packet can be followed in. */
export type TraceProtocol = 'tcp' | 'udp'

/** Both ends of a packet, addresses of IPv4. */
export interface Tuple {
  source: string
  sourcePort: number
  target: string
  targetPort: number
}

/** A connection as a node's kernel tracks it: what was sent, and what an answer to it looks like. They differ where addresses were replaced. */
export interface Flow {
  protocol: TraceProtocol
  /** `SYN_SENT`, `ESTABLISHED`, …; empty for UDP. */
  state: string
  /** No packet of the other direction was let through. */
  unreplied: boolean
  original: Tuple
  reply: Tuple
}

/** What a kernel told of a connection, in order. */
export interface FlowTrack extends Flow {
  /** Milliseconds since the epoch of the first packet; absent where only the table was read. */
  began?: number
  /** Of the first packet of the other direction; a reset counts. */
  answered?: number
  /** It was ended at once by a reset. */
  reset: boolean
}

/** Opens one real connection (or sends one datagram) from a pod's network, or the node's own. */
export interface ProbeStep {
  /** The pod; absent for the node itself. */
  pod?: { namespace: string; name: string }
  /** A name, looked up as the pod does, or an IPv4 address. */
  host: string
  port: number
  protocol: TraceProtocol
  /** Milliseconds to wait for an answer. */
  timeout: number
}

/** One question to a name server. */
export interface NameQuery {
  name: string
  /** `silent`: no answer came. */
  result: 'found' | 'no-name' | 'no-data' | 'failed' | 'silent'
  addresses: string[]
  /** Names that led there (CNAME). */
  aliases: string[]
  /** Milliseconds; absent without an answer. */
  ms?: number
}

/** How the source's resolver was asked, as its `resolv.conf` says. */
export interface NameReport {
  server: string
  search: string[]
  ndots: number
  /** In the order in which they were asked; the last one was taken. */
  queries: NameQuery[]
  /** Absent when nothing answered with one. */
  address?: string
}

/** What the one packet came to at its source. */
export type AttemptOutcome =
  /** TCP: the connection stood. */
  | 'connected'
  /** UDP: a datagram came back. */
  | 'answered'
  /** TCP: a reset; both: ICMP says that nothing takes it. */
  | 'refused'
  /** ICMP, or the source's own kernel: there is no way. */
  | 'unreachable'
  /** TCP: nothing came back in time. */
  | 'timeout'
  /** UDP: nothing came back, which says nothing. */
  | 'silent'
  | 'failed'

/** The packet as its source saw it. */
export interface Attempt {
  sourcePort: number
  outcome: AttemptOutcome
  /** Milliseconds until there was an outcome; absent when there was none. */
  ms?: number
  /** The system's own words where it failed. */
  words: string
}

/** A rule that the packet took. */
export interface RuleHit {
  table: 'nat' | 'filter'
  chain: string
  /** Where it leads: a chain, or what is done. */
  target: string
  /** By how many packets its counter grew meanwhile; absent where that is not known. */
  grew?: number
}

/** What the tables of the node did with it. */
export interface RulesReport {
  /** From the rule that matches the address to the one that replaces it; empty when none matches. */
  way: RuleHit[]
  /** The rule that refuses (`REJECT`) or drops it. */
  refusal?: RuleHit
  /** Seconds that a client keeps its endpoint, and whether it had one already. */
  affinity?: { seconds: number; kept: boolean }
  /** The rule that replaced the source address. */
  masquerade?: RuleHit
  /** Where the packet was sent on to, by the rules alone: one that is dropped on its way has no entry that says so. */
  endpoint?: { address: string; port: number }
}

/** The end of a NetworkPolicy's rules, where what nothing allows is dropped; its counter grew meanwhile. */
export interface PolicyDrop {
  /** `egress`: of the sender; `ingress`: of the receiver. */
  direction: 'egress' | 'ingress'
  rule: RuleHit
}

/** Where the kernel sends an address, as `ip route get` tells. */
export interface Route {
  /** `local`: the node itself takes it. */
  kind: 'unicast' | 'local' | 'unreachable'
  device: string
  gateway?: string
}

/** The way into the overlay: all three must name the same node. */
export interface Overlay {
  device: string
  vni: number
  port: number
  /** The peer's address on the overlay, as the route has it. */
  gateway: string
  /** Its neighbour entry. */
  mac?: string
  /** Where the forwarding entry of that MAC leads: the peer's address on the node network. */
  peer?: string
}

/** What was seen at the packet's source; what is absent was not looked at, or there was nothing to see. */
export interface ProbeReport {
  node: string
  source: { address: string; hostNetwork: boolean; link?: string }
  name?: NameReport
  /** The address that it was sent to; absent when the name has none. */
  address?: string
  attempt?: Attempt
  /** The connection in the source node's kernel; absent when it never left the pod's network, or was refused before it was tracked. */
  flow?: FlowTrack
  rules?: RulesReport
  policy?: PolicyDrop
  route?: Route
  overlay?: Overlay
  evidence: Partial<
    Record<'source' | 'name' | 'attempt' | 'flow' | 'rules' | 'policy' | 'masquerade' | 'route' | 'overlay', Evidence[]>
  >
}

/** Notes what a node's kernel sees of new connections, from now on until it is asked, at most for a while. */
export interface WatchStep {
  /** Chosen by the caller. */
  id: string
  protocol: TraceProtocol
  /** Addresses that the packet may come from, as the node sees it. */
  sources: string[]
}

/** Asks the node where the packet should have come out what it saw of it. */
export interface ArrivalStep {
  /** Of a watch that was begun before; absent: only tables are looked at. */
  watch?: string
  protocol: TraceProtocol
  /** What an answer looks like on the node network: from the endpoint, to whom it thinks it talks. */
  reply: Tuple
}

/** A socket that takes connections or datagrams. */
export interface Listener {
  address: string
  port: number
}

/** What was seen of the packet on the node it was sent to. */
export interface ArrivalReport {
  node: string
  flow?: FlowTrack
  policy?: PolicyDrop
  route?: Route
  neighbour?: { mac: string; state: string }
  /** The bridge's port that has this MAC. */
  bridgePort?: string
  pod?: { namespace: string; name: string }
  /** What listens in the pod's network, or the node's; absent when it was not looked at. */
  listening?: Listener[]
  evidence: Partial<Record<'flow' | 'policy' | 'route' | 'neighbour' | 'bridge' | 'listening', Evidence[]>>
}

/** What a node offers to those who follow a packet. Failures are `StatusError`s. */
export interface TraceServices {
  probe(step: ProbeStep): Promise<ProbeReport>
  watch(step: WatchStep): Promise<void>
  /** Ends a watch that no arrival was asked of; one that is none is no failure. */
  unwatch(step: Pick<WatchStep, 'id'>): Promise<void>
  arrival(step: ArrivalStep): Promise<ArrivalReport>
}
