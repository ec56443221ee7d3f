import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContainerCreateOptions } from 'dockerode'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { Container, Pod, PodStatus } from '#types/core/v1'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { noDevices } from './devices/testing/no-devices.ts'
import type { Observed } from './plan/observed.ts'
import { defaultNodeSettings } from './plan/settings.ts'
import type { PodContext } from './pod-context.ts'
import { PodWorker } from './pod-worker.ts'
import { noGroups } from './runtime/testing/no-groups.ts'
import { ImageError } from './runtime/images.ts'
import { PodFiles } from './runtime/pod-files.ts'
import { VolumeError } from './volumes/volume-errors.ts'

const root = await mkdtemp(join(tmpdir(), 'unrunnable-'))
afterAll(() => rm(root, { recursive: true }))

const WORDS = 'exec: "none": executable file not found in $PATH'

/** A node on which everything but the sandbox fails to start. */
function makeNode(ensure: () => Promise<{ user: string }> = () => Promise.resolve({ user: '' })) {
  const clock = new FakeClock()
  const observed = new Map<string, Observed>()
  const statuses: PodStatus[] = []
  const names: string[] = []
  const docker = {
    createContainer({ name = '' }: ContainerCreateOptions) {
      names.push(name)
      const start = () =>
        name.includes('_POD_')
          ? Promise.resolve()
          : Promise.reject(Object.assign(new Error(WORDS), { statusCode: 400 }))
      return Promise.resolve({ id: name, start, remove: () => Promise.resolve() })
    },
  }
  const look = (id: string) => {
    const sandbox = id.includes('_POD_')
    const one = {
      id,
      name: sandbox ? 'POD' : 'c',
      podUid: 'u',
      attempt: Number(id.at(-1)),
      ip: '10.244.0.2',
      ...(sandbox ? { state: 'running', error: '' } : { state: 'exited', error: WORDS, exitCode: 127 }),
      finishedAt: '2026-01-01T00:00:00Z',
      hash: '',
    } as Observed
    observed.set(id, one)
    return Promise.resolve(one)
  }
  const context = partial<PodContext>({
    devices: noDevices,
    settings: defaultNodeSettings,
    engine: {
      docker,
      look,
      up: true,
      grants: { privileged: true, lowOomScore: true },
      ofPod: () => [...observed.values()],
      remove: () => Promise.resolve(),
    },
    images: { ensurePause: () => Promise.resolve('pause'), ensure },
    volumes: { setUp: () => Promise.resolve(new Map()), update: () => Promise.resolve(), groupsOf: () => [] },
    files: new PodFiles({
      stateDirectory: root,
      clusterDns: '10.96.0.10',
      clusterDomain: 'cluster.local',
      host: { readFile: () => Promise.resolve('') },
    }),
    groups: noGroups(),
    nodeFacts: { memoryCapacity: () => Promise.resolve(2 ** 30) },
    resizable: () => undefined,
    prober: { start: () => undefined, stop: () => undefined, stopLiveness: () => undefined },
    nodeName: 'n1',
    nodeIp: '172.28.0.2',
    runtimeHandler: () => Promise.resolve(undefined),
    services: () => [],
    network: { take: () => Promise.resolve('10.244.1.2'), attach: () => Promise.resolve(), release: () => undefined },
    networkReady: Promise.resolve({ bridge: '10.244.1.1/24', mtu: 1450 }),
    clock,
    admit: (_pod: Pod, admitted: () => void) => Promise.resolve(admitted()),
    sendStatus: (_pod: Pod, status: PodStatus) => Promise.resolve(Boolean(statuses.push(status))),
    event: () => undefined,
    log: () => undefined,
  })
  return { context, statuses, names, clock }
}

const podOf = (restartPolicy: string) =>
  ({
    metadata: { name: 'p', namespace: 'ns', uid: 'u' },
    spec: { restartPolicy, containers: [{ name: 'c', image: 'i' }] },
  }) as Pod

describe('a container that cannot run', () => {
  it('has ended for good where it may not start again', async () => {
    const { context, statuses, names } = makeNode()
    new PodWorker(podOf('Never'), context).kick()
    await vi.waitFor(() => expect(statuses.at(-1)?.phase).toBe('Failed'))
    expect(statuses.at(-1)?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      message: WORDS,
    })
    expect(names).toEqual(['k8s_POD_p_ns_u_0', 'k8s_c_p_ns_u_0'])
  })

  it('waits to start again otherwise', async () => {
    const { context, statuses } = makeNode()
    new PodWorker(podOf('Always'), context).kick()
    // The first restart is at once, the second waits.
    await vi.waitFor(() =>
      expect(statuses.at(-1)?.containerStatuses?.[0]).toMatchObject({
        state: { waiting: { reason: 'CrashLoopBackOff', message: expect.stringContaining('back-off 10s') as string } },
        lastState: { terminated: { exitCode: 128, reason: 'StartError' } },
        restartCount: 1,
      }),
    )
    expect(statuses.map(({ containerStatuses: [c] = [] }) => c?.state?.waiting)).toContainEqual({
      reason: 'RunContainerError',
      message: WORDS,
    })
  })
})

it('a container waits for the image of its volume as for its own', async () => {
  const { context, statuses } = makeNode()
  const cause = new ImageError('ImagePullBackOff', 'no such image', 300_000)
  context.volumes.setUp = () => Promise.reject(new VolumeError('v', cause))
  const pod = podOf('Always')
  pod.spec.containers[0]!.volumeMounts = [{ name: 'v', mountPath: '/v' }]
  new PodWorker(pod, context).kick()
  await vi.waitFor(() =>
    expect(statuses.at(-1)?.containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: 'ImagePullBackOff',
      message: 'no such image',
    }),
  )
})

it('of several waits the shortest comes first, whichever was asked for last', async () => {
  const asked: string[] = []
  const ensure = (_pod?: Pod, container?: Container) => {
    asked.push(container!.name)
    return Promise.reject(new ImageError('ErrImagePull', 'no', container!.name === 'c' ? 2000 : 300_000))
  }
  const { context, clock, statuses } = makeNode(ensure)
  const pod = podOf('Always')
  pod.spec.containers.push({ name: 'd', image: 'j' })
  new PodWorker(pod, context).kick()
  await vi.waitFor(() => expect(statuses.at(-1)?.containerStatuses?.[1]?.state?.waiting?.reason).toBe('ErrImagePull'))
  await clock.advance(1999)
  expect(asked).toEqual(['c', 'd'])
  await clock.advance(1)
  await vi.waitFor(() => expect(asked).toEqual(['c', 'd', 'c']))
})

it('a sandbox that cannot be made is not tried again before its time, whatever else happens to the pod', async () => {
  const { context, clock, names } = makeNode()
  context.engine.docker.createContainer = ({ name = '' }: ContainerCreateOptions) => {
    names.push(name)
    return Promise.reject(Object.assign(new Error('no room'), { statusCode: 500 }))
  }
  const worker = new PodWorker(podOf('Always'), context)
  worker.kick()
  await vi.waitFor(() => expect(names).toHaveLength(1))
  for (let i = 0; i < 20; i++) {
    worker.kick()
    await clock.advance(50)
  }
  expect(names).toHaveLength(1)
  await clock.advance(1_000)
  await vi.waitFor(() => expect(names).toHaveLength(2))
  await clock.advance(2_000)
  expect(names).toHaveLength(2)
})
