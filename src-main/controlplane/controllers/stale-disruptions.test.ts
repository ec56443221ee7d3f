import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { staleDisruptions } from './stale-disruptions.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
const pod = (metadata: object = {}, status: object = {}) => {
  const lastTransitionTime = formatTime(h.clock.now())
  const ready = { type: 'Ready', status: 'True' }
  const told = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'm',
    lastTransitionTime,
  }
  h.server.put(refs.pods, {
    metadata: { name: 'p', namespace: 'a', ...metadata },
    spec: { containers: [] },
    status: { phase: 'Running', conditions: [ready, told], ...status },
  })
}
const told = () =>
  h.server.peek(refs.pods, 'p', 'a')?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
beforeEach(async () => {
  h = harness([staleDisruptions()])
  await h.start()
})
afterEach(() => h.finish())

it('a pod that was not deleted after all is said to stay, two minutes later', async () => {
  pod()
  await h.pass(119_000)
  expect(told()?.status).toBe('True')
  await h.pass(2000)
  expect(told()).toEqual({
    type: 'DisruptionTarget',
    status: 'False',
    lastTransitionTime: formatTime(h.clock.now() - 1000),
  })
  expect(h.server.peek(refs.pods, 'p', 'a')?.status?.conditions).toHaveLength(2)
})

it.each<[string, object, object]>([
  ['goes', { deletionTimestamp: '2026-01-01T00:00:00Z' }, {}],
  ['has ended', {}, { phase: 'Failed' }],
])('a pod that %s keeps it', async (_what, metadata, status) => {
  pod(metadata, status)
  await h.pass(200_000)
  expect(told()?.reason).toBe('EvictionByEvictionAPI')
})

it('a pod that was never told is left alone', async () => {
  pod({}, { conditions: [] })
  await h.pass(200_000)
  expect(h.server.calls.filter(({ verb }) => verb === 'update')).toEqual([])
})
