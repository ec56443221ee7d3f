import type Docker from 'dockerode'
import { afterEach, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { advance } from '../../../src-kube/client/testing/advance.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { ImageGarbage } from './image-garbage.ts'

const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))

function arrange(free: number) {
  const clock = new FakeClock()
  const stop = new AbortController()
  stops.push(stop)
  const told: string[] = []
  const images = [
    { Id: 'pause', RepoTags: ['drydock/pause:1'], Size: 1 },
    { Id: 'running', RepoTags: ['nginx:1'], Size: 1 },
    { Id: 'awaited', RepoTags: ['redis:latest'], Size: 1 },
    { Id: 'mounted', RepoDigests: [`data@sha256:${'a'.repeat(64)}`], Size: 1 },
    { Id: 'stubborn', RepoTags: ['x:1'], Size: 1 },
    { Id: 'idle', RepoTags: ['busybox:1'], Size: 1 },
  ]
  const docker = partial<Docker>({
    listImages: () => Promise.resolve([...images]),
    listContainers: () => Promise.resolve([{ ImageID: 'running' }]),
    getImage: (id: string) => ({
      remove: () => {
        if (id === 'stubborn') return Promise.reject(new Error('in use'))
        images.splice(
          images.findIndex(({ Id }) => Id === id),
          1,
        )
        return Promise.resolve()
      },
    }),
  })
  const pods = [
    partial<Pod>({
      spec: {
        containers: [{ image: 'redis' }],
        volumes: [{ image: { reference: `data@sha256:${'a'.repeat(64)}` } }, { emptyDir: {} }],
      },
    }),
  ]
  const garbage = new ImageGarbage({
    docker,
    host: { disk: () => Promise.resolve({ total: 100, free }) },
    clock,
    signal: stop.signal,
    pods: () => pods,
    failed: (words) => void told.push(words),
    log: (words) => void told.push(words),
  })
  garbage.start()
  return { clock, told, left: () => images.map(({ Id }) => Id) }
}

it('images that nobody uses go while the disk is nearly full, and what could not be freed is told', async () => {
  const { clock, told, left } = arrange(14)
  await advance(clock, 1_000)
  expect([left().length, told]).toEqual([6, []])
  await advance(clock, 300_000)
  expect(left()).toEqual(['pause', 'running', 'awaited', 'mounted', 'stubborn'])
  expect(told).toEqual([
    'removing image stubborn: Error: in use',
    'Failed to garbage collect required amount of images. Attempted to free 6 bytes, but only found 1 bytes eligible to free.',
  ])
})

it('no image goes while there is room', async () => {
  const { clock, told, left } = arrange(50)
  await advance(clock, 900_000)
  expect([left().length, told]).toEqual([6, []])
})
