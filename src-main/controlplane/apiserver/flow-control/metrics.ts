import {
  counter,
  gauge,
  type Labels,
  type Metric,
  type Sample,
} from '../../../../src-kube/machinery/metrics/prometheus.ts'
import type { FlowControl } from './flow-control.ts'

const PREFIX = 'apiserver_flowcontrol_'

type Level = FlowControl['configuration']['levels'][number]
type Tallied = FlowControl['configuration']['tallies'][number]

const ofLevels: ReadonlyArray<readonly [name: string, help: string, value: (level: Level) => number]> = [
  ['nominal_limit_seats', 'Seats that a priority level has by its share', (l) => l.limits.nominal],
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
  readonly [name: string, kind: typeof gauge, help: string, value: (tally: Tallied['tally']) => number]
> = [
  ['current_executing_requests', gauge, 'Requests that are being worked on', (t) => t.executing],
  ['current_inqueue_requests', gauge, 'Requests that wait in queues', (t) => t.waiting],
  ['dispatched_requests_total', counter, 'Requests that were let go', (t) => t.dispatched],
]

/** The levels' figures, under kube-apiserver's names (kubernetes.io, "API Priority and Fairness: Metrics"). */
export function flowControlMetrics({ configuration }: FlowControl): Metric[] {
  const { levels, tallies } = configuration
  const labelsOf = ({ schema, level }: Tallied): Labels => ({ flow_schema: schema, priority_level: level })
  const rejected = tallies.flatMap((flow) =>
    [...flow.tally.rejected].map(([reason, value]): Sample => ({ labels: { ...labelsOf(flow), reason }, value })),
  )
  return [
    ...ofLevels.map(([name, help, value]) =>
      gauge(
        PREFIX + name,
        help,
        levels.map((level) => ({ labels: { priority_level: level.name }, value: value(level) })),
      ),
    ),
    ...ofFlows.map(([name, kind, help, value]) =>
      kind(
        PREFIX + name,
        help,
        tallies.map((flow) => ({ labels: labelsOf(flow), value: value(flow.tally) })),
      ),
    ),
    counter(`${PREFIX}rejected_requests_total`, 'Requests that were refused, by reason', rejected),
  ]
}
