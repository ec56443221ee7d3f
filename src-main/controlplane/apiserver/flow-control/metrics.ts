import type { FlowControl } from './flow-control.ts'

const PREFIX = 'apiserver_flowcontrol_'

/** The levels' figures in the Prometheus text format, under kube-apiserver's names (kubernetes.io, "API Priority and Fairness: Metrics"). */
export function flowControlMetrics({ configuration }: FlowControl): string {
  const { levels, tallies } = configuration
  const gauges = levels.map((level) => ({ labels: `priority_level="${level.name}"`, level }))
  const flows = tallies.map(({ schema, level, tally }) => ({
    labels: `flow_schema="${schema}",priority_level="${level}"`,
    tally,
  }))
  const ofLevels = (name: string, help: string, value: (level: (typeof levels)[number]) => number): string[] =>
    metric(
      name,
      'gauge',
      help,
      gauges.map(({ labels, level }) => [labels, value(level)]),
    )
  const ofFlows = (
    name: string,
    type: string,
    help: string,
    value: (tally: (typeof flows)[number]['tally']) => number,
  ) =>
    metric(
      name,
      type,
      help,
      flows.map(({ labels, tally }) => [labels, value(tally)]),
    )
  return [
    ...ofLevels(
      'nominal_limit_seats',
      'Nominal number of execution seats of each priority level',
      (l) => l.limits.nominal,
    ),
    ...ofLevels('lower_limit_seats', 'Seats that a priority level always has', (l) => l.limits.guaranteed),
    ...ofLevels('upper_limit_seats', 'Seats of a priority level with all it may borrow', (l) => l.limits.most),
    ...ofLevels('current_limit_seats', 'Seats that a priority level has now', (l) =>
      Math.max(l.limits.nominal, l.inUse),
    ),
    ...ofLevels('current_executing_seats', 'Seats that requests of a priority level occupy', (l) => l.inUse),
    ...ofFlows('current_executing_requests', 'gauge', 'Requests that are being worked on', (t) => t.executing),
    ...ofFlows('current_inqueue_requests', 'gauge', 'Requests that wait in queues', (t) => t.waiting),
    ...ofFlows('dispatched_requests_total', 'counter', 'Requests that were let go', (t) => t.dispatched),
    ...metric(
      'rejected_requests_total',
      'counter',
      'Requests that were refused, by reason',
      flows.flatMap(({ labels, tally }) =>
        [...tally.rejected].map(([reason, count]): [string, number] => [`${labels},reason="${reason}"`, count]),
      ),
    ),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

const metric = (name: string, type: string, help: string, values: Array<[string, number]>): string[] => [
  `# HELP ${PREFIX}${name} ${help}`,
  `# TYPE ${PREFIX}${name} ${type}`,
  ...values.map(([labels, value]) => `${PREFIX}${name}{${labels}} ${value}`),
]
