import { expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { PodContext } from './pod-context.ts'
import type { TellPodEvent } from './pod-event.ts'
import { PodMounts } from './pod-mounts.ts'
import { usedVolumes } from './plan/used-volumes.ts'

it("a pod's volumes stand until a container is added that mounts one which none did before", async () => {
  const context = partial<PodContext>({
    networkReady: Promise.resolve(),
    volumes: { setUp: (pod: Pod) => Promise.resolve(new Map(usedVolumes(pod).map(({ name }) => [name, `/${name}`]))) },
  })
  const mounting = (name: string): Container => ({ name: `c-${name}`, volumeMounts: [{ name, mountPath: '/m' }] })
  const pod = {
    metadata: { name: 'p', uid: 'u' },
    spec: { containers: [mounting('a')], volumes: [{ name: 'a' }, { name: 'b' }] },
  } as Pod
  const mounts = new PodMounts(context)
  expect(mounts.stand(pod)).toBe(false)
  await mounts.setUp(pod, '')
  expect(mounts.stand(pod)).toBe(true)
  const debugged = { ...pod, spec: { ...pod.spec, ephemeralContainers: [mounting('b')] } } as Pod
  expect(mounts.stand(debugged)).toBe(false)
  await mounts.setUp(debugged, '')
  expect(mounts.paths).toEqual(
    new Map([
      ['a', '/a'],
      ['b', '/b'],
    ]),
  )
})

it('what keeps volumes from being set up is told again at longer and longer intervals, anything else at once', () => {
  let now = 0
  const told: string[] = []
  const event: TellPodEvent = (_about, _type, _reason, message) => void told.push(`${now} ${message}`)
  const mounts = new PodMounts({ clock: { monotonic: () => now }, event } as PodContext)
  for (now = 0; now <= 8_000; now += 250) mounts.failed({} as Pod, new Error('no map'))
  expect(told.splice(0)).toEqual(['0 no map', '500 no map', '1500 no map', '3500 no map', '7500 no map'])
  mounts.failed({} as Pod, 'no secret')
  mounts.failed({} as Pod, 'no secret')
  expect(told).toEqual([`${now} no secret`])
})

it('what a pod is told of itself follows its labels and its resources, once its volumes stand', async () => {
  const updates: Pod[] = []
  const volumes = {
    setUp: () => Promise.resolve(new Map()),
    update: (pod: Pod) => Promise.resolve(void updates.push(pod)),
  }
  const mounts = new PodMounts(partial<PodContext>({ networkReady: Promise.resolve(), volumes }))
  const pod = (labels: object, cpu: string, ofPod = '1'): Pod =>
    partial<Pod>({
      metadata: { name: 'p', labels },
      spec: {
        containers: [{ name: 'c', resources: { limits: { cpu } } }],
        resources: { limits: { cpu: ofPod } },
      },
    })
  mounts.tell(pod({}, '1'), pod({}, '2'), '')
  expect(updates).toEqual([])
  await mounts.setUp(pod({}, '1'), '')
  mounts.tell(pod({}, '1'), pod({}, '1'), '')
  expect(updates).toEqual([])
  const changed = [pod({ a: 'b' }, '1'), pod({}, '2'), pod({}, '1', '2')]
  for (const one of changed) mounts.tell(pod({}, '1'), one, '')
  expect(updates).toEqual(changed)
})

it('a pod that goes while it waits for the network gets no volumes any more', async () => {
  const network = Promise.withResolvers<void>()
  const done: string[] = []
  const volumes = {
    setUp: () => Promise.resolve(new Map(void done.push('set up'))),
    tearDown: () => Promise.resolve(void done.push('tear down')),
  }
  const mounts = new PodMounts(partial<PodContext>({ networkReady: network.promise, volumes }))
  const waiting = mounts.setUp(partial<Pod>({ metadata: { name: 'p' } }), '')
  await mounts.tearDown('u')
  network.resolve()
  await expect(waiting).rejects.toThrow('pod p is gone')
  expect(done).toEqual(['tear down'])
})
