import type Dockerode from 'dockerode'
import type { Pod, Volume } from '#types/core/v1'
import { expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { createDiskUsage, type MountedPod } from './disk-usage.ts'

const wholeDisk = { total: 1000, free: 600, inodes: { total: 9, free: 7 } }
const LOGS = 'log of a'

function mounted(volumes: Volume[], paths: Record<string, string>): MountedPod {
  const containers = [{ name: 'c', volumeDevices: [{ name: 'device', devicePath: '/dev/x' }] }]
  const pod = { metadata: { name: 'p', namespace: 'ns', uid: 'u' }, spec: { containers, volumes } } as Pod
  return { pod, paths: new Map(Object.entries(paths)) }
}

function arrange(pods: MountedPod[], sizes: Record<string, number>) {
  const clock = new FakeClock()
  let looks = 0
  const said: string[] = []
  const state = { broken: false, bytes: sizes }
  const disk = createDiskUsage({
    docker: {
      listContainers: (options: unknown) => {
        expect(options).toMatchObject({ size: true })
        looks++
        return Promise.resolve([{ Id: 'a', SizeRw: 5 }, { Id: 'b' }])
      },
    } as Dockerode,
    host: {
      run(_command, [, , , ...paths]) {
        const known = paths.filter((path) => path in state.bytes)
        const lines = [...known.map((path) => `${state.bytes[path]}\t${path}`), ...known.map((path) => `2\t${path}`)]
        return Promise.resolve({ stdout: `${lines.join('\n')}\n`, stderr: '' })
      },
      disk: () => Promise.resolve(wholeDisk),
    },
    clock,
    mounted: () => pods,
    ofDriver: (path) => {
      if (path.includes('broken')) return Promise.reject(new Error('no answer'))
      return Promise.resolve(path.includes('silent') ? undefined : { used: 4, total: 10, free: 6 })
    },
    log: (words) => said.push(words),
    logSize: (id) =>
      state.broken
        ? Promise.reject(new Error('no logs'))
        : Promise.resolve(id === 'a' ? { bytes: state.bytes[LOGS] ?? 0, inodes: 2 } : { bytes: 0, inodes: 0 }),
  })
  return { disk, clock, looks: () => looks, said, state }
}

it('containers are told of with what they have written and their logs, pods with the volumes that are set up', async () => {
  const volumes = [
    { name: 'scratch', emptyDir: {} },
    { name: 'memory', emptyDir: { medium: 'Memory' } },
    { name: 'claimed', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'own', ephemeral: {} },
    { name: 'host', hostPath: { path: '/etc' } },
    { name: 'image', image: { reference: 'x' } },
    { name: 'device', persistentVolumeClaim: { claimName: 'raw' } },
    { name: 'far', nfs: { server: 's', path: '/' } },
    { name: 'unused', emptyDir: {} },
    { name: 'gone', emptyDir: {} },
  ] as Volume[]
  const names = ['scratch', 'memory', 'claimed', 'own', 'host', 'image', 'device', 'gone']
  const paths = Object.fromEntries(names.map((name) => [name, `/v/${name}`]))
  const pod = mounted(volumes, { ...paths, far: '/pods/u/volumes/kubernetes.io~nfs/far' })
  const told = ['scratch', 'memory', 'claimed', 'own'].map((name, i): [string, number] => [`/v/${name}`, 10 + i])
  const { disk } = arrange([pod], {
    [LOGS]: 70,
    '/pods/u/volumes/kubernetes.io~nfs/far': 1,
    ...Object.fromEntries(told),
  })
  const use = await disk()
  expect(use.containers).toEqual(
    new Map([
      ['a', { written: 5, logs: { bytes: 70, inodes: 2 } }],
      ['b', { written: 0, logs: { bytes: 0, inodes: 0 } }],
    ]),
  )
  const of = { inodes: 2, disk: wholeDisk }
  expect(use.volumes.get('u')).toEqual([
    { ...of, name: 'scratch', scratch: true, bytes: 10 },
    { ...of, name: 'memory', scratch: false, bytes: 11 },
    { ...of, name: 'claimed', scratch: false, bytes: 12, claim: 'data' },
    { ...of, name: 'own', scratch: false, bytes: 13, claim: 'p-own' },
  ])
})

it('a look is good for a minute, after which it is still told while the next is under way', async () => {
  const { disk, clock, looks, state } = arrange([], { [LOGS]: 1 })
  const logs = async () => (await disk()).containers.get('a')?.logs.bytes
  expect(await Promise.all([logs(), logs()])).toEqual([1, 1])
  state.bytes = { [LOGS]: 2 }
  await clock.advance(59_999)
  expect(await logs()).toBe(1)
  expect(looks()).toBe(1)
  await clock.advance(1)
  expect(await logs()).toBe(1)
  expect(looks()).toBe(2)
  await clock.advance(0)
  expect(await logs()).toBe(2)
})

it('a look that fails is told of, and what was known stands', async () => {
  const { disk, clock, said, state } = arrange([], { [LOGS]: 1 })
  state.broken = true
  await expect(disk()).rejects.toThrow('no logs')
  state.broken = false
  await disk()
  state.broken = true
  await clock.advance(60_000)
  expect((await disk()).containers.get('a')?.logs.bytes).toBe(1)
  await clock.advance(0)
  expect(said).toEqual(['measuring the disk: Error: no logs'])
})

it('volumes of CSI drivers have the room that these tell of, and are measured by nobody else', async () => {
  const volumes = ['told', 'silent', 'broken'].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  const place = (name: string): string => `/pods/u/volumes/kubernetes.io~csi/${name}/mount`
  const paths = Object.fromEntries(volumes.map(({ name }) => [name, place(name)]))
  const { disk, said } = arrange([mounted(volumes, paths)], { [place('silent')]: 7 })
  const { volumes: found } = await disk()
  expect(found.get('u')).toEqual([
    { name: 'told', claim: 'told', scratch: false, bytes: 4, inodes: 0, disk: { total: 10, free: 6 } },
  ])
  expect(said).toEqual([`measuring ${place('broken')}: no answer`])
})
