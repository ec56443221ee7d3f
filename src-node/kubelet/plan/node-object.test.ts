import { describe, expect, it } from 'vitest'
import { cordonEvent, nodeEvents } from './node-events.ts'
import { nodeObject, type NodeFacts } from './node-object.ts'

const GIB = 2 ** 30
const facts: NodeFacts = {
  name: 'n1',
  address: '172.28.0.11',
  machine: {
    cpus: 2,
    memory: 8 * GIB,
    architecture: 'amd64',
    kernelVersion: '6.1',
    osImage: 'Debian',
    machineId: 'm',
    bootId: 'b',
  },
  disk: { total: 100 * GIB, free: 50 * GIB },
  images: [],
  runtimeVersion: 'docker://26.1.5',
  pressures: new Set(),
  problem: '',
  now: 0,
}
const conditions = (over: Partial<NodeFacts> = {}): Record<string, string> =>
  Object.fromEntries(
    nodeObject({ ...facts, ...over }).status!.conditions!.map(({ type, status, reason, message }) => [
      type,
      `${status} ${reason}: ${message}`,
    ]),
  )

describe('a node says of itself', () => {
  it('what it has, and what pods may use of that', () => {
    const { status, metadata } = nodeObject(facts)
    expect(status).toMatchObject({
      capacity: { cpu: '2', memory: '8388608Ki', 'ephemeral-storage': '104857600Ki', pods: '110' },
      allocatable: { cpu: '2', memory: '8286208Ki', 'ephemeral-storage': String(98 * GIB), pods: '110' },
      runtimeHandlers: [{ name: '', features: { userNamespaces: false } }],
      features: { supplementalGroupsPolicy: true },
      declaredFeatures: [
        'ExtendWebSocketsToKubelet',
        'InPlacePodLevelResourcesVerticalScaling',
        'InPlacePodVerticalScalingInitContainers',
        'RestartAllContainersOnContainerExits',
      ],
      nodeInfo: { containerRuntimeVersion: 'docker://26.1.5', architecture: 'amd64', bootID: 'b' },
    })
    expect(metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'n1', 'kubernetes.io/arch': 'amd64' })
    expect(nodeObject({ ...facts, runtimeVersion: '' }).status?.nodeInfo?.containerRuntimeVersion).toBe(
      'docker://unknown',
    )
  })

  it('that pods may not use what its owner has it keep for itself, besides what it should always have left', () => {
    const reserved = { milliCpu: 500, memory: GIB, storage: 10 * GIB, processes: 0 }
    expect(nodeObject({ ...facts, reserved }).status).toMatchObject({
      capacity: { cpu: '2', memory: '8388608Ki' },
      allocatable: { cpu: '1500m', memory: `${7 * 1024 * 1024 - 100 * 1024}Ki`, 'ephemeral-storage': String(88 * GIB) },
    })
  })

  it('that pods may not use what it should always have left', () => {
    const allocatable = (thresholds: NodeFacts['thresholds']) =>
      nodeObject({ ...facts, thresholds }).status?.allocatable
    const hard = [
      { signal: 'memory.available', quantity: GIB },
      { signal: 'nodefs.available', part: 0.5 },
    ] as const
    expect(allocatable(hard)).toMatchObject({ memory: '7340032Ki', 'ephemeral-storage': String(50 * GIB) })
    // What is soft is only looked at, and the engine keeps its own whatever is said.
    const soft = hard.map((one) => ({ ...one, grace: 1000 }))
    expect(allocatable(soft)).toMatchObject({ memory: '8286208Ki', 'ephemeral-storage': String(100 * GIB) })
  })

  it('that it is well, or what is wrong', () => {
    expect(conditions()).toEqual({
      MemoryPressure: 'False KubeletHasSufficientMemory: kubelet has sufficient memory available',
      DiskPressure: 'False KubeletHasNoDiskPressure: kubelet has no disk pressure',
      PIDPressure: 'False KubeletHasSufficientPID: kubelet has sufficient PID available',
      Ready: 'True KubeletReady: kubelet is posting ready status',
    })
    const pressures = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const)
    expect(conditions({ pressures, problem: 'container runtime is down' })).toMatchObject({
      MemoryPressure: 'True KubeletHasInsufficientMemory: kubelet has insufficient memory available',
      DiskPressure: 'True KubeletHasDiskPressure: kubelet has disk pressure',
      PIDPressure: 'True KubeletHasInsufficientPID: kubelet has insufficient PID available',
      Ready: 'False KubeletNotReady: container runtime is down',
    })
  })
})

describe('events about a node', () => {
  const status = (over: Partial<NodeFacts> = {}) => nodeObject({ ...facts, ...over }).status!
  const reasons = (...args: Parameters<typeof nodeEvents>) => nodeEvents(...args).map(({ reason }) => reason)

  it('tell of the pressures of a new node, and of its readiness only when that turns', () => {
    const pressures = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID']
    expect(reasons('n1', undefined, status())).toEqual(pressures)
    const before = status({ problem: 'no network' })
    expect(nodeEvents('n1', before, status())).toEqual([
      { type: 'Normal', reason: 'NodeReady', message: 'Node n1 status is now: NodeReady' },
    ])
    expect(reasons('n1', status(), before)).toEqual(['NodeNotReady'])
    expect(reasons('n1', status(), status({ pressures: new Set(['DiskPressure']) }))).toEqual(['NodeHasDiskPressure'])
    expect(reasons('n1', status(), status())).toEqual([])
  })

  it('tell of a boot of the machine', () => {
    const machine = { ...facts.machine, bootId: 'c' }
    expect(nodeEvents('n1', status(), status({ machine }))).toEqual([
      { type: 'Warning', reason: 'Rebooted', message: 'Node n1 has been rebooted, boot id: c' },
    ])
  })

  it('tell that it takes new pods, or no more', () => {
    expect(cordonEvent('n1', { before: false, now: true })).toMatchObject({ reason: 'NodeNotSchedulable' })
    expect(cordonEvent('n1', { before: true, now: false })?.message).toBe('Node n1 status is now: NodeSchedulable')
    expect([
      cordonEvent('n1', { before: undefined, now: true }),
      cordonEvent('n1', { before: true, now: true }),
    ]).toEqual([undefined, undefined])
  })

  it('are silent on conditions of others', () => {
    const condition = { type: 'KernelDeadlock', status: 'True' as const }
    expect(reasons('n1', { conditions: [] }, { conditions: [condition] })).toEqual([])
    expect(reasons('n1', undefined, {})).toEqual([])
  })
})
