import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Pod, Volume } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { RpcError } from '../plugins/rpc/codes.ts'
import { createVolumes } from '../volumes/index.ts'
import { nodeCan } from './api.ts'
import { CsiDrivers } from './drivers.ts'
import { sha256 } from './plan/volume.ts'
import { type FakeDriver, fakeDriver } from './testing/fake-driver.ts'

describe('volumes of CSI drivers', () => {
  let driver: FakeDriver
  let state: string
  let over: AbortController
  beforeEach(async () => {
    driver = await fakeDriver()
    state = await mkdtemp(join(tmpdir(), 'csi-'))
    over = new AbortController()
  })
  afterEach(async () => {
    over.abort()
    await driver.stop()
    await rm(state, { recursive: true })
  })

  const clock = new FakeClock()

  /** An agent of the node; its state outlives it. */
  async function agent(server = new FakeTransport({ clock })) {
    const drivers = new CsiDrivers({ announce: () => Promise.resolve(), withdraw: () => Promise.resolve() })
    await drivers.register({ name: 'd.io', endpoint: driver.endpoint, versions: ['1.0.0'] })
    const released: string[] = []
    const waited: string[] = []
    const attachments = {
      of({ handle }: { handle: string }, { name }: { name: string }) {
        waited.push(`${name} ${handle}`)
        return Promise.resolve({ device: '/dev/x' })
      },
      release: (uid: string) => void released.push(uid),
    }
    const ran: string[] = []
    const events: string[] = []
    const logged: string[] = []
    const volumes = createVolumes({
      csi: { drivers, attachments },
      client: createClient(server),
      stateDirectory: state,
      memoryDirectory: `${state}/memory`,
      nodeName: 'n1',
      nodeIp: '172.28.0.2',
      nodeFacts: { allocatable: () => Promise.resolve({}) },
      layersOf: () => Promise.resolve([]),
      host: {
        run(command, args) {
          ran.push([command, ...args].join(' ').replaceAll(state, ''))
          return Promise.resolve({ stdout: '', stderr: '' })
        },
        readFile: () => Promise.resolve(''),
      },
      event: (_pod, type, reason, message) => events.push(`${type} ${reason} ${message}`),
      clock,
      signal: over.signal,
      log: (message) => logged.push(message),
    })
    server.intercept = (call) =>
      call.subresource === 'token'
        ? ({ status: { token: 't', expirationTimestamp: '2026-01-01T01:00:00Z' } } as never)
        : undefined
    return { server, volumes, released, waited, ran, events, drivers, logged }
  }

  const podWith = (uid: string, volume: Omit<Volume, 'name'>, spec: object = {}): Pod =>
    ({
      metadata: { name: `pod-${uid}`, namespace: 'a', uid },
      spec: {
        volumes: [{ name: 'v', ...volume }],
        containers: [{ name: 'c', volumeMounts: [{ name: 'v', mountPath: '/m' }] }],
        serviceAccountName: 'sa',
        ...spec,
      },
    }) as Pod
  const claimed = (uid: string, spec: object = {}) =>
    podWith(uid, { persistentVolumeClaim: { claimName: 'data' } }, spec)

  function persist(server: FakeTransport, spec: object = {}, csi: object = {}, claim: object = {}): void {
    server.put(refs.persistentVolumeClaims, {
      metadata: { name: 'data', namespace: 'a', uid: 'c1' },
      spec: { volumeName: 'pv', resources: { requests: { storage: '3Gi' } } },
      status: { phase: 'Bound', capacity: { storage: '1Gi' }, ...claim },
    })
    server.put(refs.persistentVolumes, {
      metadata: { name: 'pv' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        mountOptions: ['noatime'],
        claimRef: { namespace: 'a', name: 'data', uid: 'c1' },
        csi: { driver: 'd.io', volumeHandle: 'h', fsType: 'ext4', volumeAttributes: { k: 'v' }, ...csi },
        ...spec,
      },
    })
  }
  const driverObject = (server: FakeTransport, spec: object) =>
    server.put(refs.csiDrivers, { metadata: { name: 'd.io' }, spec })

  it('are attached, prepared once a node and published once a pod, at the places that drivers know', async () => {
    const { server, volumes, waited } = await agent()
    persist(server)
    const paths = await volumes.setUp(claimed('u1'), {})
    const target = `${state}/pods/u1/volumes/kubernetes.io~csi/pv/mount`
    const staging = `${state}/plugins/kubernetes.io/csi/d.io/${sha256('h')}/globalmount`
    expect(paths.get('v')).toBe(target)
    expect(waited).toEqual(['v h'])
    const volumeCapability = {
      block: undefined,
      mount: { fsType: 'ext4', mountFlags: ['noatime'], volumeMountGroup: '' },
      accessMode: { mode: 1 },
    }
    const common = { volumeId: 'h', publishContext: { device: '/dev/x' }, stagingTargetPath: staging, volumeCapability }
    expect(driver.last('stage')).toEqual({ ...common, secrets: {}, volumeContext: { k: 'v' } })
    expect(driver.last('publish')).toEqual({
      ...common,
      targetPath: target,
      readonly: false,
      secrets: {},
      volumeContext: { k: 'v' },
    })
    expect(JSON.parse(await readFile(`${target}/../vol_data.json`, 'utf8'))).toEqual({
      specVolID: 'pv',
      volumeHandle: 'h',
      driverName: 'd.io',
      nodeName: 'n1',
      attachmentID: `csi-${sha256('hd.ion1')}`,
      volumeLifecycleMode: 'Persistent',
    })
    await volumes.setUp(claimed('u1'), {})
    await volumes.setUp(claimed('u2'), {})
    expect(driver.names()).toEqual(['getInfo', 'stage', 'publish', 'publish'])
  })

  it('are taken back from the last pod for the whole node, also by the next agent', async () => {
    const { server, volumes, released } = await agent()
    persist(server)
    await volumes.setUp(claimed('u1'), {})
    await volumes.setUp(claimed('u2'), {})
    driver.calls.length = 0
    await volumes.tearDown('u1')
    expect(driver.names()).toEqual(['unpublish'])
    expect(released).toEqual(['u1'])
    const next = await agent(server)
    driver.calls.length = 0
    await next.volumes.tearDown('u2')
    expect(driver.calls.filter(([name]) => name !== 'getCapabilities')).toEqual([
      ['unpublish', { volumeId: 'h', targetPath: `${state}/pods/u2/volumes/kubernetes.io~csi/pv/mount` }],
      [
        'unstage',
        { volumeId: 'h', stagingTargetPath: `${state}/plugins/kubernetes.io/csi/d.io/${sha256('h')}/globalmount` },
      ],
    ])
    expect(next.released).toEqual(['u2'])
    await expect(stat(`${state}/pods/u2`)).rejects.toThrow('ENOENT')
    await expect(stat(`${state}/plugins/kubernetes.io/csi/d.io/${sha256('h')}`)).rejects.toThrow('ENOENT')
  })

  it('stay, with all that is the pod’s, while the driver cannot take them back', async () => {
    const { server, volumes, drivers, released } = await agent()
    persist(server)
    await volumes.setUp(claimed('u1'), {})
    driver.failures.unpublish = new RpcError('Internal', 'busy')
    await expect(volumes.tearDown('u1')).rejects.toThrow('rpc error: code = Internal desc = busy')
    await drivers.deregister({ name: 'd.io', endpoint: driver.endpoint, versions: [] })
    await expect(volumes.tearDown('u1')).rejects.toThrow('driver name d.io not found')
    await stat(`${state}/pods/u1/volumes/kubernetes.io~csi/pv/vol_data.json`)
    expect(released).toEqual([])
    delete driver.failures.unpublish
    await drivers.register({ name: 'd.io', endpoint: driver.endpoint, versions: ['1.0.0'] })
    await volumes.tearDown('u1')
  })

  it('wait for drivers that are there when an agent starts to introduce themselves', async () => {
    const { server, volumes, drivers } = await agent()
    persist(server)
    await drivers.deregister({ name: 'd.io', endpoint: driver.endpoint, versions: [] })
    const first = drivers.register({ name: 'd.io', endpoint: driver.endpoint, versions: ['1.0.0'] })
    drivers.awaitFirst(first)
    await volumes.setUp(claimed('u1'), {})
    await expect(drivers.find('other.io')).rejects.toThrow('driver name other.io not found')
  })

  it('tell what failed in upstream’s words', async () => {
    const { server, volumes } = await agent()
    persist(server)
    driver.failures.stage = new RpcError('Internal', 'no disk')
    await expect(volumes.setUp(claimed('u1'), {})).rejects.toThrow(
      'MountVolume.MountDevice failed for volume "pv" : rpc error: code = Internal desc = no disk',
    )
    delete driver.failures.stage
    driver.failures.publish = new RpcError('InvalidArgument', 'what')
    await expect(volumes.setUp(claimed('u1'), {})).rejects.toThrow(
      'MountVolume.SetUp failed for volume "pv" : rpc error: code = InvalidArgument desc = what',
    )
    // The driver has nothing of it: it is not asked to take it back.
    await volumes.tearDown('u1')
    expect(driver.names()).not.toContain('unpublish')
  })

  it('are taken back when nobody knows how far the driver got', async () => {
    const { server, volumes } = await agent()
    persist(server)
    driver.failures.publish = new RpcError('DeadlineExceeded', 'late')
    await expect(volumes.setUp(claimed('u1'), {})).rejects.toThrow('DeadlineExceeded')
    await volumes.tearDown('u1')
    expect(driver.names().slice(-2)).toEqual(['unpublish', 'unstage'])
  })

  it('of drivers that neither attach nor prepare are published alone', async () => {
    driver.capabilities = []
    const { server, volumes, waited } = await agent()
    persist(server)
    driverObject(server, { attachRequired: false })
    await volumes.setUp(claimed('u1'), {})
    expect(waited).toEqual([])
    expect(driver.last('publish')).toMatchObject({ stagingTargetPath: '', publishContext: {} })
    await volumes.tearDown('u1')
    expect(driver.names()).toEqual(['getInfo', 'publish', 'unpublish'])
  })

  it('bring secrets, the pod’s words and tokens', async () => {
    const { server, volumes } = await agent()
    persist(
      server,
      {},
      { nodeStageSecretRef: { name: 's', namespace: 'z' }, nodePublishSecretRef: { name: 'p', namespace: 'z' } },
    )
    server.put(refs.secrets, { metadata: { name: 's', namespace: 'z' }, data: { a: btoa('1') } })
    driverObject(server, { attachRequired: false, podInfoOnMount: true, tokenRequests: [{ audience: 'vault' }] })
    await expect(volumes.setUp(claimed('u1'), {})).rejects.toThrow(
      'fetching NodePublishSecretRef z/p failed: kubernetes.io/csi: failed to find the secret p in the namespace z',
    )
    server.put(refs.secrets, { metadata: { name: 'p', namespace: 'z' }, data: { b: btoa('2') } })
    await volumes.setUp(claimed('u1'), {})
    expect(driver.last('stage')).toMatchObject({ secrets: { a: '1' } })
    expect(driver.last('publish')).toMatchObject({
      secrets: { b: '2' },
      volumeContext: {
        k: 'v',
        'csi.storage.k8s.io/pod.name': 'pod-u1',
        'csi.storage.k8s.io/pod.namespace': 'a',
        'csi.storage.k8s.io/pod.uid': 'u1',
        'csi.storage.k8s.io/serviceAccount.name': 'sa',
        'csi.storage.k8s.io/ephemeral': 'false',
        'csi.storage.k8s.io/serviceAccount.tokens':
          '{"vault":{"token":"t","expirationTimestamp":"2026-01-01T01:00:00Z"}}',
      },
    })
  })

  it('in a pod itself are the driver’s to make and to throw away, when it says that it does', async () => {
    const { server, volumes } = await agent()
    const pod = podWith('u1', { csi: { driver: 'd.io', readOnly: true, volumeAttributes: { k: 'v' } } })
    driverObject(server, { volumeLifecycleModes: ['Persistent'] })
    await expect(volumes.setUp(pod, {})).rejects.toThrow(
      'MountVolume.NewMounter initialization failed for volume "v" : volume mode "Ephemeral" not supported by driver d.io (only supports ["Persistent"])',
    )
    driverObject(server, { volumeLifecycleModes: ['Ephemeral'], podInfoOnMount: true })
    const paths = await volumes.setUp(pod, {})
    expect(paths.get('v')).toBe(`${state}/pods/u1/volumes/kubernetes.io~csi/v/mount`)
    expect(driver.last('publish')).toMatchObject({
      volumeId: `csi-${sha256('u1v')}`,
      readonly: true,
      volumeContext: { k: 'v', 'csi.storage.k8s.io/ephemeral': 'true' },
    })
    await volumes.tearDown('u1')
    expect(driver.names()).toEqual(['getInfo', 'publish', 'unpublish'])
  })

  it('without a file system are a device of the pod', async () => {
    const { server, volumes } = await agent()
    persist(server, { volumeMode: 'Block' })
    const containers = [{ name: 'c', volumeDevices: [{ name: 'v', devicePath: '/dev/v' }] }]
    const paths = await volumes.setUp(claimed('u1', { containers }), {})
    const place = `${state}/plugins/kubernetes.io/csi/volumeDevices`
    expect(paths.get('v')).toBe(`${place}/publish/pv/u1`)
    expect(driver.last('stage')).toMatchObject({
      stagingTargetPath: `${place}/staging/pv`,
      volumeCapability: { block: {}, mount: undefined },
    })
    await volumes.tearDown('u1')
    expect(driver.last('unpublish')).toEqual({ volumeId: 'h', targetPath: `${place}/publish/pv/u1` })
    expect(driver.last('unstage')).toEqual({ volumeId: 'h', stagingTargetPath: `${place}/staging/pv` })
    await expect(stat(`${place}/pv`)).rejects.toThrow('ENOENT')
  })

  it.each([
    [{ fsGroupPolicy: 'File' }, {}, [], true],
    [{ fsGroupPolicy: 'None' }, {}, [], false],
    [{ fsGroupPolicy: 'ReadWriteOnceWithFSType' }, {}, [], true],
    [{ fsGroupPolicy: 'ReadWriteOnceWithFSType' }, { accessModes: ['ReadWriteMany'] }, [], false],
    [{ fsGroupPolicy: 'File' }, {}, [nodeCan.mountGroup], false],
  ])('are given to the pod’s group as the driver says: %j, %j, %j', async (object, spec, more, given) => {
    driver.capabilities = [nodeCan.stage, ...more]
    const { server, volumes, ran } = await agent()
    persist(server, spec)
    driverObject(server, object)
    await volumes.setUp(claimed('u1', { securityContext: { fsGroup: 7 } }), {})
    expect(ran.some((line) => line.startsWith('chown -R :7 '))).toBe(given)
    const group = more.length > 0 ? '7' : ''
    expect(driver.last('publish')).toMatchObject({ volumeCapability: { mount: { volumeMountGroup: group } } })
  })

  it('grow on the node once they are larger than their claim knows', async () => {
    driver.capabilities = [nodeCan.stage, nodeCan.expand]
    const { server, volumes, events } = await agent()
    const conditions = [{ type: 'FileSystemResizePending', status: 'True' }]
    persist(server, { capacity: { storage: '2Gi' } }, {}, { conditions })
    await volumes.setUp(claimed('u1'), {})
    expect(driver.last('expand')).toMatchObject({
      volumeId: 'h',
      volumePath: `${state}/pods/u1/volumes/kubernetes.io~csi/pv/mount`,
      capacityRange: { requiredBytes: 2 ** 31, limitBytes: 0 },
    })
    const claim = server.all(refs.persistentVolumeClaims)[0]
    expect(claim?.status).toMatchObject({ capacity: { storage: '2Gi' }, conditions: [] })
    expect(events).toEqual([
      'Normal FileSystemResizeSuccessful MountVolume.NodeExpandVolume succeeded for volume "pv" ',
    ])
    // Also while the pod runs.
    driver.calls.length = 0
    persist(server, { capacity: { storage: '3Gi' } }, {}, { capacity: { storage: '2Gi' } })
    await clock.advance(10_000)
    await vi.waitFor(() => expect(driver.names()).toEqual(['expand']))
  })

  it('are told of again by drivers that want that, until the pod goes', async () => {
    const { server, volumes } = await agent()
    driverObject(server, { volumeLifecycleModes: ['Ephemeral'], requiresRepublish: true })
    await volumes.setUp(podWith('u1', { csi: { driver: 'd.io' } }), {})
    for (let i = 0; i < 6; i++) {
      await clock.advance(10_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await vi.waitFor(() => expect(driver.names()).toEqual(['getInfo', 'publish', 'publish']))
    await volumes.tearDown('u1')
    await clock.advance(120_000)
    expect(driver.names()).toEqual(['getInfo', 'publish', 'publish', 'unpublish'])
  })

  it('have the room that their driver tells of', async () => {
    driver.capabilities = [nodeCan.stats]
    driver.usage = [
      { available: 60, total: 100, used: 40, unit: 1 },
      { available: 6, total: 10, used: 4, unit: 2 },
    ]
    const { server, volumes } = await agent()
    persist(server)
    const path = (await volumes.setUp(claimed('u1'), {})).get('v')!
    expect(await volumes.statsOf(path)).toEqual({
      used: 40,
      total: 100,
      free: 60,
      inodes: { used: 4, total: 10, free: 6 },
    })
    expect(await volumes.statsOf('/elsewhere')).toBeUndefined()
  })
})
