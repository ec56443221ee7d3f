import { describe, expect, it, vi } from 'vitest'
import type { Node, Pod, PodStatus } from '#types/core/v1'
import { refs } from '../../src-kube/client/refs.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { PodDevices } from './devices/index.ts'
import { noDevices } from './devices/testing/no-devices.ts'
import type { Pressure } from './plan/eviction/thresholds.ts'
import { defaultNodeSettings } from './plan/settings.ts'
import { createAdmission } from './admission.ts'
import type { PodContext } from './pod-context.ts'
import { PodWorker } from './pod-worker.ts'

const nodeOf = (labels: Record<string, string> = {}): Node =>
  partial<Node>({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', labels },
    status: { allocatable: { cpu: '1', pods: '10' } },
  })

const podOf = (uid: string, spec: object = {}): Pod =>
  partial<Pod>({
    metadata: { name: uid, namespace: 'ns', uid },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '700m' } } }], ...spec },
  })

function arrange(node: Node | undefined, devices: Partial<PodDevices> = {}) {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const taken: Pod[] = []
  const pressures = new Set<Pressure>()
  const admit = createAdmission({
    devices: { ...noDevices, ...devices },
    client: createClient(server),
    nodeName: 'n1',
    node: () => node,
    pressures: () => pressures,
    appArmor: () => Promise.resolve(false),
    preempt: (gone) => void taken.splice(taken.indexOf(gone), 1),
    taken: () => taken,
  })
  const take = (pod: Pod) => admit(pod, () => void taken.push(pod))
  return { clock, server, taken, pressures, admit, take }
}

describe('admission', () => {
  it('gives the same room to one of two that ask at once', async () => {
    const { server, take } = arrange(nodeOf())
    server.put(refs.nodes, nodeOf())
    const answers = await Promise.all([take(podOf('a')), take(podOf('b'))])
    expect(answers.map((one) => one?.reason)).toEqual([undefined, 'OutOfcpu'])
  })

  it('takes nobody whose devices cannot be given, in upstream’s words, and holds devices only for whom it takes', async () => {
    const decided: unknown[][] = []
    const allocate = ({ metadata: { uid } }: Pod) =>
      uid === 'gpu' ? Promise.reject(new Error('cannot allocate unregistered device e.com/gpu')) : Promise.resolve()
    const { server, take } = arrange(nodeOf(), { allocate, decided: (...said) => void decided.push(said) })
    server.put(refs.nodes, nodeOf())
    const words = 'Allocate failed due to cannot allocate unregistered device e.com/gpu, which is unexpected'
    expect(await take(podOf('gpu'))).toMatchObject({ reason: 'UnexpectedAdmissionError', words })
    await take(podOf('a'))
    await take(podOf('b'))
    expect(decided).toEqual([
      ['gpu', 'refused'],
      ['a', 'taken'],
      ['b', 'refused'],
    ])
  })

  it('takes nothing while the disk of the node is short', async () => {
    const { pressures, take, taken } = arrange(nodeOf())
    pressures.add('DiskPressure')
    expect(await take(podOf('a'))).toMatchObject({
      reason: 'Evicted',
      message: 'Pod was rejected: The node had condition: [DiskPressure]. ',
    })
    pressures.clear()
    expect(await take(podOf('a'))).toBeUndefined()
    expect(taken).toHaveLength(1)
  })

  it('takes no pod whose isolation it cannot ensure', async () => {
    const { server, take } = arrange(nodeOf())
    server.put(refs.nodes, nodeOf())
    const confined = { name: 'c', image: 'i', securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }
    expect(await take(podOf('a', { containers: [confined] }))).toMatchObject({
      reason: 'AppArmor',
      message: 'Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host',
    })
    expect(await take(podOf('b', { securityContext: { supplementalGroupsPolicy: 'Strict' } }))).toBeUndefined()
  })

  it('ends pods so that there is room for a critical one', async () => {
    const { server, take, taken } = arrange(nodeOf())
    server.put(refs.nodes, nodeOf())
    await take(podOf('a'))
    expect(await take(podOf('critical', { priority: 2_000_001_000 }))).toBeUndefined()
    expect(taken.map(({ metadata }) => metadata.name)).toEqual(['critical'])
    const elsewhere = { priority: 2_000_001_000, nodeSelector: { disk: 'tape' } }
    expect((await take(podOf('other', elsewhere)))?.reason).toBe('OutOfcpu')
    expect(taken.map(({ metadata }) => metadata.name)).toEqual(['critical'])
  })

  it('asks for the node anew before it refuses: the scheduler may have seen a label first', async () => {
    const { server, take } = arrange(nodeOf())
    server.put(refs.nodes, nodeOf({ disk: 'ssd' }))
    expect(await take(podOf('a', { nodeSelector: { disk: 'ssd' } }))).toBeUndefined()
    expect((await take(podOf('b', { nodeSelector: { disk: 'tape' }, containers: [] })))?.reason).toBe('NodeAffinity')
  })

  it('refuses what it cannot judge, and where there is no node at all', async () => {
    const { server, take } = arrange(undefined)
    expect(await take(podOf('a'))).toMatchObject({
      reason: 'InvalidNodeInfo',
      message: 'Pod was rejected: Kubelet cannot get node info.',
    })
    server.put(refs.nodes, nodeOf())
    const containers = [{ name: 'c', resources: { requests: { cpu: 'much' } } }]
    expect(await take(podOf('b', { containers }))).toMatchObject({
      reason: 'UnexpectedAdmissionError',
      message: expect.stringMatching(/^Pod was rejected: Admission failed due to .+, which is unexpected\.$/) as string,
    })
  })
})

describe('a pod that the node does not take', () => {
  function worker(pod: Pod) {
    const statuses: PodStatus[] = []
    const events: string[] = []
    const { admit, clock, server } = arrange(nodeOf())
    server.put(refs.nodes, nodeOf())
    const context = partial<PodContext>({
      devices: noDevices,
      settings: defaultNodeSettings,
      engine: { up: true, ofPod: () => [], look: () => Promise.resolve() },
      resizable: () => undefined,
      prober: { start: () => undefined, stop: () => undefined, stopLiveness: () => undefined },
      clock,
      networkReady: new Promise(() => undefined),
      nodeIp: '172.28.0.2',
      admit,
      sendStatus: (_pod: Pod, status: PodStatus) => Promise.resolve(Boolean(statuses.push(status))),
      event: (_about: unknown, type: string, reason: string, message: string) =>
        void events.push(`${type} ${reason}: ${message}`),
      log: () => undefined,
    })
    const made = new PodWorker(pod, context)
    made.kick()
    return { statuses, events, worker: made }
  }

  it('fails for good and says why, with no word on containers that never were', async () => {
    const pod = podOf('a', { nodeSelector: { disk: 'tape' } })
    const { statuses, events, worker: made } = worker(pod)
    await vi.waitFor(() => expect(statuses).toHaveLength(1))
    expect(statuses[0]).toEqual({
      phase: 'Failed',
      reason: 'NodeAffinity',
      message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
      startTime: '2026-01-01T00:00:00Z',
      observedGeneration: undefined,
      qosClass: undefined,
    })
    expect(events).toEqual([
      "Warning NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ])
    expect(made.takesRoom).toBe(false)
    made.update({ ...pod, status: statuses[0]! })
    await vi.waitFor(() => expect(made.takesRoom).toBe(false))
    expect(statuses).toHaveLength(1)
  })

  it('is not asked again once it has begun', () => {
    const begun = { ...podOf('a', { nodeSelector: { disk: 'tape' } }), status: { startTime: '2026-01-01T00:00:00Z' } }
    const { statuses, worker: made } = worker(begun)
    expect(made.takesRoom).toBe(true)
    expect(statuses).toEqual([])
  })
})
