import type { HorizontalPodAutoscalerCondition } from '#types/autoscaling/v2'
import { formatTime } from '../../../../src-kube/machinery/time.ts'

/** The conditions of an autoscaler, kept in order; one that changes its status gets a new time. */
export class Conditions {
  readonly #now: number
  #all: HorizontalPodAutoscalerCondition[]

  constructor(before: readonly HorizontalPodAutoscalerCondition[] | undefined, now: number) {
    this.#all = [...(before ?? [])]
    this.#now = now
  }

  set(
    type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited',
    status: 'True' | 'False',
    reason: string,
    message: string,
  ) {
    const known = this.#all.find((one) => one.type === type)
    const same = known?.status === status
    const lastTransitionTime = same ? known.lastTransitionTime : formatTime(this.#now)
    const next = { type, status, lastTransitionTime, reason, message }
    this.#all = known ? this.#all.map((one) => (one === known ? next : one)) : [...this.#all, next]
  }

  get all(): HorizontalPodAutoscalerCondition[] {
    return this.#all
  }
}
