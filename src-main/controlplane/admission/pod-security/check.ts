import type { Container, EphemeralContainer, PodSpec } from '#types/core/v1'

/** What is judged: a pod, or the template of pods. */
export interface Judged {
  annotations: Record<string, string>
  spec: PodSpec
}

/** A rule that was broken: its name, and where, in the words of upstream's standards. */
export interface Violation {
  reason: string
  detail: string
}

/** One rule of the Pod Security Standards. `since` is the minor version of Kubernetes from which a policy of that version holds to it. */
export interface Check {
  since?: number
  judge(pod: Judged, minor: number): Violation | undefined
}

/** A container of whichever of the pod's three lists. */
export type AnyContainer = Container | EphemeralContainer

/** In the order in which they are told of. */
export function containersOf({ initContainers = [], containers, ephemeralContainers = [] }: PodSpec): AnyContainer[] {
  return [...initContainers, ...(containers ?? []), ...ephemeralContainers]
}

export const quoted = (names: Iterable<string>): string => [...names].map((name) => JSON.stringify(name)).join(', ')

/** `container "a"` or `containers "a", "b"`. */
export const called = (names: readonly string[], one = 'container'): string =>
  `${one}${names.length === 1 ? '' : 's'} ${quoted(names)}`

/** Names of the containers that a rule is broken by. */
export const namesWhere = (spec: PodSpec, broken: (container: AnyContainer) => boolean): string[] =>
  containersOf(spec)
    .filter(broken)
    .map(({ name }) => name)

/** A violation when there is something to tell of. */
export const violation = (reason: string, details: readonly string[], between = ', '): Violation | undefined =>
  details.length > 0 ? { reason, detail: details.join(between) } : undefined
