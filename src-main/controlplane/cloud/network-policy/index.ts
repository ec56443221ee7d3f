/**
 * NetworkPolicies (kubernetes.io, "Network Policies") for the nodes: a node may not read the pods of others, so what each enforces is compiled
 * here, one document a node, and brought to it when it changes and when it connects. Without policies nothing is looked at but policies. A change
 * of a pod costs a look at every selector; documents are made at most as often as takes a tenth of this thread, and only for nodes that it concerns.
 */
import type { Namespace, Pod } from '#types/core/v1'
import type { NetworkPolicy } from '#types/networking.k8s.io/v1'
import type { InformerFactory } from '../../../../src-kube/client/informer-factory.ts'
import type { Informer } from '../../../../src-kube/client/informer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { dnsPorts } from '../../../../src-kube/kinds/core/dns-service.ts'
import type { Clock, Timer } from '../../../../src-kube/machinery/clock.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import type { NodeTunnels } from '../../../../src-wire/node/node-connection.ts'
import { compileDocument, nothing } from './compile.ts'
import { Delivery } from './deliver.ts'
import { type ParsedPolicy, parsePolicy } from './parse-policy.ts'
import { podFacts } from './pod-facts.ts'
import { PodIndex } from './pod-index.ts'

/** What policies are compiled from, and the nodes that get them: `onConnect` tells of one whose tunnel stands, which has nothing yet. */
export interface NetworkPolicyOptions {
  informers: InformerFactory
  tunnels: Pick<NodeTunnels, 'get' | 'has' | 'list'> & { onConnect(listener: (node: string) => void): () => void }
  clock: Clock
  log(message: string, error: unknown): void
  /** Where the cluster's DNS is asked; every node answers it itself. */
  dnsAddress: string
}

/** Milliseconds in which changes are joined. */
const COALESCE = 30
/** Times as long as documents took to make until they are made again. */
const REST = 9

/**
 * Keeps every node's document (who may reach which of its pods) up to date with NetworkPolicies, pods and namespaces. Watches pods only while
 * there is a policy.
 */
export class NetworkPolicyCompiler {
  readonly #options: NetworkPolicyOptions
  readonly #delivery: Delivery
  readonly #policies: Informer<NetworkPolicy>
  readonly #pods: Informer<Pod>
  readonly #namespaces: Informer<Namespace>
  readonly #stops: Array<() => void> = []
  /** Undefined while there are no policies. */
  #watch: { index: PodIndex; stop(): void } | undefined
  /** Without a policy: one that cannot be read in this version, and could not in an earlier one. */
  #parsed = new Map<string, { version: string; policy: ParsedPolicy | undefined }>()
  #byNamespace = new Map<string, ParsedPolicy[]>()
  /** Nodes by the sets that their documents name. */
  readonly #names = new Map<string, ReadonlySet<string>>()
  #havePoliciesChanged = true
  #timer: Timer | undefined
  #restUntil = 0
  #isStopped = false

  /** Starts; the first documents are sent once what they are made of is known. */
  constructor(options: NetworkPolicyOptions) {
    const { informers, tunnels } = options
    this.#options = options
    this.#delivery = new Delivery(options)
    this.#policies = informers.informer(refs.networkPolicies)
    this.#pods = informers.informer(refs.pods)
    this.#namespaces = informers.informer(refs.namespaces)
    const changed = (): void => {
      this.#havePoliciesChanged = true
      this.#kick()
    }
    this.#stops.push(
      this.#policies.on({ add: changed, update: changed, delete: changed }),
      tunnels.onConnect((node) => {
        this.#delivery.forget(node)
        this.#kick()
      }),
    )
    const { policies, pods, namespaces } = { policies: this.#policies, pods: this.#pods, namespaces: this.#namespaces }
    void Promise.all([policies.synced, pods.synced, namespaces.synced]).then(() => this.#kick())
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#watch?.stop()
    for (const stop of this.#stops) stop()
    this.#delivery.stop()
  }

  readonly #kick = (): void => {
    const known = this.#policies.hasSynced && this.#pods.hasSynced && this.#namespaces.hasSynced
    // What is not complete would end what nodes enforce.
    if (this.#isStopped || this.#timer || !known) return
    const { clock, log } = this.#options
    const delay = Math.max(COALESCE, this.#restUntil - clock.monotonic())
    this.#timer = clock.after(delay, () => {
      this.#timer = undefined
      const begun = clock.monotonic()
      try {
        this.#compile()
      } catch (error) {
        log('network policies', error)
      }
      const ended = clock.monotonic()
      this.#restUntil = ended + REST * (ended - begun)
    })
  }

  #compile(): void {
    const all = this.#havePoliciesChanged
    if (all) this.#readPolicies()
    this.#havePoliciesChanged = false
    const changes = this.#watch?.index.takeChanges()
    for (const node of this.#options.tunnels.list()) {
      const concerned = changes?.nodes.has(node) || overlap(changes?.names, this.#names.get(node))
      if (all || concerned || !this.#delivery.knows(node)) this.#compileFor(node)
    }
  }

  #compileFor(node: string): void {
    const document = this.#watch ? compileDocument(node, this.#byNamespace, this.#watch.index) : nothing
    this.#names.set(node, new Set([...Object.keys(document.peers), ...Object.keys(document.ports)]))
    this.#delivery.send(node, document)
  }

  #readPolicies(): void {
    const policies = this.#policies.list()
    const before = this.#parsed
    this.#parsed = new Map(
      policies.map((policy) => {
        const known = before.get(objectKey(policy))
        const version = policy.metadata.resourceVersion
        if (known?.version === version) return [objectKey(policy), known]
        return [objectKey(policy), { version, policy: this.#read(policy) ?? known?.policy }]
      }),
    )
    const parsed = [...this.#parsed.values()].flatMap(({ policy }) => policy ?? [])
    this.#byNamespace = Map.groupBy(parsed, ({ namespace }) => namespace)
    if (parsed.length === 0) {
      this.#watch?.stop()
      this.#watch = undefined
      return
    }
    this.#watch ??= this.#watchPods()
    this.#watch.index.follow(
      parsed.flatMap(({ selectors }) => selectors),
      parsed.flatMap(({ namedPorts }) => namedPorts),
    )
  }

  /** Undefined for one whose selectors are none, which the log tells: the others are enforced all the same. */
  #read(policy: NetworkPolicy): ParsedPolicy | undefined {
    try {
      return parsePolicy(policy)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      this.#options.log(`network policy ${objectKey(policy)}`, error)
      return undefined
    }
  }

  #watchPods(): { index: PodIndex; stop(): void } {
    const index = new PodIndex()
    index.set('', dnsFacts(this.#options.dnsAddress))
    const setPod = (pod: Pod): void => {
      if (index.set(objectKey(pod), podFacts(pod))) this.#kick()
    }
    const setNamespace = ({ metadata }: Namespace): void => {
      if (index.setNamespace(metadata.name, metadata.labels ?? {})) this.#kick()
    }
    const stops = [
      this.#namespaces.on({
        add: setNamespace,
        update: setNamespace,
        delete: ({ metadata }) => index.setNamespace(metadata.name, undefined) && this.#kick(),
      }),
    ]
    // Those that came last have the addresses that several claim.
    for (const pod of this.#pods.list().toSorted(byAge)) setPod(pod)
    stops.push(
      this.#pods.on({
        add: setPod,
        update: setPod,
        delete: (pod) => index.set(objectKey(pod), undefined) && this.#kick(),
      }),
    )
    return { index, stop: () => stops.forEach((stop) => stop()) }
  }
}

/** What nodes answer themselves counts as the pods that answer elsewhere: of these labels, with these ports, in this namespace. */
const dnsFacts = (ip: string) => ({
  key: '',
  uid: '',
  namespace: 'kube-system',
  labels: { 'k8s-app': 'kube-dns' },
  node: '',
  ip,
  leaving: false,
  ports: dnsPorts,
})

const byAge = (left: Pod, right: Pod): number => (bornOf(left) < bornOf(right) ? -1 : 1)
const bornOf = ({ metadata }: Pod): string => metadata.creationTimestamp ?? ''

function overlap(changed: ReadonlySet<string> | undefined, named: ReadonlySet<string> | undefined): boolean {
  if (!changed || !named) return false
  for (const name of changed) if (named.has(name)) return true
  return false
}
