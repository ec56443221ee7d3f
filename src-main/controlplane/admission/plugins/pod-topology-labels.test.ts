import { describe, expect, test } from 'vitest'
import type { AdmissionAttributes } from '../admission.ts'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { podTopologyLabels } from './pod-topology-labels.ts'

const ZONE = 'topology.kubernetes.io/zone'
const REGION = 'topology.kubernetes.io/region'

function withNodes() {
  const objects = new FakeObjects()
  const node = (name: string, labels: object) => objects.put('', 'nodes', { metadata: { name, labels } })
  node('near', { [ZONE]: 'z1', [REGION]: 'r1', 'kubernetes.io/hostname': 'near' })
  node('plain', { 'kubernetes.io/hostname': 'plain' })
  return { objects, node, plugin: podTopologyLabels(objects) }
}

describe('the zone and region of its node', () => {
  const after = async (object: object, more: Partial<AdmissionAttributes>, { plugin } = withNodes()) => {
    const asked = attributes(
      '',
      'Pod',
      { metadata: { name: 'p', namespace: 'd', labels: { [ZONE]: 'own' } }, ...object },
      more,
    )
    await run([plugin], asked)
    return asked.object!.metadata.labels
  }
  const own = { [ZONE]: 'own' }
  const bound = (name: string, kind = 'Node') => ({ target: { kind, name } })
  const binding = { subresource: 'binding' }

  test.each([
    ['with its binding, over what it says itself', bound('near'), binding, { [ZONE]: 'z1', [REGION]: 'r1' }],
    ['as it is created on it', { spec: { nodeName: 'near' } }, {}, { [ZONE]: 'z1', [REGION]: 'r1' }],
    ['not as it is created without one', { spec: {} }, {}, own],
    ['not of a node that has none', bound('plain'), binding, own],
    ['not of a node that is not there', bound('far'), binding, own],
    ['not of something else', bound('near', ''), binding, own],
    ['not when it changes', { spec: { nodeName: 'near' } }, { operation: 'UPDATE' as const }, own],
  ])('reach a pod %s', async (_, object, more, labels) => {
    expect(await after(object, more)).toEqual(labels)
  })

  test('are those of today', async () => {
    const arranged = withNodes()
    await after(bound('near'), binding, arranged)
    arranged.node('near', { [ZONE]: '' })
    expect(await after(bound('near'), binding, arranged)).toEqual({ [ZONE]: '' })
    arranged.objects.remove('', 'nodes', '', 'near')
    expect(await after(bound('near'), binding, arranged)).toEqual(own)
  })
})
