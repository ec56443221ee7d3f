import { exponential, Histogram, type Metric, type Spread } from '../../../../src-kube/machinery/metrics/prometheus.ts'

/** Where plugins have their say (kubernetes.io, "Scheduling Framework"); preparing to score counts as scoring. */
type Point = 'PreFilter' | 'Filter' | 'PostFilter' | 'Score' | 'Reserve' | 'Permit' | 'PreBind' | 'Bind' | 'PostBind'

type Status = 'Success' | 'Unschedulable' | 'Error'

/** How long all plugins together take at each of their points, under kube-scheduler's name. */
export class ExtensionPoints {
  readonly #durations = new Histogram(exponential(0.0001, 2, 12))
  readonly #series: Partial<Record<Point, Partial<Record<Status, Spread>>>> = {}
  readonly #profile: string

  constructor(profile = 'default-scheduler') {
    this.#profile = profile
  }

  /** Does the work of a point; `refuses` tells of its answer whether the pod goes no further. */
  time<T>(point: Point, work: () => T, refuses?: (answer: T) => boolean): T {
    const began = performance.now()
    let status: Status = 'Error'
    try {
      const answer = work()
      status = refuses?.(answer) ? 'Unschedulable' : 'Success'
      return answer
    } finally {
      this.#observe(point, status, began)
    }
  }

  /** The same of work that others may delay. */
  async wait(point: Point, work: () => Promise<void>): Promise<void> {
    const began = performance.now()
    let status: Status = 'Error'
    try {
      await work()
      status = 'Success'
    } finally {
      this.#observe(point, status, began)
    }
  }

  #observe(extension_point: Point, status: Status, began: number): void {
    const known = (this.#series[extension_point] ??= {})
    known[status] ??= this.#durations.series({ extension_point, profile: this.#profile, status })
    known[status].observe((performance.now() - began) / 1000)
  }

  readonly metrics = (): Metric[] => [
    this.#durations.metric(
      'scheduler_framework_extension_point_duration_seconds',
      '[STABLE] Seconds that all plugins of an extension point took together.',
    ),
  ]
}
