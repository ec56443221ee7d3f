import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { allocatedOf } from './allocated.ts'

const node = partial<KubeObject>({
  metadata: { name: 'n1' },
  status: { allocatable: { memory: '1Gi', cpu: '2', pods: '10' } },
})
const pod = (cpu: string, phase = 'Running'): KubeObject =>
  partial<KubeObject>({
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'a', resources: { requests: { cpu, memory: '128Mi' }, limits: { memory: '2Gi' } } }] },
    status: { phase },
  })

it('sums what pods ask for that have not ended, and says how much of the node that is', () => {
  const rows = allocatedOf(node, [pod('500m'), pod('1'), pod('4', 'Succeeded')])
  expect(
    rows.map(({ resource, requests, requested, limits, limited }) => [resource, requests, requested, limits, limited]),
  ).toEqual([
    ['cpu', '1500m', 0.75, '', undefined],
    ['memory', '256Mi', 0.25, '4Gi', 4],
    ['pods', '2', 0.2, '', undefined],
  ])
})

it('has a row also for what the node does not have', () => {
  const bare = { metadata: { name: 'n2' } } as KubeObject
  expect(allocatedOf(bare, [pod('1')])[0]).toMatchObject({ resource: 'cpu', allocatable: '0', requested: undefined })
})
