import type { FlowControl } from './flow-control.ts'

const PREFIX = 'apiserver_flowcontrol_'

type Level = FlowControl['configuration']['levels'][number]
type Tallied = FlowControl['configuration']['tallies'][number]
type Sample = [labels: string, value: number]

const ofLevels: ReadonlyArray<readonly [name: string, help: string, value: (level: Level) => number]> = [
  ['nominal_limit_seats', 'Nominal number of execution seats of each priority level', (l) => l.limits.nominal],
  ['lower_limit_seats', 'Seats that a priority level always has', (l) => l.limits.guaranteed],
  ['upper_limit_seats', 'Seats of a priority level with all it may borrow', (l) => l.limits.most],
  [
    'current_limit_seats',
    'Seats that a priority level has now',
    ({ limits, inUse }) => Math.max(limits.nominal, inUse),
  ],
  ['current_executing_seats', 'Seats that requests of a priority level occupy', (l) => l.inUse],
]

const ofFlows: ReadonlyArray<
  readonly [name: string, type: string, help: string, value: (tally: Tallied['tally']) => number]
> = [
  ['current_executing_requests', 'gauge', 'Requests that are being worked on', (t) => t.executing],
  ['current_inqueue_requests', 'gauge', 'Requests that wait in queues', (t) => t.waiting],
  ['dispatched_requests_total', 'counter', 'Requests that were let go', (t) => t.dispatched],
]

/** The levels' figures in the Prometheus text format, under kube-apiserver's names (kubernetes.io, "API Priority and Fairness: Metrics"). */
export function flowControlMetrics({ configuration }: FlowControl): string {
  const { levels, tallies } = configuration
  const labelsOf = ({ schema, level }: Tallied): string => `flow_schema="${schema}",priority_level="${level}"`
  const rejected = tallies.flatMap((flow) =>
    [...flow.tally.rejected].map(([reason, count]): Sample => [`${labelsOf(flow)},reason="${reason}"`, count]),
  )
  return [
    ...ofLevels.flatMap(([name, help, value]) =>
      metric(
        name,
        'gauge',
        help,
        levels.map((level): Sample => [`priority_level="${level.name}"`, value(level)]),
      ),
    ),
    ...ofFlows.flatMap(([name, type, help, value]) =>
      metric(
        name,
        type,
        help,
        tallies.map((flow): Sample => [labelsOf(flow), value(flow.tally)]),
      ),
    ),
    ...metric('rejected_requests_total', 'counter', 'Requests that were refused, by reason', rejected),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

const metric = (name: string, type: string, help: string, samples: readonly Sample[]): string[] => [
  `# HELP ${PREFIX}${name} ${help}`,
  `# TYPE ${PREFIX}${name} ${type}`,
  ...samples.map(([labels, value]) => `${PREFIX}${name}{${labels}} ${value}`),
]
