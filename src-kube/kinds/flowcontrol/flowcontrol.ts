import type { FlowSchema, PriorityLevelConfiguration } from '#types/flowcontrol.apiserver.k8s.io/v1'
import { age, ageColumn, nameColumn, NONE, text } from '../cells.ts'
import { defineKind } from '../define.ts'

const GROUP = 'flowcontrol.apiserver.k8s.io'

/** kubernetes.io, "API Priority and Fairness". */
export const flowSchema = defineKind<FlowSchema>({
  group: GROUP,
  kind: 'FlowSchema',
  plural: 'flowschemas',
  cluster: true,
  status: true,
  hasGeneration: true,
  defaults: ({ spec }) => {
    if (spec) spec.matchingPrecedence ??= 1000
  },
  columns: [
    nameColumn,
    text('PriorityLevel'),
    text('MatchingPrecedence'),
    text('DistinguisherMethod'),
    ageColumn,
    text('MissingPL'),
  ],
  row: (o, now) => [
    o.metadata.name,
    o.spec?.priorityLevelConfiguration?.name ?? '',
    String(o.spec?.matchingPrecedence ?? 0),
    o.spec?.distinguisherMethod?.type ?? NONE,
    age(o, now),
    o.status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
  ],
})

export const priorityLevelConfiguration = defineKind<PriorityLevelConfiguration>({
  group: GROUP,
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  cluster: true,
  status: true,
  hasGeneration: true,
  defaults: defaultLevel,
  columns: [
    nameColumn,
    text('Type'),
    text('NominalConcurrencyShares'),
    text('Queues'),
    text('HandSize'),
    text('QueueLengthLimit'),
    ageColumn,
  ],
  row: (o, now) => {
    const queuing = o.spec?.limited?.limitResponse?.queuing
    const cell = (value: number | undefined): string => (value === undefined ? NONE : String(value))
    return [
      o.metadata.name,
      o.spec?.type ?? '',
      cell(o.spec?.limited?.nominalConcurrencyShares),
      cell(queuing?.queues),
      cell(queuing?.handSize),
      cell(queuing?.queueLengthLimit),
      age(o, now),
    ]
  },
})

function defaultLevel({ spec }: PriorityLevelConfiguration): void {
  if (spec?.exempt) {
    spec.exempt.nominalConcurrencyShares ??= 0
    spec.exempt.lendablePercent ??= 0
  }
  if (!spec?.limited) return
  spec.limited.nominalConcurrencyShares ??= 30
  spec.limited.lendablePercent ??= 0
  const queuing = spec.limited.limitResponse?.queuing
  if (!queuing) return
  queuing.handSize ??= 8
  queuing.queues ??= 64
  queuing.queueLengthLimit ??= 50
}
