import type Docker from 'dockerode'
import { expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { createNodeImages } from './node-images.ts'

it('are the largest first, and the last known while the engine does not answer', async () => {
  const clock = new FakeClock()
  const answers = [
    Promise.resolve([
      { RepoTags: ['a:1', '<none>:<none>'], Size: 1 },
      { RepoTags: ['b:1'], RepoDigests: ['b@sha256:0'], Size: 2 },
      { RepoTags: null, Size: 3 },
      { RepoTags: ['c:1', 'c:2', 'c:3', 'c:4', 'c:5', 'c:6'], Size: 4 },
    ]),
    new Promise(() => undefined),
  ]
  const docker = { listImages: () => answers.shift() } as Docker
  let up = true
  const images = createNodeImages(docker, clock, () => up)
  const known = [
    { names: ['c:1', 'c:2', 'c:3', 'c:4', 'c:5'], sizeBytes: 4 },
    { names: ['b@sha256:0', 'b:1'], sizeBytes: 2 },
    { names: ['a:1'], sizeBytes: 1 },
  ]
  expect(await images()).toEqual(known)
  const late = images()
  await clock.advance(1_000)
  expect(await late).toEqual(known)
  up = false
  expect(await images()).toEqual(known)
  expect(clock.pending).toBe(0)
})
