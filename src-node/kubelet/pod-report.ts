import type { Pod, PodStatus } from '#types/core/v1'
import { overruled, statusText } from './plan/status.ts'
import type { PodContext } from './pod-context.ts'

/** What the API was told of one pod: the same is not told twice, but again when somebody else has said otherwise. */
export class PodReport {
  readonly #context: Pick<PodContext, 'sendStatus'>
  #sentStatus = ''
  #sentReady: string | undefined

  constructor(context: Pick<PodContext, 'sendStatus'>) {
    this.#context = context
  }

  /** The pod has come to be another in the API. */
  changed(before: Pod, pod: Pod): void {
    if (overruled(before, pod, this.#sentReady)) this.#sentStatus = ''
  }

  async send(pod: Pod, status: PodStatus): Promise<void> {
    const text = statusText(status)
    if (text === this.#sentStatus || !(await this.#context.sendStatus(pod, status))) return
    this.#sentStatus = text
    this.#sentReady = status.conditions?.find(({ type }) => type === 'Ready')?.status
  }
}
