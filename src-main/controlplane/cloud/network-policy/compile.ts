import type { IsolatedPod, NetworkPolicyDocument, PolicyRule } from '../../../../src-wire/node/network-policy.ts'
import { nameOf, type ParsedPolicy } from './parse-policy.ts'
import type { PodIndex } from './pod-index.ts'

/** Nothing is enforced. */
export const nothing: NetworkPolicyDocument = { peers: {}, ports: {}, rules: {}, pods: [] }

/**
 * What a node enforces: its own pods that a policy selects, each with the rules of all that do (they add up), and of all sets those that are named.
 * Equal rules of several pods are one list. The same input gives the same document, to the letter.
 */
export function compileDocument(
  node: string,
  policies: ReadonlyMap<string, readonly ParsedPolicy[]>,
  index: Pick<PodIndex, 'on' | 'addresses' | 'ports'>,
): NetworkPolicyDocument {
  const compiling = { rules: new Map<string, PolicyRule[]>(), used: new Set<ParsedPolicy>() }
  const pods: IsolatedPod[] = []
  for (const { ip, key, namespace, labels } of index.on(node)) {
    const selecting = (policies.get(namespace) ?? []).filter(({ subject }) => subject.matches(labels))
    const ingress = rulesFor('ingress', selecting, compiling)
    const egress = rulesFor('egress', selecting, compiling)
    if (ingress === undefined && egress === undefined) continue
    pods.push({ ip, name: key, ...(ingress ? { ingress } : {}), ...(egress ? { egress } : {}) })
  }
  if (pods.length === 0) return nothing
  pods.sort((a, b) => (a.ip < b.ip ? -1 : 1))
  const own = pods.map(({ ip }) => ip)
  return { ...setsOf(compiling.used, own, index), rules: sorted(compiling.rules), pods }
}

interface Compiling {
  rules: Map<string, PolicyRule[]>
  used: Set<ParsedPolicy>
}

/** The name of the list; undefined when no policy isolates in that direction. */
function rulesFor(
  direction: 'ingress' | 'egress',
  selecting: readonly ParsedPolicy[],
  { rules, used }: Compiling,
): string | undefined {
  const isolating = selecting.filter((policy) => policy[direction])
  if (isolating.length === 0) return undefined
  for (const policy of isolating) used.add(policy)
  const texts = new Map(isolating.flatMap((policy) => policy[direction]!).map((rule) => [JSON.stringify(rule), rule]))
  const all = [...texts].sort(([a], [b]) => (a < b ? -1 : 1))
  const name = nameOf('rules', ...all.map(([text]) => text))
  rules.set(
    name,
    all.map(([, rule]) => rule),
  )
  return name
}

function setsOf(
  used: ReadonlySet<ParsedPolicy>,
  own: readonly string[],
  index: Pick<PodIndex, 'addresses' | 'ports'>,
): Pick<NetworkPolicyDocument, 'peers' | 'ports'> {
  const peers = new Map<string, string[]>()
  const ports = new Map<string, Array<{ ip: string; port: number }>>()
  for (const policy of used) {
    for (const { name } of policy.selectors) if (!peers.has(name)) peers.set(name, index.addresses(name))
    for (const [name, networks] of policy.networks) peers.set(name, networks)
    for (const { name, own: isOwn } of policy.namedPorts)
      if (!ports.has(name)) ports.set(name, index.ports(name, isOwn ? own : undefined))
  }
  return { peers: sorted(peers), ports: sorted(ports) }
}

const sorted = <T>(map: ReadonlyMap<string, T>): Record<string, T> =>
  Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
