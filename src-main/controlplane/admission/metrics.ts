import { Histogram, type Metric, type Spread } from '../../../src-kube/machinery/metrics/prometheus.ts'
import type { AdmissionAttributes } from './admission.ts'

/** Upper bounds of the buckets, seconds, as kube-apiserver has them. */
const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

/** The two steps of admission, as the label `type` has them. */
export type Step = 'admit' | 'validate'

type Operation = AdmissionAttributes['operation']

/** Where the times of one plugin in one step, or of a whole step, are kept. */
export class Times {
  readonly #histogram: Histogram
  readonly #labels: Readonly<Record<string, string>>
  /** Found once for each operation: nearly all requests pass. Made with the first, so that nothing is told of what never happened. */
  readonly #passed: Partial<Record<Operation, Spread>> = {}

  constructor(histogram: Histogram, labels: Readonly<Record<string, string>>) {
    this.#histogram = histogram
    this.#labels = labels
  }

  passed(operation: Operation, milliseconds: number): void {
    const spread = (this.#passed[operation] ??= this.#of({ operation, rejected: 'false' }))
    spread.observe(milliseconds / 1000)
  }

  rejected(operation: Operation, milliseconds: number): void {
    this.#of({ operation, rejected: 'true' }).observe(milliseconds / 1000)
  }

  #of(outcome: { operation: Operation; rejected: 'true' | 'false' }): Spread {
    return this.#histogram.series({ ...this.#labels, ...outcome })
  }
}

/** How long admission takes, by plugin and step, under upstream's names (kubernetes.io, "Kubernetes Metrics Reference"). */
export class AdmissionMetrics {
  readonly #plugins = new Histogram(bounds)
  readonly #steps = new Histogram(bounds)

  plugin(name: string, type: Step): Times {
    return new Times(this.#plugins, { name, type })
  }

  step(type: Step): Times {
    return new Times(this.#steps, { type })
  }

  readonly metrics = (): Metric[] => [
    this.#plugins.metric(
      'apiserver_admission_controller_admission_duration_seconds',
      '[STABLE] Seconds that an admission plugin took, by its name, step and operation, and whether it refused.',
    ),
    this.#steps.metric(
      'apiserver_admission_step_admission_duration_seconds',
      '[STABLE] Seconds that a step of admission took, by operation, and whether it refused.',
    ),
  ]
}
