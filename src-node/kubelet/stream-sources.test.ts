import { expect, it } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Observed } from './plan/observed.ts'
import { streamSources } from './stream-sources.ts'

const pod = (spec: object = {}) => ({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c' }], ...spec } })

/** What is found of container `c` where one worker has what is given. */
function found(worker: object) {
  const one = { pod: pod(), observed: [] as Observed[], refused: false, waitingOf: () => undefined, ...worker }
  type Given = Parameters<typeof streamSources>
  const workers = partial<Given[1]>({ find: () => one })
  const sources = streamSources({} as Given[0], workers, {} as Given[2], {} as Given[3])
  return sources.find({ namespace: 'd', pod: 'p', container: 'c' })
}

it('a container that has not begun waits for those that come before it, where its pod has any', async () => {
  expect(await found({})).toEqual({ id: '', state: 'waiting' })
  const initContainers = [{ name: 'i' }]
  expect(await found({ pod: pod({ initContainers }) })).toEqual({ id: '', state: 'waiting', reason: 'PodInitializing' })
  const waitingOf = () => ({ reason: 'ErrImagePull' })
  expect(await found({ pod: pod({ initContainers }), waitingOf })).toMatchObject({ reason: 'ErrImagePull' })
})

it('a container of a pod that the node did not take never was', async () => {
  expect(await found({ refused: true })).toEqual({ id: '', state: 'waiting', refused: true })
  expect(await found({ pod: { ...pod(), spec: { containers: [] } } })).toBe(undefined)
})
