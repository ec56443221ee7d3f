import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { podResize } from './pod-resize.ts'

const pod = (generation: number, requests: object, more: object = {}) => ({
  metadata: { name: 'p', namespace: 'shop', generation },
  spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i', resources: { requests } }], ...more },
})

function arrange(labels: Record<string, string> = { 'kubernetes.io/os': 'linux' }) {
  const objects = new FakeObjects()
  const allocatable = { cpu: '2', memory: '1Gi' }
  objects.put('', 'nodes', { metadata: { name: 'n1', labels }, status: { allocatable } })
  return (now: object, before: object = pod(1, {}), subresource = 'resize') =>
    run(
      [podResize(objects)],
      attributes('', 'Pod', now, { operation: 'UPDATE', subresource, oldObject: partial(before) }),
    )
}

describe('a resize', () => {
  it('to all that its node has is let through', async () => {
    await expect(arrange()(pod(2, { cpu: '2', memory: '1Gi' }))).resolves.toBeUndefined()
  })

  it('to more than that is refused, with what is missing', async () => {
    await expect(arrange()(pod(2, { cpu: '2001m', memory: '2Gi' }))).rejects.toMatchObject({
      code: 403,
      message: `pods "p" is forbidden: node didn't have enough allocatable resources: cpu, requested: 2001, allocatable: 2000; memory, requested: 2147483648, allocatable: 1073741824`,
      details: { name: 'p', kind: 'pods', causes: [{ reason: 'NodeCapacity' }] },
    })
    await expect(arrange()(pod(2, {}, { resources: { requests: { cpu: '3' } } }))).rejects.toThrow('requested: 3000')
  })

  it('is looked at only where it changes a pod that is on a node', async () => {
    const much = { cpu: '9' }
    await arrange()(pod(1, much))
    await arrange()(pod(2, much, { nodeName: undefined }))
    await arrange()(pod(2, much), pod(1, {}), 'status')
  })

  it('of a pod on no node that is known, or of another system, is refused', async () => {
    await expect(arrange()(pod(2, {}, { nodeName: 'gone' }))).rejects.toThrow(
      'pods "p" is forbidden: node "gone" not found',
    )
    await expect(arrange({ 'kubernetes.io/os': 'windows' })(pod(2, {}))).rejects.toMatchObject({
      message: 'pods "p" is forbidden: pod resize is only supported on linux nodes, node "n1" is "windows"',
      details: { causes: [{ reason: 'UnsupportedPlatform' }] },
    })
  })
})
