import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { markDisrupted } from './disruption.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
beforeEach(() => {
  h = harness([])
})
afterEach(() => h.finish())
const mark = async (status: object, more: object = {}) => {
  const pod = h.server.put(refs.pods, {
    metadata: { name: 'p', namespace: 'a', generation: 7 },
    spec: { containers: [] },
    status,
  })
  await markDisrupted(
    partial({ client: h.client, clock: h.clock }),
    pod,
    'DeletionByTaintManager',
    'Taint manager: deleting',
    more,
  )
  return h.server.peek(refs.pods, 'p', 'a')?.status
}
const condition = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting',
  observedGeneration: 7,
}

// kubernetes.io, "Disruptions: Pod disruption conditions".
it('a pod that is about to be disrupted says why, beside its other conditions', async () => {
  const ready = { type: 'Ready', status: 'True' }
  expect(await mark({ phase: 'Running', conditions: [ready] }, { phase: 'Failed' })).toMatchObject({
    phase: 'Failed',
    conditions: [ready, condition],
  })
})

it('a newer reason takes the place of the old one', async () => {
  const status = await mark({ conditions: [{ ...condition, reason: 'EvictionByEvictionAPI' }] })
  expect(status?.conditions).toMatchObject([condition])
})

it('the same reason is not written twice', async () => {
  await mark({ conditions: [condition] })
  expect(h.server.calls).toEqual([])
})
