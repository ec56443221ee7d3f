import type { Pod, Service } from '#types/core/v1'
import { parseTime } from '../../../../src-kube/machinery/time.ts'

/** Says when that happened which endpoints were last changed for (RFC 3339): what programs measure their delay from. */
export const TRIGGER_TIME_ANNOTATION = 'endpoints.kubernetes.io/last-change-trigger-time'

/** What a service was last seen with, in milliseconds since the epoch. */
interface Seen {
  readonly created: number
  /** By name of the pod: when its readiness changed. */
  readonly pods: ReadonlyMap<string, number>
}

/**
 * Remembers, for every service, which changes its endpoints have taken up (reference: kubernetes.io, well-known labels and annotations,
 * "endpoints.kubernetes.io/last-change-trigger-time").
 */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>()

  /**
   * The first change since the last question: a pod that became ready or not, or the service made again. A service asked of for the first
   * time changed when it was made. Undefined when no such change is behind it.
   */
  next(key: string, service: Service, pods: readonly Pod[]): number | undefined {
    const before = this.#seen.get(key)
    const created = parseTime(service.metadata.creationTimestamp) ?? 0
    const now = new Map(pods.map((pod) => [pod.metadata.name ?? '', readinessChange(pod)]))
    this.#seen.set(key, { created, pods: now })
    if (!before) return created || undefined
    const changes = [...now].filter(([name, time]) => time > (before.pods.get(name) ?? 0)).map(([, time]) => time)
    if (created > before.created) changes.push(created)
    return changes.length > 0 ? Math.min(...changes) : undefined
  }

  forget(key: string): void {
    this.#seen.delete(key)
  }
}

/** 0 where nothing is said of it. */
const readinessChange = ({ status }: Pod): number =>
  parseTime(status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime) ?? 0
