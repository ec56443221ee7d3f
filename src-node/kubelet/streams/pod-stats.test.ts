import { expect, it } from 'vitest'
import { fileSystem } from './file-system-stats.ts'
import { podStats } from './pod-stats.ts'
import { type Measured, type MeasuredContainer, unused } from './usage.ts'

const TIME = '2026-01-01T00:01:00.000Z'
const at = Date.parse('2026-01-01T00:00:30Z')
const wholeDisk = { total: 1000, free: 600, inodes: { total: 90, free: 70 } }

const container = (id: string, name: string | undefined, uid = 'u'): MeasuredContainer => ({
  ...unused,
  id,
  group: `/docker/${id}`,
  name,
  image: 'busybox',
  called: id,
  pod: { name: 'p', namespace: 'ns', uid },
  createdAt: 0,
  limit: 0,
  carried: [],
})
/** What containers of pods that have no control group use. */
const measuredOf = (containers: MeasuredContainer[]): Measured => {
  const pods = containers.map(
    ({ pod, createdAt }) => [pod.uid, { ...unused, pod, createdAt, group: undefined, limit: Infinity }] as const,
  )
  return { containers, pods: new Map(pods) }
}
const measured = measuredOf([container('box', undefined), container('a', 'a'), container('b', 'b')])
const logs = { bytes: 7, inodes: 2 }
const volume = { bytes: 100, inodes: 3, disk: wholeDisk }
const further = {
  disk: {
    at,
    containers: new Map([['a', { written: 30, logs }]]),
    volumes: new Map([
      [
        'u',
        [
          { ...volume, name: 'scratch', scratch: true },
          { ...volume, name: 'data', scratch: false, claim: 'claim', disk: { total: 50, free: 20 } },
        ],
      ],
    ]),
  },
  fs: fileSystem(wholeDisk, TIME),
  processes: new Map([
    ['box', 1],
    ['a', 4],
  ]),
  pressures: new Map(),
}
const disk = { time: '2026-01-01T00:00:30.000Z', availableBytes: 600, capacityBytes: 1000, inodesFree: 70, inodes: 90 }

it('a pod has what its containers and its scratch volumes have of the disk, at the time at which that was looked at', () => {
  const [pod] = podStats(measured, TIME, further)
  expect(pod?.['ephemeral-storage']).toEqual({ ...disk, usedBytes: 137, inodesUsed: 5 })
  expect(pod?.process_stats).toEqual({ process_count: 5 })
  const [a, b] = pod?.containers ?? []
  expect(a).toMatchObject({
    rootfs: { ...disk, usedBytes: 30 },
    logs: { ...disk, usedBytes: 7, inodesUsed: 2 },
  })
  expect(a?.rootfs).not.toHaveProperty('inodesUsed')
  expect(b).not.toHaveProperty('rootfs')
})

it('a volume is told of with its file system, and with the claim that it is of', () => {
  const [pod] = podStats(measured, TIME, further)
  expect(pod?.volume).toEqual([
    { ...disk, usedBytes: 100, inodesUsed: 3, name: 'scratch' },
    {
      time: disk.time,
      availableBytes: 20,
      capacityBytes: 50,
      usedBytes: 100,
      inodesUsed: 3,
      name: 'data',
      pvcRef: { name: 'claim', namespace: 'ns' },
    },
  ])
})

it('a pod without volumes, and one of which nothing more was asked, are told of without', () => {
  expect(podStats(measuredOf([container('c', 'c', 'v')]), TIME, further)[0]).not.toHaveProperty('volume')
  expect(podStats(measured, TIME)[0]).not.toHaveProperty('ephemeral-storage')
})

it('a container and a pod that has a control group tell how long their processes waited, where the kernel counts that', () => {
  const some = { total: 5, avg10: 1.5, avg60: 1, avg300: 0.5 }
  const full = { total: 2, avg10: 0, avg60: 0, avg300: 0 }
  const waited = { waiting: some, stalled: full }
  const pods = new Map([...measured.pods].map(([uid, pod]) => [uid, { ...pod, group: '/pods/u' }]))
  const pressures = new Map([
    ['/docker/a', { cpu: waited, memory: waited, io: waited }],
    ['/pods/u', { cpu: waited }],
    ['/docker/b', {}],
  ])
  const [pod] = podStats({ ...measured, pods }, TIME, { ...further, pressures })
  const psi = { full, some }
  expect(pod).toMatchObject({ cpu: { psi } })
  expect(pod).not.toHaveProperty('io')
  const [a, b] = pod?.containers ?? []
  expect(a).toMatchObject({ cpu: { psi }, memory: { psi }, io: { time: TIME, psi } })
  expect(b?.cpu).not.toHaveProperty('psi')
})
