import type { Container, ContainerStateTerminated, Pod, PodStatus } from '#types/core/v1'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { Signal } from './plan/eviction/thresholds.ts'
import { Count, counter, Histogram, type Metric } from '../../src-kube/machinery/metrics/prometheus.ts'

/** Seconds, up to which each bucket counts; as upstream's kubelet has them. */
const operations = Array.from({ length: 14 }, (_, i) => Number((0.005 * 2.5 ** i).toPrecision(12)))
const starts = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600,
]
/** The operation that begins a pod. */
export const SANDBOX_OPERATION = 'run_podsandbox'

/** What a kubelet counts of its own work since it started, under upstream's names ("Kubernetes Metrics Reference"). */
export class Instruments {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #durations = new Histogram(operations)
  readonly #operations = new Count()
  readonly #operationErrors = new Count()
  readonly #podStarts = new Histogram(starts)
  readonly #sandboxes = new Count()
  readonly #sandboxErrors = new Count()
  readonly #containers = new Count()
  readonly #containerErrors = new Count()
  readonly #ends = new Count()
  readonly #evictions = new Count()
  /** By uid: when a pod that does not run yet was first heard of. */
  readonly #seen = new Map<string, number>()
  /** By uid of their pod: ids of containers whose end was counted. */
  readonly #ended = new Map<string, Set<string>>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** The engine is asked for something; what is answered is called when it has been, with whether that failed. */
  readonly operation = (type: string): ((failed: boolean) => void) => {
    const began = this.#clock.monotonic()
    const labels = { operation_type: type }
    this.#operations.add(labels)
    if (type === SANDBOX_OPERATION) this.#sandboxes.add()
    return (failed) => {
      this.#durations.add((this.#clock.monotonic() - began) / 1000, labels)
      if (!failed) return
      this.#operationErrors.add(labels)
      if (type === SANDBOX_OPERATION) this.#sandboxErrors.add()
    }
  }

  /** A pod was heard of; one that has begun before is not measured. */
  seen({ metadata: { uid }, status }: Pod): void {
    if (status?.startTime === undefined && !this.#seen.has(uid)) this.#seen.set(uid, this.#clock.monotonic())
  }

  /** A pod is gone. */
  forget(uid: string): void {
    this.#seen.delete(uid)
    this.#ended.delete(uid)
  }

  /** A status is about to be told. */
  told(pod: Pod, status: PodStatus): void {
    this.#countEnds(pod, status)
    const { phase } = status
    const { uid } = pod.metadata
    const since = this.#seen.get(uid)
    if (since === undefined || phase === undefined || phase === 'Pending') return
    this.#seen.delete(uid)
    if (phase === 'Running') this.#podStarts.add((this.#clock.monotonic() - since) / 1000)
  }

  /** Each end counts once; one that was told of before, by an earlier agent too, has counted. */
  #countEnds(pod: Pod, status: PodStatus): void {
    const { uid } = pod.metadata
    const ends = endsIn(status)
    if (ends.length === 0) return
    const counted = this.#ended.get(uid) ?? new Set(endsIn(pod.status ?? {}).map(({ end }) => end.containerID ?? ''))
    this.#ended.set(uid, counted)
    for (const { kind, end } of ends) {
      if (end.containerID === undefined || counted.has(end.containerID)) continue
      counted.add(end.containerID)
      this.#ends.add({ container_type: kind, exit_code: String(end.exitCode), reason: end.reason ?? '' })
    }
  }

  /** Something happened to a pod, as its events tell: containers that started, and those that could not be. */
  happened(pod: Pod, container: Container | undefined, reason: string, message: string): void {
    if (!container) return
    const kind = { container_type: kindOf(pod, container) }
    if (reason === 'Started') this.#containers.add(kind)
    else if (reason === 'Failed') {
      const code = /^Error: (\w+)$/.exec(message)?.[1] ?? 'CreateContainerError'
      if (message.startsWith('Error: ')) this.#containerErrors.add({ code, ...kind })
    }
  }

  /** A pod goes for what the node was short of. */
  readonly evicted = (signal: Signal): void => {
    this.#evictions.add({ eviction_signal: signal })
  }

  metrics(): Metric[] {
    const all = (name: string, help: string, { samples }: Count): Metric => counter(name, `[ALPHA] ${help}`, samples)
    return [
      all('kubelet_runtime_operations_total', 'What the engine was asked for, by operation.', this.#operations),
      all(
        'kubelet_runtime_operations_errors_total',
        'What the engine was asked for and failed at, by operation.',
        this.#operationErrors,
      ),
      this.#durations.metric(
        'kubelet_runtime_operations_duration_seconds',
        '[ALPHA] Seconds that the engine took, by operation.',
      ),
      this.#podStarts.metric(
        'kubelet_pod_start_duration_seconds',
        '[ALPHA] Seconds from the moment a pod was heard of until it ran.',
      ),
      all('kubelet_started_pods_total', 'Pods for which a sandbox was to be made.', this.#sandboxes),
      all('kubelet_started_pods_errors_total', 'Pods for which no sandbox could be made.', this.#sandboxErrors),
      all('kubelet_started_containers_total', 'Containers that started, by kind.', this.#containers),
      all(
        'kubelet_started_containers_errors_total',
        'Containers that could not be started, by kind and reason.',
        this.#containerErrors,
      ),
      all('kubelet_terminated_containers_total', 'Containers that ended, by kind, exit code and reason.', this.#ends),
      all('kubelet_evictions', 'Pods that went for what the node was short of.', this.#evictions),
    ].filter(({ samples }) => samples.length > 0)
  }
}

/** The ends of containers that a status tells of: of those that are over, and of those that run again or are about to. */
function endsIn({ containerStatuses, initContainerStatuses, ephemeralContainerStatuses }: PodStatus) {
  const kinds = {
    container: containerStatuses,
    init_container: initContainerStatuses,
    ephemeral_container: ephemeralContainerStatuses,
  }
  return Object.entries(kinds).flatMap(([kind, statuses = []]) =>
    statuses.flatMap(({ state, lastState }): Array<{ kind: string; end: ContainerStateTerminated }> =>
      [state?.terminated, lastState?.terminated].flatMap((end) => (end ? [{ kind, end }] : [])),
    ),
  )
}

/** As upstream tells containers apart. */
function kindOf({ spec }: Pod, { name }: Container): string {
  const among = (list: ReadonlyArray<{ name: string }> | undefined): boolean => !!list?.some((one) => one.name === name)
  if (among(spec.initContainers)) return 'init_container'
  return among(spec.ephemeralContainers) ? 'ephemeral_container' : 'container'
}
