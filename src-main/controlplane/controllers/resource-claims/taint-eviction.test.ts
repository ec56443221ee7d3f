import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { harness } from '../testing/harness.ts'
import { deviceTaintEviction } from './taint-eviction.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([deviceTaintEviction()])
  await h.start()
})
afterEach(() => h.finish())

const taint = (more: object = {}) => ({
  key: 'broken',
  effect: 'NoExecute',
  timeAdded: formatTime(h.clock.now()),
  ...more,
})
const slice = (taints: object[], { generation = 1, name = 's' } = {}) =>
  h.server.put(refs.resourceSlices, {
    metadata: { name },
    spec: { driver: 'd', pool: { name: 'p', generation, resourceSliceCount: 1 }, devices: [{ name: 'x', taints }] },
  })
/** A pod that uses the device by a claim with these tolerations. */
const user = (tolerations: object[] = [], { phase = 'Running', reserved = true } = {}) => {
  const { metadata } = h.server.put(refs.pods, {
    metadata: { name: 'u', namespace: 'a', finalizers: ['test/hold'] },
    spec: { containers: [], nodeName: 'n1', resourceClaims: [{ name: 'c', resourceClaimName: 'c' }] },
    status: { phase },
  })
  h.server.put(refs.resourceClaims, {
    metadata: { name: 'c', namespace: 'a' },
    spec: {},
    status: {
      allocation: { devices: { results: [{ request: 'r', driver: 'd', pool: 'p', device: 'x', tolerations }] } },
      reservedFor: reserved ? [{ resource: 'pods', name: 'u', uid: metadata.uid }] : [],
    },
  })
}
const deleted = () => h.server.calls.some(({ verb, name }) => verb === 'delete' && name === 'u')
const exists = (more: object = {}) => ({ operator: 'Exists', ...more })

describe('a pod that uses a device with a taint', () => {
  it('is deleted, and told why', async () => {
    slice([])
    user()
    await h.pass(100)
    expect(deleted()).toBe(false)
    slice([taint()])
    await h.pass(100)
    expect(deleted()).toBe(true)
    expect(h.server.peek(refs.pods, 'u', 'a')?.status?.conditions).toMatchObject([
      {
        type: 'DisruptionTarget',
        reason: 'DeletionByDeviceTaintManager',
        message: 'Device Taint manager: deleting due to NoExecute taint',
      },
    ])
    expect(h.eventMessages()).toEqual(['Marking for deletion'])
  })

  it('stays as long as its claim tolerates that', async () => {
    slice([taint()])
    user([exists({ tolerationSeconds: 60 }), exists({ tolerationSeconds: 30, effect: 'NoExecute' })])
    await h.pass(29_000)
    expect(deleted()).toBe(false)
    await h.pass(2000)
    expect(deleted()).toBe(true)
  })

  it('stays when the taint goes in time, and is told that', async () => {
    slice([taint()])
    user([exists({ tolerationSeconds: 30 })])
    await h.pass(10_000)
    slice([])
    await h.pass(60_000)
    expect(deleted()).toBe(false)
    expect(h.eventMessages()).toEqual(['Cancelling deletion'])
  })

  it.each<[string, () => void]>([
    ['its claim tolerates it for good', () => user([exists()])],
    ['it has ended', () => user([], { phase: 'Succeeded' })],
    ['it does not use the device yet', () => user([], { reserved: false })],
  ])('stays when %s', async (_what, arrange) => {
    slice([taint()])
    arrange()
    await h.pass(60_000)
    expect(deleted()).toBe(false)
  })

  it('stays when only new pods are kept away, or what is newer tells of no taint', async () => {
    slice([taint({ effect: 'NoSchedule' })])
    user()
    await h.pass(1000)
    slice([taint()], { name: 'old', generation: 0 })
    await h.pass(1000)
    expect(deleted()).toBe(false)
    slice([taint({ timeAdded: undefined })], { name: 'new', generation: 2 })
    await h.pass(1000)
    expect(deleted()).toBe(true)
  })
})
