import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { resizeEvent } from './resize-events.ts'

const pod = (spec: object, generation: number | undefined = 2): Pod =>
  ({ metadata: { name: 'p', generation }, spec }) as Pod
const resources = { requests: { memory: '100', cpu: '100m' }, limits: { cpu: '200m' } }

it('the event of a resize tells what each container is to have, and which generation asked for it', () => {
  expect(resizeEvent('Started', pod({ containers: [{ name: 'c0', resources }] }))).toEqual({
    type: 'Normal',
    reason: 'ResizeStarted',
    message:
      'Pod resize started: {"containers":[{"name":"c0","resources":{"limits":{"cpu":"200m"},"requests":{"cpu":"100m","memory":"100"}}}],"generation":2}',
  })
})

it('the event of a resize tells what the pod is to have as a whole, where it asks for that', () => {
  const { message } = resizeEvent('Completed', pod({ containers: [{ name: 'c0' }], resources }))
  expect(message).toBe(
    'Pod resize completed: {"resources":{"limits":{"cpu":"200m"},"requests":{"cpu":"100m","memory":"100"}},"containers":[{"name":"c0","resources":{}}],"generation":2}',
  )
})

it('the event of a resize that waits or fails is a warning and says why', () => {
  const one = pod({ containers: [{ name: 'c0' }], initContainers: [{ name: 'i', resources: {} }] })
  expect(resizeEvent('Deferred', one, 'full')).toEqual({
    type: 'Warning',
    reason: 'ResizeDeferred',
    message:
      'Pod resize Deferred: {"initContainers":[{"name":"i","resources":{}}],"containers":[{"name":"c0","resources":{}}],"generation":2,"error":"full"}',
  })
  const error = resizeEvent('Error', { ...one, metadata: { name: 'p' } } as Pod, 'busy')
  expect(error.message).toMatch(/^Pod resize error: .*"generation":0,"error":"busy"/)
})
