import { createHash } from 'node:crypto'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '#types/networking.k8s.io/v1'
import { type LabelMatcher, labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import type { PolicyPort, PolicyProtocol, PolicyRule } from '../../../../src-wire/node/network-policy.ts'
import { blockNetworks } from './ip-block.ts'

/** Pods that rules name as peers. */
export interface PeerSelector {
  /** The set's name in documents; equal selectors have equal names. */
  name: string
  /** The namespace, or which ones. */
  namespaces: string | LabelMatcher
  pods: LabelMatcher
}

/** A name of ports that rules ask for: of the policy's own pods where it is about ingress, of all where it is about egress. */
export interface NamedPort {
  name: string
  port: string
  protocol: PolicyProtocol
  own: boolean
}

/** A policy with its rules as documents have them, and what stands behind the names in them. */
export interface ParsedPolicy {
  namespace: string
  subject: LabelMatcher
  /** Absent where the policy leaves the direction alone. */
  ingress?: PolicyRule[]
  egress?: PolicyRule[]
  selectors: PeerSelector[]
  networks: Map<string, string[]>
  namedPorts: NamedPort[]
}

/** A name of twelve digits, the same for the same parts. */
export const nameOf = (...parts: string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)

type Found = Pick<ParsedPolicy, 'selectors' | 'networks' | 'namedPorts'>

type StoredPolicy = Omit<NetworkPolicy, 'spec'> & Partial<Pick<NetworkPolicy, 'spec'>>

/**
 * Reads a policy (kubernetes.io, "Network Policies"). It takes whatever may be stored, by an older server too: one that it could not read would keep
 * all others from being enforced.
 */
export function parsePolicy({ metadata, spec = {} }: StoredPolicy): ParsedPolicy {
  const namespace = metadata.namespace ?? ''
  const found: Found = { selectors: [], networks: new Map(), namedPorts: [] }
  const types = spec.policyTypes ?? ['Ingress']
  const incoming: RuleContext = { namespace, own: true, found }
  const outgoing: RuleContext = { namespace, own: false, found }
  const { ingress = [], egress = [] } = spec
  return {
    namespace,
    // Without a selector a policy is about all pods of its namespace.
    subject: labelSelectorMatcher(spec.podSelector ?? {}),
    ...(types.includes('Ingress')
      ? { ingress: ingress.flatMap(({ from, ports }) => ruleOf(from, ports, incoming)) }
      : {}),
    ...(types.includes('Egress') ? { egress: egress.flatMap(({ to, ports }) => ruleOf(to, ports, outgoing)) } : {}),
    ...found,
  }
}

interface RuleContext {
  namespace: string
  /** Ports are those of the pods that the policy is about, and not of others. */
  own: boolean
  found: Found
}

/** None when nobody can be meant: an `ipBlock` of IPv6. Empty lists are as absent ones: everybody, everything. */
function ruleOf(
  peers: NetworkPolicyPeer[] | undefined,
  ports: NetworkPolicyPort[] | undefined,
  context: RuleContext,
): PolicyRule[] {
  const rule: PolicyRule = {}
  if (peers?.length) {
    rule.peers = peersOf(peers, context)
    if (rule.peers.length === 0) return []
  }
  if (ports?.length) rule.ports = ports.map((port) => portOf(port, context))
  return [rule]
}

function peersOf(peers: readonly NetworkPolicyPeer[], { namespace, found }: RuleContext): string[] {
  const names = new Set<string>()
  const networks = new Set<string>()
  for (const { ipBlock, podSelector, namespaceSelector } of peers) {
    if (ipBlock) {
      for (const network of blockNetworks(ipBlock.cidr, ipBlock.except)) networks.add(network)
      continue
    }
    const namespaces = namespaceSelector ? labelSelectorMatcher(namespaceSelector) : namespace
    const pods = labelSelectorMatcher(podSelector ?? {})
    const where = typeof namespaces === 'string' ? ['namespace', namespaces] : ['namespaces', String(namespaces)]
    const name = nameOf('pods', ...where, String(pods))
    found.selectors.push({ name, namespaces, pods })
    names.add(name)
  }
  if (networks.size > 0) {
    const list = [...networks]
    const name = nameOf('networks', ...list)
    found.networks.set(name, list)
    names.add(name)
  }
  return [...names]
}

const LAST_PORT = 65_535

function portOf({ port, endPort, protocol = 'TCP' }: NetworkPolicyPort, { own, found }: RuleContext): PolicyPort {
  if (port === undefined) return { protocol }
  if (typeof port === 'number') return { protocol, range: [port, Math.min(endPort ?? port, LAST_PORT)] }
  const name = nameOf('port', own ? 'own' : 'any', protocol, port)
  found.namedPorts.push({ name, port, protocol, own })
  return { protocol, named: name }
}
