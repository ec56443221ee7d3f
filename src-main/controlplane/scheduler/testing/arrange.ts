import type { Container, Node, Pod, PodSpec, Taint } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { FakeTransport } from '../../../../src-kube/client/testing/fake-transport.ts'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { startScheduler } from '../index.ts'

export interface NodeShape {
  labels?: Record<string, string>
  taints?: Taint[]
  cpu?: string
  memory?: string
  pods?: string
  unschedulable?: boolean
  allocatable?: Record<string, string>
  images?: Array<{ names: string[]; sizeBytes: number }>
}

/** A node as a test wants it: 4 CPUs, 8 GiB, 110 pods, labelled with its name. */
export function node(name: string, shape: NodeShape = {}): Node {
  const { labels, taints, unschedulable, images } = shape
  const allocatable = { cpu: shape.cpu ?? '4', memory: shape.memory ?? '8Gi', pods: shape.pods ?? '110' }
  return partial<Node>({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `node-${name}`, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { ...(taints ? { taints } : {}), ...(unschedulable ? { unschedulable } : {}) },
    status: { allocatable: { ...allocatable, ...shape.allocatable }, ...(images ? { images } : {}) },
  })
}

let serial = 0

/** A pod in the namespace `default` with one container that asks nothing. */
export function pod(name: string, spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `pod-${name}-${++serial}`, ...metadata },
    spec: { containers: [{ name: 'c', image: 'busybox' }], ...spec },
  } as Pod
}

/** One container with a request of CPU. */
export function cpus(cpu: string): Container[] {
  return [{ name: 'c', image: 'busybox', resources: { requests: { cpu } } }]
}

/** A scheduler on a fake API server and clock. */
export function arrangeScheduler() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const abort = new AbortController()
  const warnings: string[] = []
  const note = (message: string, facts?: unknown) => void warnings.push(`${message} ${JSON.stringify(facts)}`)
  const log = { info: () => {}, warn: note, error: note }
  const scheduler = startScheduler({ transport: server, clock, signal: abort.signal, log, random: () => 0.5 })
  const find = (name: string) => server.peek(refs.pods, name, 'default')
  return {
    clock,
    server,
    scheduler,
    warnings,
    find,
    nodeOf: (name: string) => find(name)?.spec.nodeName,
    condition: (name: string) => find(name)?.status?.conditions?.find(({ type }) => type === 'PodScheduled'),
    events: (name: string) =>
      server
        .all(refs.eventsV1)
        .filter(({ regarding }) => regarding?.name === name)
        .map(({ reason, note }) => `${reason}: ${note}`),
  }
}
