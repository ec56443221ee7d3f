import type { HorizontalPodAutoscaler as Old } from '#types/autoscaling/v1'
import type { HorizontalPodAutoscaler, HPAScalingRules } from '#types/autoscaling/v2'
import { age, ageColumn, nameColumn, text, UNSET } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'
import { fromBeta, toBeta, toLaterBeta, type BetaAutoscaler, type LaterBeta } from './hpa-beta.ts'
import { targetsCell } from './hpa-cells.ts'
import { fromV1, toV1 } from './hpa-conversion.ts'

const GROUP = 'autoscaling'
/** Per cent of the requested CPU that is aimed at when no metric is named. */
const USUAL_CPU = 80
const REPLACEMENT = 'autoscaling/v2 HorizontalPodAutoscaler'

/** kubernetes.io, "Horizontal Pod Autoscaling". */
export const horizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  group: GROUP,
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  version: 'v2',
  shortNames: ['hpa'],
  categories: ['all'],
  status: true,
  defaults: defaultAutoscaler,
  others: [
    otherVersion<Old, HorizontalPodAutoscaler>({
      group: GROUP,
      version: 'v1',
      defaults: ({ spec }) => {
        if (!spec) return
        spec.minReplicas ??= 1
      },
      toStorage: (old) => {
        const object = fromV1(old)
        defaultAutoscaler(object)
        return object
      },
      fromStorage: toV1,
    }),
    otherVersion<LaterBeta, HorizontalPodAutoscaler>({
      group: GROUP,
      version: 'v2beta2',
      deprecated: deprecated('1.23', '1.26', REPLACEMENT),
      defaults: (old) => defaultAutoscaler(old as HorizontalPodAutoscaler),
      fromStorage: toLaterBeta,
    }),
    otherVersion<BetaAutoscaler, HorizontalPodAutoscaler>({
      group: GROUP,
      version: 'v2beta1',
      deprecated: deprecated('1.22', '1.25', REPLACEMENT),
      toStorage: (old) => {
        const object = fromBeta(old)
        defaultAutoscaler(object)
        return object
      },
      fromStorage: toBeta,
    }),
  ],
  columns: [
    nameColumn,
    text('Reference'),
    text('Targets'),
    text('MinPods'),
    text('MaxPods'),
    text('Replicas'),
    ageColumn,
  ],
  row: (o, now) => [
    o.metadata.name,
    `${o.spec?.scaleTargetRef?.kind ?? ''}/${o.spec?.scaleTargetRef?.name ?? ''}`,
    targetsCell(o),
    String(o.spec?.minReplicas ?? UNSET),
    String(o.spec?.maxReplicas ?? 0),
    String(o.status?.currentReplicas ?? 0),
    age(o, now),
  ],
})

function defaultAutoscaler({ spec }: HorizontalPodAutoscaler): void {
  if (!spec) return
  spec.minReplicas ??= 1
  if (!spec.metrics || spec.metrics.length === 0) {
    const target = { type: 'Utilization', averageUtilization: USUAL_CPU } as const
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
  }
  if (!spec.behavior) return
  spec.behavior.scaleUp = rules(spec.behavior.scaleUp, {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  })
  spec.behavior.scaleDown = rules(spec.behavior.scaleDown, {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  })
}

/** What is given goes before what is usual, also an empty list of policies, which is refused. */
const rules = (given: HPAScalingRules | undefined, usual: HPAScalingRules): HPAScalingRules => ({
  ...usual,
  ...given,
  policies: given?.policies ?? usual.policies,
})
