import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Pod, Volume } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { noDrivers } from '../csi/testing/no-drivers.ts'
import { createVolumes } from './index.ts'
import { setUpNfs } from './nfs.ts'

const root = await mkdtemp(join(tmpdir(), 'remote-volumes-'))
afterAll(() => rm(root, { recursive: true }))
let serial = 0

/** A node whose mounts fail with these words, one after the other; those behind them do not. */
function makeNode(...failures: string[]) {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const stateDirectory = join(root, String(++serial))
  const ran: string[] = []
  const host = {
    run(command: string, args: readonly string[]) {
      ran.push([command, ...args].join(' ').replaceAll(stateDirectory, ''))
      const words = failures.shift()
      return words === undefined ? Promise.resolve({ stdout: '', stderr: '' }) : Promise.reject(new Error(words))
    },
    readFile: () => Promise.resolve(''),
  }
  const volumes = createVolumes({
    csi: noDrivers(),
    client: createClient(server),
    stateDirectory,
    memoryDirectory: `${stateDirectory}-memory`,
    nodeName: 'n1',
    nodeIp: '172.28.0.2',
    nodeFacts: { allocatable: () => Promise.resolve({}) },
    layersOf: () => Promise.resolve([]),
    host,
    event: () => undefined,
    clock,
    signal: new AbortController().signal,
    log: () => undefined,
  })
  return { host, server, ran, volumes, stateDirectory }
}

function podWith(volume: Omit<Volume, 'name'>): Pod {
  const containers = [{ name: 'c', volumeMounts: [{ name: 'v', mountPath: '/m' }] }]
  const spec = { volumes: [{ name: 'v', ...volume }], containers, securityContext: { fsGroup: 7 } }
  return { metadata: { name: 'p', namespace: 'a', uid: 'u' }, spec } as Pod
}
const nfs = { server: '10.0.0.9', path: '/data' }
const PLACE = '/pods/u/volumes/kubernetes.io~nfs'

it('a server is mounted by the kernel, with the newest version that it speaks, and its files stay whose they are', async () => {
  const { ran, volumes, stateDirectory } = makeNode(
    'mount: exit 32: mount(2) system call failed: Protocol not supported.',
  )
  const paths = await volumes.setUp(podWith({ nfs: { ...nfs, readOnly: true } }), {})
  expect(paths.get('v')).toBe(`${stateDirectory}${PLACE}/v`)
  const mount = (more: string): string =>
    `mount -i -t nfs -o ro,addr=10.0.0.9,clientaddr=172.28.0.2,${more} 10.0.0.9:/data ${PLACE}/v`
  expect(ran).toEqual([mount('vers=4.2'), mount('vers=4.1')])
})

it('a persistent volume is mounted with its own options, which may say what version', async () => {
  const { ran, server, volumes, stateDirectory } = makeNode()
  const claim = { metadata: { name: 'data', namespace: 'a' }, spec: { volumeName: 'pv' }, status: { phase: 'Bound' } }
  server.put(refs.persistentVolumeClaims, claim)
  server.put(refs.persistentVolumes, { metadata: { name: 'pv' }, spec: { nfs, mountOptions: ['hard', 'nfsvers=4.1'] } })
  const paths = await volumes.setUp(podWith({ persistentVolumeClaim: { claimName: 'data' } }), {})
  expect(paths.get('v')).toBe(`${stateDirectory}${PLACE}/pv`)
  expect(ran).toEqual([
    `mount -i -t nfs -o addr=10.0.0.9,clientaddr=172.28.0.2,hard,nfsvers=4.1 10.0.0.9:/data ${PLACE}/pv`,
  ])
})

it('names are resolved on the node, and the third version keeps its own locks', async () => {
  const unsupported = Array.from({ length: 3 }, () => 'mount: Protocol not supported')
  const { host, ran } = makeNode(...unsupported)
  const resolve = (name: string): Promise<string> => Promise.resolve(name === 'files' ? 'fd00::9' : '')
  await setUpNfs(join(root, 'named'), { server: 'files', path: '/' }, [], { host, nodeIp: 'n', resolve })
  expect(ran.at(-1)).toContain('-o addr=fd00::9,clientaddr=n,vers=3,nolock files:/ ')
  await setUpNfs(join(root, 'six'), { server: 'fd00::9', path: '/' }, [], { host, nodeIp: 'n' })
  expect(ran.at(-1)).toContain(' [fd00::9]:/ ')
})

it('a kernel without NFS is told of, and what can be done; nothing more is tried', async () => {
  const { ran, volumes } = makeNode("mount -i: exit 32: mount: /x: unknown filesystem type 'nfs'.")
  await expect(volumes.setUp(podWith({ nfs }), {})).rejects.toThrow(
    /^MountVolume\.SetUp failed for volume "v" : mount failed: exit status 32\n.*\nMounting arguments: -t nfs -o addr=.*\nOutput: mount: \/x: unknown filesystem type 'nfs'\.; the kernel that the nodes share has no NFS: .*modprobe nfs/,
  )
  expect(ran).toHaveLength(1)
})

it.each([
  [{ gitRepo: { repository: 'x' } }, 'git-repo volume plugin has been disabled'],
  [{ csi: { driver: 'd.io' } }, 'volume mode "Ephemeral" not supported by driver d.io (no CSIDriver object)'],
  [{ iscsi: { targetPortal: 'x', iqn: 'y', lun: 0 } }, 'no volume plugin matched'],
])('what is mounted for nobody says why: %j', async (volume, words) => {
  await expect(makeNode().volumes.setUp(podWith(volume), {})).rejects.toThrow(words)
})

it('a persistent volume of a driver that is not here says so', async () => {
  const { server, volumes } = makeNode()
  const claim = { metadata: { name: 'data', namespace: 'a' }, spec: { volumeName: 'pv' }, status: { phase: 'Bound' } }
  server.put(refs.persistentVolumeClaims, claim)
  server.put(refs.persistentVolumes, { metadata: { name: 'pv' }, spec: { csi: { driver: 'd.io', volumeHandle: 'h' } } })
  const pod = podWith({ persistentVolumeClaim: { claimName: 'data' } })
  await expect(volumes.setUp(pod, {})).rejects.toThrow('driver name d.io not found')
})
