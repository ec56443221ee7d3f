/**
 * What reaches state only through the API: controllers, the parts that stand in for a cloud, and the scheduler. When the store is this instance's alone, they
 * run as long as it does, on one set of informers. When instances share a store, each group runs in one of them at a time, chosen by a lease.
 */
import { hostname } from 'node:os'
import { informerFactory, type InformerFactory } from '../../src-kube/client/informer-factory.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { Log } from '../../src-kube/runtime/controller.ts'
import { keepLease } from '../../src-kube/runtime/kept-lease.ts'
import { runElected } from '../../src-kube/runtime/leader-election.ts'
import { runController } from '../../src-kube/runtime/manager.ts'
import { aggregatedContent } from './apiserver/aggregation/content.ts'
import type { Aggregation } from './apiserver/aggregation/index.ts'
import type { Tunnels } from './apiserver/tunnel/index.ts'
import { desktopPorts } from './cloud/desktop-ports/index.ts'
import { ingressAddOn } from './cloud/ingress-add-on/index.ts'
import { NetworkPolicyCompiler } from './cloud/network-policy/index.ts'
import type { nodeSummaries } from './cloud/node-summaries.ts'
import { podUsage } from './cloud/pod-usage.ts'
import { sharedVolumeProvisioner, sharedVolumeReclaimer } from './cloud/shared-volumes.ts'
import { volumeRecycler } from './cloud/volume-recycler.ts'
import { startControllers } from './controllers/index.ts'
import type { OwnServiceOptions } from './controllers/own-service.ts'
import type { PartMetrics } from './part-metrics.ts'
import type { Pki } from './pki/index.ts'
import type { ControlPlaneOptions } from './protocol.ts'
import type { Registry } from './registry/registry.ts'
import { inProcessTransport } from './registry/transport.ts'
import { startScheduler, type DecisionLog } from './scheduler/index.ts'

/** As whom servers of metrics know autoscalers: they let this service account ask. */
const namespaces = { name: 'system:kube-controller-manager', groups: ['system:masters', 'system:authenticated'] }
const autoscaler = {
  name: 'system:serviceaccount:kube-system:horizontal-pod-autoscaler',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
}
/** Of the service `kube-dns`. */
const CLUSTER_DNS = '10.96.0.10'

/** What scheduler and controllers work with, on the API server of their own process. */
export interface LoopsOptions extends Pick<ControlPlaneOptions, 'clusterCidr' | 'serviceCidr'> {
  registry: Registry
  apiServer: OwnServiceOptions
  pki: Pki
  tunnels: Tunnels
  summaries: ReturnType<typeof nodeSummaries>
  metrics: PartMetrics
  /** Other servers of the cluster: autoscalers ask them for metrics. */
  aggregation: Pick<Aggregation, 'ask' | 'get' | 'served'>
  clock: Clock
  warn: (message: string, error?: unknown) => void
  /** Whether other instances may act on the same state. */
  shared: boolean
}

/** Scheduler and controllers, each begun when this process leads them and ended when another does. */
export interface Loops {
  /** What the scheduler decided, while it runs here. */
  readonly decisions: DecisionLog | undefined
  stop(): Promise<void>
}

/** What one group of loops works with, until it is stopped. */
interface Tools {
  informers: InformerFactory
  signal: AbortSignal
}

type End = () => Promise<void>

/** Starts controllers and scheduler; where several instances share one state, only once this one is elected. */
export function startLoops(options: LoopsOptions): Loops {
  const loops = new LoopStarter(options)
  const stop = options.shared ? loops.elected() : loops.together()
  return {
    get decisions() {
      return loops.decisions
    },
    stop,
  }
}

class LoopStarter {
  readonly #options: LoopsOptions
  readonly #log: Log
  decisions: DecisionLog | undefined

  constructor(options: LoopsOptions) {
    const { warn } = options
    this.#options = options
    this.#log = { info: () => {}, warn, error: warn }
  }

  together(): End {
    return this.#withTools((tools) =>
      inReverse([
        this.#policies(tools),
        this.#controllers(tools),
        this.#scheduler(tools),
        ...['kube-controller-manager', 'kube-scheduler'].map((name) => this.#leads(name)),
      ]),
    )
  }

  /** Nobody else could: who looks for the leader of a component finds it all the same. */
  #leads(name: string): End {
    const { clock } = this.#options
    const client = createClient(this.#transport(name))
    const lease = keepLease({ client, clock, name, identity: identity(), duration: 60, releases: true, log: this.#log })
    return () => lease.stop()
  }

  elected(): End {
    const { clock } = this.#options
    const candidate = identity()
    const elect = (name: string, work: (tools: Tools) => End): End => {
      const client = createClient(this.#transport(name))
      const election = runElected({ client, clock, name, identity: candidate, log: this.#log }, () =>
        this.#withTools(work),
      )
      return () => election.stop()
    }
    return inReverse([
      // Nodes are told by the instance that they are connected to.
      this.#withTools((tools) => this.#policies(tools)),
      elect('kube-controller-manager', (tools) => this.#controllers(tools)),
      elect('kube-scheduler', (tools) => this.#scheduler(tools)),
    ])
  }

  /** Runs work on informers of its own, which end after it. */
  #withTools(work: (tools: Tools) => End): End {
    const { clock, warn } = this.#options
    const stopping = new AbortController()
    const { signal } = stopping
    const client = createClient(this.#transport('kube-controller-manager'))
    const onError = (error: unknown): void => warn('informer', error)
    const end = work({ informers: informerFactory({ client, clock, signal, onError }), signal })
    return async () => {
      await end()
      stopping.abort()
    }
  }

  #transport(component: string) {
    const groups = ['system:masters', 'system:authenticated']
    return inProcessTransport(this.#options.registry, { name: `system:${component}`, groups })
  }

  #controllers({ informers, signal }: Tools): End {
    const { clusterCidr, serviceCidr, apiServer, pki, tunnels, summaries, aggregation, clock } = this.#options
    const { queues, controllers: counts } = this.#options.metrics
    const common = { clock, signal, informers, log: this.#log, queues }
    const transport = this.#transport('kube-controller-manager')
    const controllers = startControllers({
      ...common,
      counts,
      transport,
      ofServer: this.#transport('apiserver'),
      signer: pki.signer,
      clusterCidr,
      serviceCidr,
      apiServer,
      rootCa: pki.ca.cert,
      usage: podUsage(summaries),
      metrics: (group, version, path) =>
        aggregation.get(group, version, `/apis/${group}/${version}/${path}`, autoscaler),
      others: aggregatedContent(aggregation, namespaces),
    })
    const volumes = [sharedVolumeProvisioner(), sharedVolumeReclaimer(tunnels), volumeRecycler()]
    const cloud = [...volumes, desktopPorts(tunnels), ingressAddOn()].map((one) =>
      runController(one, { ...common, client: createClient(transport) }),
    )
    return inReverse([() => controllers.stop(), ...cloud.map((controller) => () => controller.stop())])
  }

  #policies({ informers }: Tools): End {
    const { tunnels, clock, warn } = this.#options
    const policies = new NetworkPolicyCompiler({ informers, tunnels, clock, log: warn, dnsAddress: CLUSTER_DNS })
    return () => {
      policies.stop()
      return Promise.resolve()
    }
  }

  #scheduler({ informers, signal }: Tools): End {
    const { clock, metrics } = this.#options
    const transport = this.#transport('kube-scheduler')
    const scheduler = startScheduler({
      metrics: metrics.scheduler,
      clock,
      signal,
      informers,
      log: this.#log,
      transport,
    })
    this.decisions = scheduler.decisions
    return async () => {
      this.decisions = undefined
      await scheduler.stop()
    }
  }
}

const identity = (): string => `${hostname()}_${crypto.randomUUID()}`

/** The end of all, the last begun first. */
const inReverse =
  (ends: readonly End[]): End =>
  async () => {
    for (const end of ends.toReversed()) await end()
  }
