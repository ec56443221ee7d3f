import { expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import type { PodContext } from './pod-context.ts'
import { PodMounts } from './pod-mounts.ts'
import { usedVolumes } from './plan/used-volumes.ts'

it("a pod's volumes stand until a container is added that mounts one which none did before", async () => {
  const context = {
    networkReady: Promise.resolve(),
    volumes: { setUp: (pod: Pod) => Promise.resolve(new Map(usedVolumes(pod).map(({ name }) => [name, `/${name}`]))) },
  } as unknown as PodContext
  const mounting = (name: string): Container => ({ name: `c-${name}`, volumeMounts: [{ name, mountPath: '/m' }] })
  const pod = {
    metadata: { name: 'p', uid: 'u' },
    spec: { containers: [mounting('a')], volumes: [{ name: 'a' }, { name: 'b' }] },
  } as unknown as Pod
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
