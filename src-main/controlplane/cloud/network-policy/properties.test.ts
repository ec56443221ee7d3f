/** Documents against the words of kubernetes.io, "Network Policies", taken one by one: for random policies and pods both let the same connections pass. */
import { expect, it } from 'vitest'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '#types/networking.k8s.io/v1'
import { networkHas } from '../../../../src-kube/machinery/ipv4.ts'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import type { ObjectMeta } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { Random } from '../../../../src-kube/machinery/testing/random.ts'
import type { NetworkPolicyDocument, PolicyRule } from '../../../../src-wire/node/network-policy.ts'
import { compileDocument } from './compile.ts'
import { parsePolicy } from './parse-policy.ts'
import type { PodFacts } from './pod-facts.ts'
import { PodIndex } from './pod-index.ts'

type Labels = Record<string, string>

interface Connection {
  from: string
  to: string
  protocol: string
  port: number
}

interface World {
  namespaces: Map<string, Labels>
  pods: PodFacts[]
  policies: NetworkPolicy[]
}

const outside = ['192.0.2.1', '198.51.100.9']

/** Whether a connection may be, as the page has it. */
function isAllowed(world: World, connection: Connection): boolean {
  const sides = [
    ['Egress', connection.from, connection.to],
    ['Ingress', connection.to, connection.from],
  ] as const
  return sides.every(([type, self, peer]) => {
    const pod = world.pods.find(({ ip }) => ip === self)
    if (!pod) return true
    const isolating = world.policies.filter(
      ({ metadata, spec }) =>
        metadata.namespace === pod.namespace &&
        spec.policyTypes!.includes(type) &&
        labelSelectorMatcher(spec.podSelector).matches(pod.labels),
    )
    if (isolating.length === 0) return true
    return isolating.some(({ metadata, spec }) => {
      const rules =
        type === 'Egress'
          ? (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }))
          : (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
      return rules.some(
        ({ peers, ports }) =>
          (!peers?.length || peers.some((one) => isPeer(world, one, metadata.namespace!, peer))) &&
          (!ports?.length || ports.some((one) => isPort(world, one, connection))),
      )
    })
  })
}

function isPeer(world: World, { ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer, own: string, ip: string) {
  if (ipBlock) return networkHas(ipBlock.cidr, ip) && !(ipBlock.except ?? []).some((cidr) => networkHas(cidr, ip))
  const pod = world.pods.find((one) => one.ip === ip)
  if (!pod) return false
  const there = namespaceSelector
    ? labelSelectorMatcher(namespaceSelector).matches(world.namespaces.get(pod.namespace))
    : pod.namespace === own
  return there && (!podSelector || labelSelectorMatcher(podSelector).matches(pod.labels))
}

function isPort(world: World, { protocol, port, endPort }: NetworkPolicyPort, asked: Connection): boolean {
  if (protocol !== asked.protocol) return false
  if (port === undefined) return true
  if (typeof port === 'number') return port <= asked.port && asked.port <= (endPort ?? port)
  const ports = world.pods.find(({ ip }) => ip === asked.to)?.ports ?? []
  return ports.some((one) => one.name === port && one.protocol === protocol && one.port === asked.port)
}

/** Whether the documents of both pods' nodes let it pass. */
function passes(documents: Map<string, NetworkPolicyDocument>, world: World, connection: Connection): boolean {
  const sides = [
    ['egress', connection.from, connection.to],
    ['ingress', connection.to, connection.from],
  ] as const
  return sides.every(([direction, self, peer]) => {
    const document = documents.get(world.pods.find(({ ip }) => ip === self)?.node ?? '')
    const list = document?.pods.find(({ ip }) => ip === self)?.[direction]
    return list === undefined || document!.rules[list]!.some((rule) => fits(document!, rule, peer, connection))
  })
}

function fits(document: NetworkPolicyDocument, { peers, ports }: PolicyRule, peer: string, asked: Connection): boolean {
  const among = (address: string) => (address.includes('/') ? networkHas(address, peer) : address === peer)
  if (peers && !peers.some((name) => document.peers[name]!.some(among))) return false
  return (
    !ports ||
    ports.some(({ protocol, range, named }) => {
      if (protocol !== asked.protocol) return false
      if (named) return document.ports[named]!.some(({ ip, port }) => ip === asked.to && port === asked.port)
      return !range || (range[0] <= asked.port && asked.port <= range[1])
    })
  )
}

const labels = (random: Random): Labels =>
  Object.fromEntries(random.list(() => [random.pick(['a', 'b']), random.pick(['1', '2'])], random.int(0, 2)))

const selector = (random: Random) => {
  const key = random.pick(['a', 'b'])
  const expression = random.pick([
    { key, operator: 'In', values: ['1'] },
    { key, operator: 'NotIn', values: ['2'] },
    { key, operator: 'Exists' },
    { key, operator: 'DoesNotExist' },
  ])
  return random.pick([{}, { matchLabels: { [key]: '1' } }, { matchExpressions: [expression] }])
}

function peer(random: Random): NetworkPolicyPeer {
  if (random.chance(0.3)) {
    const cidr = random.pick(['0.0.0.0/0', '10.244.0.0/16', '10.244.1.0/24', '192.0.2.1/32', '::/0'])
    const except = random.list(() => random.pick(['10.244.1.0/30', '10.244.2.2/32', '198.51.100.0/24']))
    return { ipBlock: { cidr, except } }
  }
  const podSelector = random.chance(0.6) ? { podSelector: selector(random) } : {}
  const namespaceSelector = random.chance(0.6) ? { namespaceSelector: selector(random) } : {}
  const both = { ...podSelector, ...namespaceSelector }
  return Object.keys(both).length > 0 ? both : { podSelector: {} }
}

function port(random: Random): NetworkPolicyPort {
  const protocol = random.pick(['TCP', 'UDP'] as const)
  if (random.chance(0.2)) return { protocol }
  if (random.chance(0.3)) return { protocol, port: random.pick(['http', 'dns', 'none']) }
  const first = random.pick([53, 80])
  return random.chance(0.3) ? { protocol, port: first, endPort: first + 30 } : { protocol, port: first }
}

function randomWorld(random: Random): World {
  const namespaces = new Map(['x', 'y', 'z'].map((name) => [name, labels(random)]))
  const pods = Array.from({ length: 8 }, (_, i): PodFacts => {
    const namespace = random.pick([...namespaces.keys()])
    const ports = [
      { name: 'http', protocol: 'TCP', port: random.pick([80, 8080]) },
      { name: 'dns', protocol: 'UDP', port: 53 },
    ]
    const [node, ip] = [`n${(i % 2) + 1}`, `10.244.${(i % 2) + 1}.${2 + (i >> 1)}`]
    return {
      key: `${namespace}/p${i}`,
      uid: `${i}`,
      namespace,
      labels: labels(random),
      node,
      ip,
      leaving: false,
      ports,
    }
  })
  const policies = Array.from({ length: random.int(0, 5) }, (_, i): NetworkPolicy => {
    const policyTypes = random.pick([['Ingress'], ['Egress'], ['Ingress', 'Egress']] as Array<
      Array<'Ingress' | 'Egress'>
    >)
    const rule = () => ({
      peers: random.list(() => peer(random)),
      ports: random.list(() => port(random), random.int(0, 2)),
    })
    const spec = {
      podSelector: selector(random),
      policyTypes,
      ingress: random.list(rule, random.int(0, 2)).map(({ peers, ports }) => ({ from: peers, ports })),
      egress: random.list(rule, random.int(0, 2)).map(({ peers, ports }) => ({ to: peers, ports })),
    }
    const metadata = partial<ObjectMeta>({ name: `${i}`, namespace: random.pick([...namespaces.keys()]) })
    return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec }
  })
  return { namespaces, pods, policies }
}

it.each(Array.from({ length: 200 }, (_, seed) => seed))(
  'passes what the page allows, and nothing else (seed %i)',
  (seed) => {
    const random = new Random(seed)
    const world = randomWorld(random)
    const parsed = world.policies.map(parsePolicy)
    const index = new PodIndex()
    const follow = () =>
      index.follow(
        parsed.flatMap(({ selectors }) => selectors),
        parsed.flatMap(({ namedPorts }) => namedPorts),
      )
    // Whether selectors or pods come first must not matter.
    if (random.chance(0.5)) follow()
    for (const pod of world.pods) index.set(pod.key, pod)
    for (const [name, has] of world.namespaces) index.setNamespace(name, has)
    follow()
    const byNamespace = Map.groupBy(parsed, ({ namespace }) => namespace)
    const documents = new Map(['n1', 'n2'].map((node) => [node, compileDocument(node, byNamespace, index)]))
    const addresses = [...world.pods.map(({ ip }) => ip), ...outside]
    for (const from of addresses)
      for (const to of addresses)
        for (const protocol of ['TCP', 'UDP'])
          for (const number of [53, 80, 100, 8080]) {
            if (from === to) continue
            const connection = { from, to, protocol, port: number }
            expect([connection, passes(documents, world, connection)]).toEqual([
              connection,
              isAllowed(world, connection),
            ])
          }
  },
)
