import type { Node, NodeCondition, NodeStatus } from '#types/core/v1'
import { draftMetadata } from '../../../src-kube/machinery/meta.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import type { MachineFacts } from '../../host/index.ts'
import type { DeviceAmounts } from '../devices/plan/amounts.ts'
import { support } from './node-support.ts'
import type { Reserved } from './reserved.ts'
import { hardThresholds, type Pressure, quantityOf, type Signal, type Threshold } from './eviction/thresholds.ts'

/** What a node knows of itself. */
export interface NodeFacts {
  name: string
  address: string
  machine: MachineFacts
  /** Bytes of the disk that images, containers and volumes are on. */
  disk: { total: number; free: number }
  images: Array<{ names: string[]; sizeBytes: number }>
  /** `docker://26.1.5`; empty before the engine has answered. */
  runtimeVersion: string
  /** What it has too little of. */
  pressures: ReadonlySet<Pressure>
  /** What it should always have left; upstream's defaults when absent. */
  thresholds?: readonly Threshold[] | undefined
  /** What its owner has it keep for itself; undefined where nothing is said of that. */
  reserved?: Reserved | undefined
  /** Attached volumes that its pods use; undefined before that is known. */
  volumesInUse?: readonly string[] | undefined
  /** Why it cannot run pods; empty when it can. */
  problem: string
  now: number
}

/** Volumes are attached, if ever, by the control plane. */
const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' }
/** What `kubectl get nodes` shows. */
export const KUBELET_VERSION = 'v1.36.0+drydock'
/** Pods that a node takes. */
export const PODS = 110
const MIB = 2 ** 20
const KIB = 1024
/** KiB that the engine and the agent keep for themselves, unless the node's owner says what is kept. */
const RESERVED = (100 * MIB) / KIB

/** The object that a node registers and reports itself as (kubernetes.io, "Nodes", "Node Status"). Pure. */
export function nodeObject(facts: NodeFacts): Node {
  const { name, address, machine, images, volumesInUse } = facts
  const labels = {
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': machine.architecture,
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': machine.architecture,
    'kubernetes.io/hostname': name,
  }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: draftMetadata({ name, labels, annotations }),
    spec: {},
    status: {
      ...amountsOf(facts),
      conditions: conditionsOf(facts),
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
      nodeInfo: infoOf(facts),
      images,
      ...(volumesInUse ? { volumesInUse: [...volumesInUse] } : {}),
      ...support,
    },
  }
}

/** What pods go for at once is not theirs to ask for (kubernetes.io, "Reserve Compute Resources for System Daemons: Eviction Thresholds"). */
function keptOf(signal: Signal, capacity: number, thresholds: readonly Threshold[] = hardThresholds): number {
  const hard = thresholds.find((one) => one.signal === signal && one.grace === undefined)
  return hard ? quantityOf(hard, capacity) : 0
}

const cpuText = (milli: number): string => (milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`)

function amountsOf({ machine, disk, thresholds, reserved }: NodeFacts) {
  const memory = Math.floor(machine.memory / KIB)
  const capacity = {
    cpu: String(machine.cpus),
    memory: `${memory}Ki`,
    'ephemeral-storage': `${Math.floor(disk.total / KIB)}Ki`,
    pods: String(PODS),
    // Huge pages are asked for by name, and there are none.
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
  }
  const free = Math.floor(disk.total) - keptOf('nodefs.available', disk.total, thresholds)
  const evicted = Math.floor(keptOf('memory.available', machine.memory, thresholds) / KIB)
  const kept = reserved ? Math.ceil(reserved.memory / KIB) + evicted : Math.max(RESERVED, evicted)
  const left = {
    cpu: cpuText(Math.max(0, machine.cpus * 1000 - (reserved?.milliCpu ?? 0))),
    memory: `${Math.max(memory - kept, MIB / KIB)}Ki`,
    'ephemeral-storage': String(Math.max(0, free - (reserved?.storage ?? 0))),
  }
  return { capacity, allocatable: { ...capacity, ...left } }
}

/**
 * Resources that somebody wrote into the node's capacity may be asked for as they stand, and no others any more (kubernetes.io, "Advertise Extended
 * Resources for a Node"): what of `allocatable` follows from that, null for what goes.
 */
export function extendedAllocatable(status: NodeStatus | undefined): Record<string, string | null> {
  const { capacity = {}, allocatable = {} } = status ?? {}
  const changes: Record<string, string | null> = {}
  for (const name in allocatable) if (isExtended(name) && capacity[name] === undefined) changes[name] = null
  for (const name in capacity) if (isExtended(name)) changes[name] = String(capacity[name])
  return changes
}

/** What a node tells of the devices that its plugins offer. */
export function deviceAmounts(devices: ReadonlyMap<string, DeviceAmounts> = new Map()) {
  const of = (what: keyof DeviceAmounts): Record<string, string> =>
    Object.fromEntries([...devices].map(([name, amounts]) => [name, String(amounts[what])]))
  return { capacity: of('capacity'), allocatable: of('allocatable') }
}

/** A name with a domain that is not Kubernetes' own. */
const isExtended = (name: string): boolean => name.includes('/') && !/(^|\.)kubernetes\.io\//.test(name)

function infoOf({ machine, runtimeVersion }: NodeFacts) {
  return {
    machineID: machine.machineId,
    systemUUID: machine.machineId,
    bootID: machine.bootId,
    kernelVersion: machine.kernelVersion,
    osImage: machine.osImage,
    containerRuntimeVersion: runtimeVersion || 'docker://unknown',
    kubeletVersion: KUBELET_VERSION,
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: machine.architecture,
  }
}

function conditionsOf({ pressures, problem, now }: NodeFacts): NodeCondition[] {
  const lastHeartbeatTime = formatTime(now)
  const make = (type: string, status: 'True' | 'False', reason: string, message: string): NodeCondition => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime,
  })
  return [
    pressures.has('MemoryPressure')
      ? make('MemoryPressure', 'True', 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
      : make('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    pressures.has('DiskPressure')
      ? make('DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : make('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    pressures.has('PIDPressure')
      ? make('PIDPressure', 'True', 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available')
      : make('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    problem
      ? make('Ready', 'False', 'KubeletNotReady', problem)
      : make('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ]
}
