import type { Node, NodeCondition, NodeStatus } from '#types/core/v1'
import type { Lease } from '#types/coordination.k8s.io/v1'
import { refs } from '../../src-kube/client/refs.ts'
import type { Client } from '../../src-kube/client/typed-client.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import { isConflict, isNotFound } from '../../src-kube/machinery/errors.ts'
import { formatMicroTime, formatTime } from '../../src-kube/machinery/time.ts'
import type { EventRecorder } from '../../src-kube/runtime/events.ts'
import type { Host } from '../host/index.ts'
import type { DeviceAmounts } from './devices/plan/amounts.ts'
import type { Pressure, Threshold } from './plan/eviction/thresholds.ts'
import type { Reserved } from './plan/reserved.ts'
import { cordonEvent, nodeEvents, type NodeEvent } from './plan/node-events.ts'
import { deviceAmounts, extendedAllocatable, nodeObject } from './plan/node-object.ts'

/** Where the status and the lease of the node come from (kubernetes.io, "Nodes: Node heartbeats"). */
export interface NodeReporterOptions {
  client: Client
  host: Host
  nodeName: string
  nodeIp: string
  clock: Clock
  signal: AbortSignal
  /** Why the node cannot run pods now; `` when it can. */
  problem(): string
  /** Whether an agent that has just started does not know yet what problem there is. */
  unsure?(): boolean
  /** What the node has too little of now. */
  pressures(): ReadonlySet<Pressure>
  /** What it should always have left. */
  thresholds?(): readonly Threshold[]
  /** Attached volumes that its pods use. */
  volumesInUse?(): string[] | undefined
  /** What its owner has it keep for itself. */
  reserved?: Promise<Reserved | undefined>
  /** `docker://26.1.5`; `` before the engine has answered. */
  runtimeVersion(): string
  /** Images on the node, largest first. */
  images(): Promise<Array<{ names: string[]; sizeBytes: number }>>
  /** What plugins offer. */
  devices?(): ReadonlyMap<string, DeviceAmounts>
  recorder: EventRecorder
  log(message: string): void
}

/** For how long the lease holds, in seconds. */
const LEASE_SECONDS = 40
/** Milliseconds between two renewals of the lease, and between two looks at the status. */
const LEASE_INTERVAL = 10_000
const STATUS_INTERVAL = 10_000
/** An unchanged status is written this often (kubernetes.io, "Node status: Heartbeats"). */
const QUIET = 300_000
/** Registers the node and keeps its status and lease. */
export class NodeReporter {
  readonly #options: NodeReporterOptions
  #written = ''
  #writtenAt = 0
  #isRegistered = false
  #cordoned: boolean | undefined
  #isBusy = false
  /** Something changed while a report was under way. */
  #mustRunAgain = false

  constructor(options: NodeReporterOptions) {
    this.#options = options
  }

  start(): void {
    this.tell({ type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' })
    this.#every(LEASE_INTERVAL, () => this.#renewLease())
    this.#every(STATUS_INTERVAL, () => this.#report())
  }

  /** Something changed that the cluster should hear of now. */
  readonly now = (): void => {
    this.#report().catch((error: unknown) => this.#options.log(`node status: ${String(error)}`))
  }

  /** The way to the API is there again: that the node lives need not wait for the next renewal. */
  readonly alive = (): void => {
    if (!this.#isRegistered) return
    this.#renewLease().catch((error: unknown) => this.#options.log(`node lease: ${String(error)}`))
    this.now()
  }

  #every(interval: number, work: () => Promise<void>): void {
    const { clock, signal, log } = this.#options
    const tick = (): void => {
      if (signal.aborted) return
      work()
        .then(
          () => interval,
          (error: unknown) => {
            log(`node: ${error instanceof Error ? error.message : String(error)}`)
            return Math.min(interval, 2_000)
          },
        )
        .then((delay) => clock.after(delay, tick))
        .catch((error: unknown) => log(String(error)))
    }
    tick()
  }

  async #report(): Promise<void> {
    if (this.#isBusy) {
      this.#mustRunAgain = true
      return
    }
    this.#isBusy = true
    try {
      const { clock } = this.#options
      const node = await this.#node()
      if (!this.#isRegistered) await this.#register(node)
      const { conditions, ...rest } = node.status!
      // The cluster may have come to another view of this node (Unknown, after a silence): then it is told again.
      const { status: before, spec } = await this.#options.client.resource(refs.nodes).get(this.#options.nodeName)
      const { capacity, allocatable } = deviceAmounts(this.#options.devices?.())
      Object.assign(rest.capacity!, capacity)
      Object.assign(rest.allocatable!, extendedAllocatable(before), allocatable)
      const facts = JSON.stringify([rest, conditions?.map(statement)])
      this.#noteCordon(spec?.unschedulable ?? false)
      const known = before?.conditions ?? []
      // Pods run on while an agent is replaced: the services before them are not told otherwise for a moment.
      if (this.#options.unsure?.() && known.some(({ type, status }) => type === 'Ready' && status === 'True')) return
      const agreed = conditions?.every((c) => known.some((k) => k.type === c.type && k.status === c.status)) ?? false
      if (agreed && facts === this.#written && clock.monotonic() - this.#writtenAt < QUIET) return
      await this.#patchStatus(node, known)
      this.#tellTurns(node, before)
      this.#written = facts
      this.#writtenAt = clock.monotonic()
    } finally {
      this.#isBusy = false
      if (this.#mustRunAgain) {
        this.#mustRunAgain = false
        this.now()
      }
    }
  }

  async #register(node: Node): Promise<void> {
    const { client, nodeName } = this.#options
    const nodes = client.resource(refs.nodes)
    try {
      await nodes.get(nodeName)
      await nodes.patch({
        name: nodeName,
        type: 'application/merge-patch+json',
        body: { metadata: { labels: node.metadata.labels, annotations: node.metadata.annotations } },
      })
    } catch (error) {
      if (!isNotFound(error)) throw error
      await nodes.create(node)
      this.#tellTurns(node, undefined)
    }
    this.#isRegistered = true
  }

  /** Conditions keep the time of their last change; those of others stay. */
  async #patchStatus(node: Node, before: readonly NodeCondition[]): Promise<void> {
    const { client, nodeName, clock } = this.#options
    const nodes = client.resource(refs.nodes)
    const conditions = node.status!.conditions!.map((condition): NodeCondition => {
      const old = before.find((c) => c.type === condition.type)
      const time =
        old?.status === condition.status && old.lastTransitionTime ? old.lastTransitionTime : formatTime(clock.now())
      return { ...condition, lastTransitionTime: time }
    })
    const others = before.filter((condition) => !conditions.some((c) => c.type === condition.type))
    const status = { ...node.status, conditions: [...others, ...conditions] }
    await nodes.patch({ name: nodeName, type: 'application/merge-patch+json', subresource: 'status', body: { status } })
  }

  async #node(): Promise<Node> {
    const { host, nodeName: name, nodeIp: address, problem, pressures, runtimeVersion, clock } = this.#options
    const [machine, disk, images, reserved] = await Promise.all([
      host.facts(),
      host.disk('/var/lib/docker'),
      this.#options.images(),
      this.#options.reserved,
    ])
    const now = clock.now()
    return nodeObject({
      name,
      address,
      machine,
      disk,
      images,
      runtimeVersion: runtimeVersion(),
      pressures: pressures(),
      thresholds: this.#options.thresholds?.(),
      reserved,
      volumesInUse: this.#options.volumesInUse?.(),
      problem: problem(),
      now,
    })
  }

  #noteCordon(cordoned: boolean): void {
    const event = cordonEvent(this.#options.nodeName, { before: this.#cordoned, now: cordoned })
    if (event) this.tell(event)
    this.#cordoned = cordoned
  }

  #tellTurns({ status }: Node, before: NodeStatus | undefined): void {
    for (const event of nodeEvents(this.#options.nodeName, before, status!)) this.tell(event)
  }

  /** An event about the node, which is named as upstream's kubelet names itself: by its name in place of its uid. */
  tell({ type, reason, message }: NodeEvent): void {
    const { nodeName: name, recorder } = this.#options
    recorder.event({ apiVersion: 'v1', kind: 'Node', name, uid: name }, type, reason, message)
  }

  async #renewLease(): Promise<void> {
    const { client, nodeName, clock } = this.#options
    const leases = client.resource(refs.leases)
    const spec: Lease['spec'] = {
      holderIdentity: nodeName,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: formatMicroTime(clock.now()),
    }
    try {
      await leases.patch({
        name: nodeName,
        namespace: 'kube-node-lease',
        type: 'application/merge-patch+json',
        body: { spec },
      })
    } catch (error) {
      if (isConflict(error)) return
      if (!isNotFound(error)) throw error
      const owner = await client.resource(refs.nodes).get(nodeName)
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: owner.metadata.uid }]
      await leases.create({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: nodeName, namespace: 'kube-node-lease', ownerReferences },
        spec,
      })
    }
  }
}

/** What a condition says, without its times. */
const statement = ({ type, status, reason, message }: NodeCondition): unknown[] => [type, status, reason, message]
