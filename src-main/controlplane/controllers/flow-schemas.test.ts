import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { flowSchemaController } from './flow-schemas.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([flowSchemaController()])
  await h.start()
})
afterEach(() => h.finish())

const conditions = () => h.server.peek(refs.flowSchemas, 's')?.status?.conditions

it('a flow schema says whether its priority level is there, and keeps what others say', async () => {
  const spec = { matchingPrecedence: 1, priorityLevelConfiguration: { name: 'high' } }
  h.server.put(refs.flowSchemas, {
    metadata: { name: 's' },
    spec,
    status: { conditions: [{ type: 'Other', status: 'True' }] },
  })
  await h.settle()
  expect(conditions()).toMatchObject([
    { type: 'Other' },
    {
      type: 'Dangling',
      status: 'True',
      reason: 'NotFound',
      message:
        'This FlowSchema references the PriorityLevelConfiguration object named "high" but there is no such object',
    },
  ])
  h.server.put(refs.priorityLevels, { metadata: { name: 'high' }, spec: { type: 'Exempt' } })
  await h.settle()
  expect(conditions()?.[1]).toMatchObject({ type: 'Dangling', status: 'False', reason: 'Found' })
  const before = h.server.peek(refs.flowSchemas, 's')?.metadata.resourceVersion
  h.server.put(refs.priorityLevels, {
    metadata: { name: 'high', labels: { a: 'b' } },
    spec: { type: 'Exempt' },
  })
  await h.settle()
  expect(h.server.peek(refs.flowSchemas, 's')?.metadata.resourceVersion).toBe(before)
})
