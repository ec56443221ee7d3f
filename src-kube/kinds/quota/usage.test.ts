import type { Pod } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../machinery/meta.ts'
import { partial } from '../../machinery/testing/partial.ts'
import { usageOf } from './usage.ts'

const used = (pod: Partial<Pod>) => usageOf('', 'pods', pod as KubeObject)
const container = (requests: Record<string, string>) => ({ name: 'c', resources: { requests, limits: requests } })

// kubernetes.io, "Resource Quotas".
describe('what a pod takes of quotas', () => {
  it('is what the pod asks as a whole, where it does', () => {
    const resources = { requests: { cpu: '2' }, limits: { cpu: '4' } }
    const usage = used({ spec: { containers: [container({ cpu: '1', memory: '1Gi' })], resources } })
    expect(usage).toMatchObject({ cpu: '2', 'requests.cpu': '2', 'limits.cpu': '4', memory: '1Gi' })
  })

  it('is the most of what is asked and what it has while it is resized', () => {
    const said = { name: 'c', allocatedResources: { cpu: '2' }, resources: { limits: { cpu: '3' } } }
    const status = partial<Pod['status']>({ containerStatuses: [said] })
    const usage = used({ spec: { containers: [container({ cpu: '1' })] }, status })
    expect(usage).toMatchObject({ cpu: '2', 'requests.cpu': '2', 'limits.cpu': '3' })
  })
})
