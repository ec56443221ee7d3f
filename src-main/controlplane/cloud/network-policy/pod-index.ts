import type { PortAddress } from '../../../../src-wire/node/network-policy.ts'
import type { NamedPort, PeerSelector } from './parse-policy.ts'
import { type PodFacts, sameFacts, sameLabels } from './pod-facts.ts'

type Labels = PodFacts['labels']

interface Members {
  selector: PeerSelector
  ips: Set<string>
  /** The same in order; undefined since the last change. */
  sorted: string[] | undefined
}

interface Places {
  named: NamedPort
  ports: Map<string, number[]>
  /** The same in order; undefined since the last change. */
  sorted: PortAddress[] | undefined
}

/** What has changed since it was last asked: names of sets, and nodes whose own pods have. */
export interface Changes {
  names: Set<string>
  nodes: Set<string>
}

/**
 * The pods of the cluster by what policies ask: who is on a node, who is among the peers of a selector. Each change of a pod costs one look at
 * every selector, whatever the number of pods. An address belongs to one pod, the one that had it last and is not leaving: another that still
 * claims it neither gives to nor takes from it.
 */
export class PodIndex {
  readonly #pods = new Map<string, PodFacts>()
  /** By address, those that claim it in the order in which they did. */
  readonly #claims = new Map<string, PodFacts[]>()
  readonly #owners = new Map<string, PodFacts>()
  readonly #byNode = new Map<string, Map<string, PodFacts>>()
  readonly #namespaces = new Map<string, Labels>()
  readonly #members = new Map<string, Members>()
  readonly #places = new Map<string, Places>()
  #changes: Changes = { names: new Set(), nodes: new Set() }

  /** What policies ask for from now on; what was asked for before and is now costs nothing. */
  follow(selectors: Iterable<PeerSelector>, namedPorts: Iterable<NamedPort>): void {
    const [wanted, ports] = [byName(selectors), byName(namedPorts)]
    for (const name of this.#members.keys()) if (!wanted.has(name)) this.#members.delete(name)
    for (const name of this.#places.keys()) if (!ports.has(name)) this.#places.delete(name)
    for (const [name, selector] of wanted) {
      if (this.#members.has(name)) continue
      const members = { selector, ips: new Set<string>(), sorted: undefined }
      this.#members.set(name, members)
      for (const owner of this.#owners.values()) if (this.#matches(selector, owner)) members.ips.add(owner.ip)
    }
    for (const [name, named] of ports) {
      if (this.#places.has(name)) continue
      const places = { named, ports: new Map<string, number[]>(), sorted: undefined }
      this.#places.set(name, places)
      for (const owner of this.#owners.values()) setPlace(places, owner.ip, owner)
    }
  }

  /** A pod as it is now; undefined when policies do not know it any more. Answers whether anything changed. */
  set(key: string, pod: PodFacts | undefined): boolean {
    const before = this.#pods.get(key)
    if (sameFacts(before, pod)) return false
    if (pod) this.#pods.set(key, pod)
    else this.#pods.delete(key)
    if (before) this.#claim(before.ip, before, before.ip === pod?.ip ? pod : undefined)
    if (pod && before?.ip !== pod.ip) this.#claim(pod.ip, undefined, pod)
    return true
  }

  /** A pod claims an address (`pod`), gives it up (`before`), or claims it still with other facts (both). */
  #claim(ip: string, before: PodFacts | undefined, pod: PodFacts | undefined): void {
    const claims = this.#claims.get(ip) ?? []
    const at = before ? claims.indexOf(before) : -1
    if (at < 0) claims.push(pod!)
    else claims.splice(at, 1, ...(pod ? [pod] : []))
    if (claims.length > 0) this.#claims.set(ip, claims)
    else this.#claims.delete(ip)
    this.#give(ip, claims.findLast(({ leaving }) => !leaving) ?? claims.at(-1))
  }

  /** Makes a pod the owner of an address, or nobody; whatever depends on that follows. */
  #give(ip: string, owner: PodFacts | undefined): void {
    const before = this.#owners.get(ip)
    if (before === owner) return
    if (owner) this.#owners.set(ip, owner)
    else this.#owners.delete(ip)
    if (before) this.#onNode(before.node).delete(ip)
    if (owner) this.#onNode(owner.node).set(ip, owner)
    for (const pod of [before, owner]) if (pod) this.#changes.nodes.add(pod.node)
    for (const members of this.#members.values()) this.#judge(members, ip, owner)
    for (const places of this.#places.values())
      if (setPlace(places, ip, owner)) this.#changes.names.add(places.named.name)
  }

  #onNode(node: string): Map<string, PodFacts> {
    let pods = this.#byNode.get(node)
    if (!pods) this.#byNode.set(node, (pods = new Map()))
    return pods
  }

  /** Adds an address to the members of a selector, or takes it out. */
  #judge(members: Members, ip: string, owner: PodFacts | undefined): void {
    const belongs = owner !== undefined && this.#matches(members.selector, owner)
    if (belongs === members.ips.has(ip)) return
    if (belongs) members.ips.add(ip)
    else members.ips.delete(ip)
    members.sorted = undefined
    this.#changes.names.add(members.selector.name)
  }

  #matches({ namespaces, pods }: PeerSelector, { namespace, labels }: PodFacts): boolean {
    const there =
      typeof namespaces === 'string' ? namespaces === namespace : namespaces.matches(this.#namespaces.get(namespace))
    return there && pods.matches(labels)
  }

  /** The labels of a namespace; undefined when it is gone. Answers whether anything changed. */
  setNamespace(name: string, labels: Labels | undefined): boolean {
    const before = this.#namespaces.get(name)
    if (labels && before ? sameLabels(before, labels) : labels === before) return false
    if (labels) this.#namespaces.set(name, labels)
    else this.#namespaces.delete(name)
    for (const members of this.#members.values()) {
      if (typeof members.selector.namespaces === 'string') continue
      for (const [ip, owner] of this.#owners) if (owner.namespace === name) this.#judge(members, ip, owner)
    }
    return true
  }

  /** Pods on a node that own their address. */
  on(node: string): Iterable<PodFacts> {
    return this.#byNode.get(node)?.values() ?? []
  }

  /** Addresses of a selector's pods, in order. */
  addresses(name: string): string[] {
    const members = this.#members.get(name)
    if (!members) return []
    return (members.sorted ??= [...members.ips].sort())
  }

  /** Where pods have a named port, in order: those of some addresses, in theirs, or all. */
  ports(name: string, among?: Iterable<string>): PortAddress[] {
    const places = this.#places.get(name)
    if (!places) return []
    const of = (ip: string): PortAddress[] => (places.ports.get(ip) ?? []).map((port) => ({ ip, port }))
    if (among) return [...among].flatMap(of)
    return (places.sorted ??= [...places.ports.keys()].sort().flatMap(of))
  }

  /** What has changed since the last call. */
  takeChanges(): Changes {
    const changes = this.#changes
    this.#changes = { names: new Set(), nodes: new Set() }
    return changes
  }
}

const byName = <T extends { name: string }>(all: Iterable<T>): Map<string, T> =>
  new Map([...all].map((one) => [one.name, one]))

/** Notes the ports of that name that an address has; answers whether they are others than before. */
function setPlace(places: Places, ip: string, owner: PodFacts | undefined): boolean {
  const { named, ports } = places
  const now = (owner?.ports ?? [])
    .filter(({ name, protocol }) => name === named.port && protocol === named.protocol)
    .map(({ port }) => port)
  const before = ports.get(ip) ?? []
  if (now.length === before.length && now.every((port, i) => port === before[i])) return false
  if (now.length > 0) ports.set(ip, now)
  else ports.delete(ip)
  places.sorted = undefined
  return true
}
