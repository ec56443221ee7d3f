import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { Count, counter, Histogram, type Metric } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { denial, type Verdict } from './review.ts'

/** Seconds, as upstream has them: a webhook may take thirty. */
const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25]
/** Codes above it are told as this one: webhooks make up what they like. */
const MOST_CODE = 600

/** Which webhook is asked, and in which of the two steps of admission. */
interface Asked {
  name: string
  type: 'admit' | 'validating'
  operation: string
}

/** How long webhooks take and how often they refuse, under upstream's names (kubernetes.io, "Kubernetes Metrics Reference"). */
export class WebhookMetrics {
  readonly #durations = new Histogram(bounds)
  readonly #rejections = new Count()
  readonly #passed = new Count()

  /** Asks a webhook and answers what it did; none when it could not be asked and its policy is to go on without it. */
  async count(asked: Asked, ask: () => Promise<Verdict | undefined>): Promise<Verdict | undefined> {
    const { name, type } = asked
    const began = performance.now()
    let refused: { error_type: string; code: number } | undefined
    try {
      const verdict = await ask()
      if (!verdict) this.#passed.add({ name, type })
      else if (!verdict.allowed) refused = { error_type: 'no_error', code: denial(name, verdict.status).code }
      return verdict
    } catch (error) {
      refused =
        error instanceof StatusError && error.code === 500
          ? { error_type: 'calling_webhook_error', code: error.code }
          : { error_type: 'apiserver_internal_error', code: 0 }
      throw error
    } finally {
      this.#durations.add((performance.now() - began) / 1000, { ...asked, rejected: String(refused !== undefined) })
      if (refused) {
        const { error_type, code } = refused
        this.#rejections.add({ ...asked, error_type, rejection_code: String(Math.min(code, MOST_CODE)) })
      }
    }
  }

  readonly metrics = (): Metric[] => [
    this.#durations.metric(
      'apiserver_admission_webhook_admission_duration_seconds',
      '[STABLE] Seconds that a webhook took, by its name, step and operation, and whether it refused.',
    ),
    counter(
      'apiserver_admission_webhook_rejection_count',
      '[ALPHA] What webhooks refused, or was refused because they could not be asked.',
      this.#rejections.samples,
    ),
    counter(
      'apiserver_admission_webhook_fail_open_count',
      '[ALPHA] What passed without a webhook that could not be asked.',
      this.#passed.samples,
    ),
  ]
}
