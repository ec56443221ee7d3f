import type { Node, NodeCondition } from '#types/core/v1'
import type { Lease } from '#types/coordination.k8s.io/v1'
import { refs } from '../../src-kube/client/refs.ts'
import type { Client } from '../../src-kube/client/typed-client.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import { isConflict, isNotFound } from '../../src-kube/machinery/errors.ts'
import { formatMicroTime, formatTime } from '../../src-kube/machinery/time.ts'
import type { Host } from '../host/index.ts'

export interface NodeReporterOptions {
  client: Client
  host: Host
  nodeName: string
  nodeIp: string
  clock: Clock
  signal: AbortSignal
  /** Why the node cannot run pods now; `` when it can. */
  problem(): string
  /** `docker://26.1.5`; `` before the engine has answered. */
  runtimeVersion(): string
  /** Images on the node, largest first. */
  images(): Promise<Array<{ names: string[]; sizeBytes: number }>>
  log(message: string): void
}

const KUBELET_VERSION = 'v1.36.0+drydock'
const LEASE_SECONDS = 40
const LEASE_INTERVAL = 10_000
const STATUS_INTERVAL = 10_000
/** An unchanged status is written this often (kubernetes.io, "Node status: Heartbeats"). */
const QUIET = 300_000
const PODS = 110
/** Bytes that the engine and the agent keep for themselves. */
const RESERVED_MEMORY = 100 * 2 ** 20
const MIB = 2 ** 20
/** Part of the disk that must be free. */
const DISK_LOW = 0.1

/** Registers the node and keeps its status and lease. */
export class NodeReporter {
  readonly #options: NodeReporterOptions
  #written = ''
  #writtenAt = 0
  #registered = false
  #busy = false
  /** Something changed while a report was under way. */
  #again = false

  constructor(options: NodeReporterOptions) {
    this.#options = options
  }

  start(): void {
    this.#every(LEASE_INTERVAL, () => this.#renewLease())
    this.#every(STATUS_INTERVAL, () => this.#report())
  }

  /** Something changed that the cluster should hear of now. */
  readonly now = (): void => {
    this.#report().catch((error: unknown) => this.#options.log(`node status: ${String(error)}`))
  }

  /** The way to the API is there again: that the node lives need not wait for the next renewal. */
  readonly alive = (): void => {
    if (!this.#registered) return
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
    if (this.#busy) {
      this.#again = true
      return
    }
    this.#busy = true
    try {
      const { clock } = this.#options
      const node = await this.#node()
      if (!this.#registered) await this.#register(node)
      const { conditions, ...rest } = node.status!
      const facts = JSON.stringify([rest, conditions?.map(statement)])
      // The cluster may have come to another view of this node (Unknown, after a silence): then it is told again.
      const known =
        (await this.#options.client.resource(refs.nodes).get(this.#options.nodeName)).status?.conditions ?? []
      const agreed = conditions?.every((c) => known.some((k) => k.type === c.type && k.status === c.status)) ?? false
      if (agreed && facts === this.#written && clock.now() - this.#writtenAt < QUIET) return
      await this.#patchStatus(node, known)
      this.#written = facts
      this.#writtenAt = clock.now()
    } finally {
      this.#busy = false
      if (this.#again) {
        this.#again = false
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
        body: { metadata: { labels: node.metadata.labels } },
      })
    } catch (error) {
      if (!isNotFound(error)) throw error
      await nodes.create(node)
    }
    this.#registered = true
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
    const { host, nodeName, nodeIp } = this.#options
    const [facts, disk, images] = await Promise.all([
      host.facts(),
      host.disk('/var/lib/docker'),
      this.#options.images(),
    ])
    const memory = Math.floor(facts.memory / 1024)
    const capacity = {
      cpu: String(facts.cpus),
      memory: `${memory}Ki`,
      'ephemeral-storage': `${Math.floor(disk.total / 1024)}Ki`,
      pods: String(PODS),
    }
    const allocatable = { ...capacity, memory: `${Math.max(memory - RESERVED_MEMORY / 1024, MIB / 1024)}Ki` }
    const os = {
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': facts.architecture,
      'beta.kubernetes.io/os': 'linux',
      'beta.kubernetes.io/arch': facts.architecture,
    }
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: nodeName,
        labels: { ...os, 'kubernetes.io/hostname': nodeName },
      } as unknown as Node['metadata'],
      spec: {},
      status: {
        capacity,
        allocatable,
        conditions: this.#conditions(disk),
        addresses: [
          { type: 'InternalIP', address: nodeIp },
          { type: 'Hostname', address: nodeName },
        ],
        daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
        nodeInfo: {
          machineID: facts.machineId,
          systemUUID: facts.machineId,
          bootID: facts.bootId,
          kernelVersion: facts.kernelVersion,
          osImage: facts.osImage,
          containerRuntimeVersion: this.#options.runtimeVersion() || 'docker://unknown',
          kubeletVersion: KUBELET_VERSION,
          kubeProxyVersion: '',
          operatingSystem: 'linux',
          architecture: facts.architecture,
        },
        images,
      },
    }
  }

  #conditions(disk: { total: number; free: number }): NodeCondition[] {
    const time = formatTime(this.#options.clock.now())
    const problem = this.#options.problem()
    const full = disk.free < disk.total * DISK_LOW
    const make = (type: string, bad: boolean, reason: string, message: string): NodeCondition => ({
      type,
      status: bad ? 'True' : 'False',
      reason,
      message,
      lastHeartbeatTime: time,
    })
    return [
      make('MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      full
        ? make('DiskPressure', true, 'KubeletHasDiskPressure', 'kubelet has disk pressure')
        : make('DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      make('PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      {
        type: 'Ready',
        status: problem ? 'False' : 'True',
        reason: problem ? 'KubeletNotReady' : 'KubeletReady',
        message: problem || 'kubelet is posting ready status',
        lastHeartbeatTime: time,
      },
    ]
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
