import type { ContainerCreateOptions } from 'dockerode'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { noDevices } from '../devices/testing/no-devices.ts'
import type { Observed } from '../plan/observed.ts'
import { defaultNodeSettings } from '../plan/settings.ts'
import type { PodContext } from '../pod-context.ts'
import type { PodPart } from '../pod-event.ts'
import { ImageError } from './images.ts'
import { LogLinks } from './log-links.ts'
import { PodFiles } from './pod-files.ts'
import { PodNetwork } from './pod-network.ts'
import { ContainerStarter } from './start-container.ts'

const root = await mkdtemp(join(tmpdir(), 'make-container-'))
afterAll(() => rm(root, { recursive: true }))

/** A node whose engine makes all that it is asked for, or fails to start it with `broken`; an `unlinked` one has no tools of the network, a
 * `full` one no control group to give. */
function makeNode({
  user = '',
  broken = '',
  unlinked = false,
  state = 'running',
  full = false,
  devices = noDevices,
} = {}) {
  const created: ContainerCreateOptions[] = []
  const bound: number[] = []
  const looked: string[] = []
  const removed: string[] = []
  const events: string[] = []
  const observed = [
    { id: 'box', name: 'POD', attempt: 0, state: 'running' },
    { id: 'main-id', name: 'main', attempt: 0, state: 'running' },
  ] as Observed[]
  const docker = {
    createContainer(options: ContainerCreateOptions) {
      created.push(options)
      const start = () =>
        broken ? Promise.reject(Object.assign(new Error(broken), { statusCode: 400 })) : Promise.resolve()
      return Promise.resolve({ id: `made-${created.length}`, start, remove: () => Promise.resolve() })
    },
    getContainer: () => ({ remove: () => Promise.resolve() }),
  }
  const run = (command: string): Promise<never> => Promise.reject(new Error(`${command} failed`))
  const host = unlinked ? { run } : { run: () => Promise.resolve({ stdout: '', stderr: '' }) }
  const range = Promise.resolve({ bridge: '10.244.1.1/24', mtu: 1450 })
  const network = new PodNetwork({
    host,
    range,
    observed: () => observed,
    end: () => Promise.resolve(),
    log: () => undefined,
  })
  const context = partial<PodContext>({
    devices,
    settings: defaultNodeSettings,
    engine: {
      docker,
      grants: { privileged: true, lowOomScore: true },
      ofPod: () => observed,
      look(id: string) {
        looked.push(id)
        const address = created.at(-1)?.Labels?.['dev.drydock.sandbox.address']
        return Promise.resolve({ id, state, pid: 7, ip: address ?? '', address })
      },
      remove: (id: string) => Promise.resolve(removed.push(id)),
    },
    network,
    images: {
      ensurePause: () => Promise.resolve('pause'),
      ensure: (_pod: Pod, { image }: Container) =>
        image ? Promise.resolve({ user }) : Promise.reject(new ImageError('InvalidImageName', 'no name', 1)),
    },
    logs: new LogLinks(root),
    references: { configMap: () => Promise.resolve(undefined) },
    files: new PodFiles({
      stateDirectory: root,
      clusterDns: '10.96.0.10',
      clusterDomain: 'cluster.local',
      host: { readFile: () => Promise.resolve('') },
    }),
    nodeFacts: {
      allocatable: () => Promise.resolve({ cpu: '4' }),
      memoryCapacity: () => Promise.resolve(1000 * 2 ** 20),
    },
    volumes: { groupsOf: () => [] },
    runtimeHandler: () => Promise.resolve(undefined),
    groups: {
      forSandbox: () =>
        full ? Promise.reject(new Error('no space left on device')) : Promise.resolve('/kubepods/podu'),
      settled: () => Promise.resolve('/kubepods/podu'),
    },
    endTogether: (pid: number) => Promise.resolve(void bound.push(pid)),
    services: () => [],
    nodeName: 'n1',
    nodeIp: '172.28.0.2',
    clock: new FakeClock(),
    event: ({ container }: PodPart, type: string, reason: string, message: string) =>
      events.push(`${container?.name ?? 'pod'} ${type} ${reason}: ${message}`),
  })
  return { starter: new ContainerStarter(context), network, bound, created, looked, removed, events, observed }
}

const podOf = (spec: object = {}) =>
  partial<Pod>({
    metadata: { name: 'p', namespace: 'ns', uid: 'u' },
    spec: { containers: [], ...spec },
    status: { qosClass: 'Burstable' },
  })

function start(node: ReturnType<typeof makeNode>, container: Partial<Container> & object, spec: object = {}) {
  const request = { attempt: 1, volumes: new Map([['v', root]]), podIp: '10.244.0.2', observed: node.observed }
  const whole = { ...request, pod: podOf(spec), container: { name: 'c', image: 'app', ...container } }
  return node.starter.start(whole, new AbortController().signal)
}

describe('a container', () => {
  it('ends as a whole when it has used up its memory, if that is limited', async () => {
    const node = makeNode()
    await start(node, {})
    expect(node.bound).toEqual([])
    await start(node, { resources: { limits: { memory: '64Mi' } } })
    expect(node.bound).toEqual([7])
  })

  it('is made of its variables, mounts, rights and the node that it is on', async () => {
    const node = makeNode({ user: 'app' })
    await start(node, {
      args: ['$(CPUS)'],
      env: [
        { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      resources: { requests: { memory: '250Mi' } },
      securityContext: { runAsGroup: 7 },
      volumeMounts: [{ name: 'v', mountPath: '/m', subPathExpr: 'sub/$(POD)' }],
    })
    expect(node.created[0]).toMatchObject({
      name: 'k8s_c_p_ns_u_1',
      Env: ['CPUS=4', 'POD=p'],
      Cmd: ['4'],
      User: 'app:7',
      HostConfig: { NetworkMode: 'container:box', OomScoreAdj: 750 },
    })
    expect(node.created[0]?.HostConfig?.Binds?.[0]).toBe(`${root}/sub/p:/m:rw`)
    expect(node.events).toEqual(['c Normal Created: Container created', 'c Normal Started: Container started'])
    expect(node.looked).toEqual(['made-1'])
  })

  it('has what its devices ask for besides, where it says nothing else itself', async () => {
    const extras = {
      env: { GPU: '0', OWN: 'plugin' },
      overrides: { SHARED: 'device' },
      mounts: ['/m', '/lib'].map((target) => ({ source: '/gpu', target, readOnly: false })),
      devices: [{ PathOnHost: '/dev/card0', PathInContainer: '/dev/gpu0', CgroupPermissions: 'rw' }],
      groups: [44],
      annotations: { gpu: 'yes' },
    }
    const node = makeNode({ devices: { ...noDevices, extrasFor: () => Promise.resolve(extras) } })
    await start(node, {
      env: ['OWN', 'SHARED'].map((name) => ({ name, value: 'own' })),
      volumeMounts: [{ name: 'v', mountPath: '/m' }],
    })
    const { Env, HostConfig: host } = node.created[0]!
    expect(Env).toEqual(['GPU=0', 'OWN=own', 'SHARED=device'])
    expect(host).toMatchObject({ Devices: extras.devices, GroupAdd: ['44'], Annotations: { gpu: 'yes' } })
    expect(host?.Binds).toEqual(expect.arrayContaining([`${root}:/m:rw`, '/gpu:/lib:rw']))
    expect(host?.Binds).not.toContain('/gpu:/m:rw')
  })

  it('for debugging sees the processes of the one it is aimed at', async () => {
    const node = makeNode()
    await start(node, { targetContainerName: 'main' } as Partial<Container>)
    expect(node.created[0]?.HostConfig?.PidMode).toBe('container:main-id')
  })

  it.each([
    [{ image: '', env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 's', key: 'k' } } }] }, 'InvalidImageName'],
    [{ env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 's', key: 'k' } } }] }, 'CreateContainerConfigError'],
    [{ securityContext: { runAsNonRoot: true } }, 'CreateContainerConfigError'],
    [{ volumeMounts: [{ name: 'w', mountPath: '/m' }] }, 'CreateContainerConfigError'],
  ])('%j is not made: %s', async (container, reason) => {
    const node = makeNode()
    await expect(start(node, container)).rejects.toMatchObject({ reason })
    expect(node.created).toEqual([])
  })

  it('that cannot run counts as an attempt: the node looks at how it ended', async () => {
    const node = makeNode({ broken: 'exec: "none": executable file not found in $PATH' })
    const before = [-1, 0].map((attempt) => ({ id: `c${attempt}`, name: 'c', attempt, state: 'exited' }))
    node.observed.push(...(before as Observed[]))
    await expect(start(node, {})).rejects.toMatchObject({ reason: 'RunContainerError' })
    expect(node.looked).toEqual(['made-1'])
    expect(node.removed).toEqual(['c-1'])
    expect(node.events).toEqual(['c Normal Created: Container created'])
  })
})

describe('a sandbox', () => {
  it('takes the place of the one before', async () => {
    const node = makeNode()
    node.observed.length = 1
    await node.starter.createSandbox(podOf({ hostname: 'h' }))
    expect(node.created[0]).toMatchObject({ name: 'k8s_POD_p_ns_u_1', Image: 'pause', Hostname: 'h' })
    expect(node.events).toEqual(['pod Normal SandboxChanged: Pod sandbox changed, it will be killed and re-created.'])
  })

  it('has an address of its own on the pod network, or none', async () => {
    const node = makeNode()
    node.observed.length = 0
    await node.starter.createSandbox(podOf())
    await node.starter.createSandbox(podOf({ hostNetwork: true }))
    const addresses = node.created.map(({ Labels }) => Labels?.['dev.drydock.sandbox.address'])
    expect(addresses).toEqual(['10.244.1.2', undefined])
  })

  it("is in its pod's control group, and not made where there can be none", async () => {
    const node = makeNode()
    node.observed.length = 0
    await node.starter.createSandbox(podOf())
    expect(node.created[0]?.HostConfig?.CgroupParent).toBe('/kubepods/podu')
    const full = makeNode({ full: true })
    full.observed.length = 0
    await expect(full.starter.createSandbox(podOf())).rejects.toThrow('no space left')
    expect([full.created, full.events]).toEqual([
      [],
      ['pod Warning FailedCreatePodContainer: unable to ensure pod container exists: no space left on device'],
    ])
  })

  it('that cannot join the network is cleared away, and its address is free again', async () => {
    const node = makeNode({ unlinked: true })
    node.observed.length = 0
    await expect(node.starter.createSandbox(podOf())).rejects.toThrow('nsenter failed')
    expect(node.events).toEqual(['pod Warning FailedCreatePodSandBox: Failed to create pod sandbox: nsenter failed'])
    expect(node.removed).toEqual(['made-1'])
    for (let i = 3; i < 255; i++) await node.network.take()
    expect(await node.network.take()).toBe('10.244.1.2')
  })

  it('that ends as soon as it starts has failed, so that the next waits', async () => {
    const node = makeNode({ state: 'exited' })
    node.observed.length = 0
    await expect(node.starter.createSandbox(podOf())).rejects.toThrow('sandbox container is not running')
    expect(node.starter.sandboxWait).toBe(2_000)
    expect(node.removed).toEqual(['made-1'])
  })

  it('waits for the devices that its pod claims', async () => {
    const refused = () => Promise.reject(new Error('prepare dynamic resources: DRA driver d is not registered'))
    const node = makeNode({ devices: { ...noDevices, prepare: refused } })
    node.observed.length = 0
    await expect(node.starter.createSandbox(podOf())).rejects.toThrow('is not registered')
    expect([node.created, node.starter.sandboxWait]).toEqual([[], 5_000])
    expect(node.events).toEqual([
      'pod Warning FailedPrepareDynamicResources: Failed to prepare dynamic resources: prepare dynamic resources: DRA driver d is not registered',
    ])
  })

  it('whose name is too long for the kernel is told of', async () => {
    const node = makeNode()
    node.observed.length = 0
    const spec = { hostname: 'h'.repeat(60), subdomain: 'sub', setHostnameAsFQDN: true }
    await expect(node.starter.createSandbox(podOf(spec))).rejects.toThrow('is too long')
    expect(node.events[0]).toMatch(
      /^pod Warning FailedCreatePodSandBox: Failed to create pod sandbox: failed to construct FQDN from pod hostname/,
    )
  })
})
