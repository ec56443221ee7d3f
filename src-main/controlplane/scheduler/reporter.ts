import type { PodCondition } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import type { Clock, Timer } from '../../../src-kube/machinery/clock.ts'
import { isNotFound } from '../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import type { Log } from '../../../src-kube/runtime/controller.ts'
import type { SeriesRecorder } from '../../../src-kube/runtime/series-recorder.ts'
import type { PodInfo } from './framework/pod-info.ts'

/** Where outcomes are told: conditions of pods, events. */
export interface ReporterOptions {
  client: Client
  clock: Clock
  log: Log
  events: SeriesRecorder
}

type Reason = 'Unschedulable' | 'SchedulerError' | 'SchedulingGated'

/** Refusals written a second, and at once: each is two writes, and kube-scheduler's own client allows itself 50 and 100 (`clientConnection`). */
const REFUSALS_PER_SECOND = 25
const MOST_AT_ONCE = 50

/**
 * Tells the world what became of a pod: events and its condition PodScheduled. Never throws; a pod that is gone is no failure.
 * A pod that fits nowhere is told at a bounded rate: thousands that wait for a node must not slow down those who create them.
 */
export class Reporter {
  readonly #options: ReporterOptions
  /** The newest refusal of each pod that is still to be written, by uid. */
  readonly #refusals = new Map<string, () => void>()
  #written = 0
  #since: number
  #timer: Timer | undefined

  constructor(options: ReporterOptions) {
    this.#options = options
    this.#since = options.clock.monotonic()
  }

  /** Forgets what is not written yet. */
  stop(): void {
    this.#timer?.cancel()
    this.#refusals.clear()
  }

  scheduled(pod: PodInfo, nodeName: string): void {
    const note = `Successfully assigned ${pod.key} to ${nodeName}`
    this.#options.events.event({ regarding: pod.pod, type: 'Normal', reason: 'Scheduled', action: 'Binding', note })
  }

  failed(pod: PodInfo, reason: Reason, message: string, nominatedNodeName?: string): void {
    this.#refusals.set(pod.uid, () => {
      const facts = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling' } as const
      this.#options.events.event({ regarding: pod.pod, ...facts, note: message })
      void this.condition(pod, reason, message, nominatedNodeName)
    })
    this.#pump()
  }

  /** A pod that has found its place, or is gone, was not refused. */
  settled(uid: string): void {
    this.#refusals.delete(uid)
  }

  #pump(): void {
    if (this.#timer) return
    const { clock } = this.#options
    const now = clock.monotonic()
    this.#written = Math.max(0, this.#written - ((now - this.#since) / 1000) * REFUSALS_PER_SECOND)
    this.#since = now
    for (const [uid, write] of this.#refusals) {
      if (this.#written > MOST_AT_ONCE - 1) break
      this.#written++
      this.#refusals.delete(uid)
      write()
    }
    if (this.#refusals.size === 0) return
    this.#timer = clock.after(1000 / REFUSALS_PER_SECOND, () => {
      this.#timer = undefined
      this.#pump()
    })
  }

  /** Writes the condition PodScheduled=False, and the nominated node when one is given (`''` for none), unless both stand there already. */
  async condition(pod: PodInfo, reason: Reason, message: string, nominatedNodeName?: string): Promise<void> {
    const { status } = pod.pod
    const old = status?.conditions?.find(({ type }) => type === 'PodScheduled')
    const nominated = nominatedNodeName !== undefined && nominatedNodeName !== (status?.nominatedNodeName ?? '')
    const changed = old?.status !== 'False' || old.reason !== reason || old.message !== message
    if (!nominated && !changed) return
    const now = formatTime(this.#options.clock.now())
    const lastTransitionTime = old?.status === 'False' ? (old.lastTransitionTime ?? now) : now
    const observedGeneration = pod.pod.metadata.generation
    const condition = { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime, observedGeneration }
    await this.#patch(pod, {
      conditions: [condition],
      ...(nominated ? { nominatedNodeName: nominatedNodeName || null } : {}),
    })
  }

  /** Tells a pod which node it is expected on while its binding takes its time (KEP-5278). */
  async expected(pod: PodInfo, nodeName: string): Promise<void> {
    if (pod.pod.status?.nominatedNodeName !== nodeName) await this.#patch(pod, { nominatedNodeName: nodeName })
  }

  /** Removes the nomination of a pod that a more important one has pushed aside. */
  async clearNomination(pod: PodInfo): Promise<void> {
    await this.#patch(pod, { nominatedNodeName: null })
  }

  /** Evicts a victim of preemption, with the condition and the event that say why. */
  async preempt(victim: PodInfo, by: PodInfo, nodeName: string): Promise<void> {
    const { client, clock, events } = this.#options
    const condition: PodCondition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
      lastTransitionTime: formatTime(clock.now()),
      observedGeneration: victim.pod.metadata.generation,
    }
    await this.#patch(victim, { conditions: [condition] })
    const facts = { type: 'Normal', reason: 'Preempted', action: 'Preempting' } as const
    const note = `Preempted by pod ${by.uid} on node ${nodeName}`
    events.event({ regarding: victim.pod, related: by.pod, ...facts, note })
    const { name, namespace } = victim.pod.metadata
    await this.#quietly(() =>
      client.resource(refs.pods).delete(name, namespace, { preconditions: { uid: victim.uid } }),
    )
  }

  async #patch({ pod }: PodInfo, status: Record<string, unknown>): Promise<void> {
    const { name, namespace } = pod.metadata
    const type = 'application/strategic-merge-patch+json' as const
    const pods = this.#options.client.resource(refs.pods)
    await this.#quietly(() => pods.patch({ name, namespace, subresource: 'status', type, body: { status } }))
  }

  async #quietly(write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      if (!isNotFound(error)) this.#options.log.warn('scheduler could not write a pod', { error: String(error) })
    }
  }
}
