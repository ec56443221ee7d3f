import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { schedulingOf } from './scheduling.ts'

const facts = (spec: object): Record<string, unknown> =>
  Object.fromEntries(
    schedulingOf(partial<KubeObject>({ metadata: { name: 'a' }, spec }), 'spec').facts!.map(({ label, value }) => [
      label,
      value,
    ]),
  )

it('says in short words what a pod asks of its nodes', () => {
  const expression = { key: 'disk', operator: 'In', values: ['ssd'] }
  const podTerm = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'zone' }
  expect(
    facts({
      nodeSelector: { zone: 'a' },
      tolerations: [
        { operator: 'Exists' },
        { key: 'lost', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'a', value: 'b' },
      ],
      topologySpreadConstraints: [
        { topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' },
        { topologyKey: 'host', maxSkew: 2, whenUnsatisfiable: 'DoNotSchedule' },
      ],
      priorityClassName: 'high',
      priority: 1000,
      hostNetwork: true,
      imagePullSecrets: [{ name: 'registry' }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] },
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: { matchExpressions: [expression] } },
          ],
        },
        podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: podTerm }] },
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [podTerm] },
      },
    }),
  ).toMatchObject({
    nodeSelector: ['zone=a'],
    tolerations: ['*', 'lost:NoExecute 300s', 'a=b'],
    spread: ['zone ≤ 1 ?', 'host ≤ 2'],
    priority: ['high', '1000'],
    hostNetwork: 'true',
    pullSecrets: ['registry'],
    affinity: ['Node disk in (ssd)', 'Node disk in (ssd) ?', 'Pod app=web / zone ?', '≠ Pod app=web / zone'],
  })
})

it('says nothing of a pod that may run anywhere', () => {
  for (const value of Object.values(facts({ priority: 0 })))
    expect(value === '' || (value as unknown[]).length === 0).toBe(true)
})
