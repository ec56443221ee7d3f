/**
 * What one node enforces of all NetworkPolicies (kubernetes.io, "Network Policies"): compiled by the control plane, since a node may not read
 * the pods of others, and sent whole whenever it changes. Sets and rules are named after what they are, so that equal ones are one and a name
 * never changes its meaning; all names are twelve hexadecimal digits. IPv4 only. A document without pods ends all enforcement.
 */
export interface NetworkPolicyDocument {
  /** Addresses and networks of peers: `10.244.1.7`, `10.0.0.0/8`; never wider than /1. */
  peers: Record<string, string[]>
  /** Where pods have a port of one name and protocol. */
  ports: Record<string, PortAddress[]>
  /** What is allowed, by the names that {@link IsolatedPod}s give; nothing else is. */
  rules: Record<string, PolicyRule[]>
  /** The node's own pods that some policy isolates, by address. */
  pods: IsolatedPod[]
}

/** A pod of the node that some policy selects; all others are open. */
export interface IsolatedPod {
  ip: string
  /** `namespace/name`, for those who read the rules. */
  name: string
  /** The rules for what comes to it; absent where all may come. */
  ingress?: string
  /** The rules for what it begins; absent where it may begin all. */
  egress?: string
}

/** Protocols that a NetworkPolicy may name. */
export type PolicyProtocol = 'TCP' | 'UDP' | 'SCTP'

/** Allows what is both among the peers and the ports. */
export interface PolicyRule {
  /** Names of {@link NetworkPolicyDocument.peers}, any of which will do; absent for everybody. */
  peers?: string[]
  /** Any of which will do; absent for everything, whatever its protocol. */
  ports?: PolicyPort[]
}

/** What is allowed of one protocol. */
export interface PolicyPort {
  protocol: PolicyProtocol
  /** First and last, both included. Neither this nor `named`: all ports of the protocol. */
  range?: [first: number, last: number]
  /** Of {@link NetworkPolicyDocument.ports}: a pod's own number for the name. */
  named?: string
}

/** What a named port comes to on one pod. */
export interface PortAddress {
  ip: string
  port: number
}
