import { expect, test } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { warningsOf } from './warnings.ts'

const of = (spec: object, annotations = {}): string[] =>
  warningsOf(
    partial({
      kind: 'Service',
      apiVersion: 'v1',
      metadata: { name: 's', annotations },
      spec: { type: 'ClusterIP', sessionAffinity: 'None', ...spec },
    }),
  )

test.each<[object, string[]]>([
  [{}, []],
  [{ clusterIP: 'None' }, []],
  // KEP-5707
  [{ externalIPs: ['1.2.3.4'] }, ['spec.externalIPs is deprecated']],
  [
    { clusterIP: 'None', loadBalancerIP: '1.2.3.4', externalIPs: ['1.2.3.4'], sessionAffinity: 'ClientIP' },
    [
      ...['spec.loadBalancerIP', 'spec.externalIPs', 'spec.SessionAffinity'].map(
        (field) => `${field} is ignored for headless services`,
      ),
      'spec.externalIPs is deprecated',
    ],
  ],
  [
    { type: 'ExternalName', externalName: 'a.b', externalIPs: ['1.2.3.4'] },
    ['spec.externalIPs is deprecated', 'spec.externalIPs is ignored when spec.type is "ExternalName"'],
  ],
  [{ type: 'NodePort', externalName: 'a.b' }, ['spec.externalName is ignored when spec.type is not "ExternalName"']],
  [
    { trafficDistribution: 'PreferClose' },
    ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'],
  ],
])('A service %j is warned of %j', (spec, words) => {
  expect(of(spec)).toEqual(words)
})

test('A service is told of the new name of an annotation', () => {
  expect(of({}, { 'service.kubernetes.io/topology-aware-hints': 'auto' })).toEqual([
    'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
  ])
  expect(warningsOf(partial({ kind: 'Service', apiVersion: 'v1', metadata: { name: 's' } }))).toEqual([])
})
