import type { Container, Pod } from '#types/core/v1'

/** A pod, or a container of it, which an event's `fieldPath` names then. */
export interface PodPart {
  pod: Pod
  /** Default: the pod as a whole. */
  container?: Container | undefined
}

/** Tells of what happened to a pod. */
export type TellPodEvent = (about: PodPart, type: 'Normal' | 'Warning', reason: string, message: string) => void
