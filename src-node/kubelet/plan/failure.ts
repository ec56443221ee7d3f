import type { Pod } from '#types/core/v1'
import { parseTime } from '../../../src-kube/machinery/time.ts'
import type { Failure } from './status.ts'

/** A failure, with the words of its event. */
export interface EndedHere extends Failure {
  words: string
  /** Seconds that its containers get; as many as the pod says when absent. */
  grace?: number
}

/** Of a pod that the node did not take: nothing was made of it. */
export interface Refusal extends EndedHere {
  refused: true
}

const TOO_LONG = 'Pod was active on the node longer than the specified deadline'

/** Of a pod past its `activeDeadlineSeconds`. */
export const deadlineExceeded: EndedHere = { reason: 'DeadlineExceeded', message: TOO_LONG, words: TOO_LONG }

/** Milliseconds that a pod may still be active; without a limit without end. */
export function deadlineLeft({ spec, status }: Pod, now: number): number {
  const started = parseTime(status?.startTime)
  if (spec.activeDeadlineSeconds === undefined || started === undefined) return Infinity
  return started + spec.activeDeadlineSeconds * 1000 - now
}
