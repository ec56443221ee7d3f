import type { Container, Pod } from '#types/core/v1'
import { findContainer } from './plan/pod-containers.ts'
import type { Observed } from './plan/observed.ts'
import { remembered } from './plan/remembered.ts'
import type { PodContext } from './pod-context.ts'
import type { ProbeResult } from './probes/index.ts'

/** Which of a pod's containers have started and are ready, by their probes or for the lack of them. */
export class PodHealth {
  readonly ready = new Set<string>()
  readonly started = new Set<string>()
  readonly #prober: PodContext['prober']
  /** By container: the id of the one whose probes run. */
  readonly #probed = new Map<string, string>()

  constructor(prober: PodContext['prober'], pod: Pod, observed: Observed[]) {
    this.#prober = prober
    for (const { name, ready, started } of remembered(pod, observed)) {
      if (ready) this.ready.add(name)
      if (started) this.started.add(name)
    }
  }

  /** A probe came to another result, after its thresholds. */
  heard(pod: Pod, { container, kind, ok }: ProbeResult): void {
    if (kind === 'readiness' && ok) this.ready.add(container)
    if (kind === 'readiness' && !ok) this.ready.delete(container)
    if (kind !== 'startup' || !ok) return
    this.started.add(container)
    if (!findContainer(pod, container)?.readinessProbe) this.ready.add(container)
  }

  /** A container is about to be started anew. */
  begin(name: string): void {
    this.ready.delete(name)
    this.started.delete(name)
  }

  /** A container has ended. */
  end(uid: string, name: string): void {
    this.#prober.stop(uid, name)
    this.#probed.delete(name)
    this.begin(name)
  }

  /** Starts the probes of a container that runs, once; without a probe it is ready. False when that was done before. */
  watch(pod: Pod, container: Container, podIp: string, id: string): boolean {
    const { name, startupProbe, readinessProbe, livenessProbe } = container
    if (this.#probed.get(name) === id) return false
    this.#probed.set(name, id)
    if (!startupProbe) this.started.add(name)
    if (!readinessProbe && !startupProbe) this.ready.add(name)
    const before = { ready: this.ready.has(name), started: this.started.has(name) }
    if (startupProbe || readinessProbe || livenessProbe)
      this.#prober.start(pod, container, { podIp, containerId: id, before })
    return true
  }
}
