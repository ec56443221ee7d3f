import type { Clock, Timer } from '../../../src-kube/machinery/clock.ts'
import type { ClusterEvent, Plugin, QueuedOrder } from './framework/plugin.ts'
import type { PodInfo } from './framework/pod-info.ts'
import { KeyedHeap } from './heap.ts'

/** A pod in the queue, and what became of it so far. */
export interface QueuedPod extends QueuedOrder {
  /** `namespace/name`. */
  readonly key: string
  info: PodInfo
  /** When the pod came to the queue first. */
  readonly since: number
  attempts: number
  /** When it may be tried again, on the monotonic clock. */
  backoffUntil: number
  /** When it was found unschedulable, on the monotonic clock. */
  parkedAt: number
  /** When its last attempt began, on the monotonic clock. */
  triedAt: number
  /** The plugins that refused it last; empty after an error. */
  rejectedBy: readonly Plugin[]
}

/** The parts, as metrics call them. */
export type QueuePart = 'active' | 'backoff' | 'unschedulable'

/** In which order pods are tried, and how soon again. Times in milliseconds, with kube-scheduler's defaults. */
export interface QueueOptions {
  clock: Clock
  compare: (a: QueuedOrder, b: QueuedOrder) => number
  /** Called when a pod can be popped. */
  onReady: () => void
  /** Hears of each pod that comes to a part of the queue, and after what. */
  entered?: (part: QueuePart, after: string) => void
  initialBackoff?: number
  maxBackoff?: number
  /** After this an unschedulable pod is tried again whatever happened. */
  maxUnschedulable?: number
}

/** Milliseconds between two looks for pods that have waited for an event for too long. */
const FLUSH_EVERY = 30_000

const sooner = (a: QueuedPod, b: QueuedPod): number => a.backoffUntil - b.backoffUntil

/**
 * Active pods by priority; those that back off (1 s, doubled to 10 s); those that wait for an event that may help one of the plugins
 * which refused them (KEP-4247), or for five minutes. A pod is in one of the three, or with the caller who popped it. When nothing is active, a
 * pod that was refused need not end its back-off (KEP-5142); after an error it must.
 */
export class SchedulingQueue {
  readonly #active: KeyedHeap<QueuedPod>
  readonly #refused = new KeyedHeap<QueuedPod>(sooner)
  readonly #failed = new KeyedHeap<QueuedPod>(sooner)
  readonly #parked = new Map<string, QueuedPod>()
  readonly #options: Required<QueueOptions>
  #timer: Timer | undefined
  #timerAt = Infinity
  #isStopped = false

  constructor(options: QueueOptions) {
    const entered = (): void => undefined
    this.#options = { initialBackoff: 1000, maxBackoff: 10_000, maxUnschedulable: 300_000, entered, ...options }
    this.#active = new KeyedHeap<QueuedPod>(options.compare)
  }

  get counts(): { active: number; backoff: number; unschedulable: number } {
    return {
      active: this.#active.size,
      backoff: this.#refused.size + this.#failed.size,
      unschedulable: this.#parked.size,
    }
  }

  /** How many of the unschedulable were never tried. */
  get gated(): number {
    let count = 0
    for (const entry of this.#parked.values()) if (entry.attempts === 0) count++
    return count
  }

  /** A pod seen for the first time. */
  add(info: PodInfo): void {
    this.#activate(this.#anew(info), 'UnscheduledPodAdd')
  }

  #anew(info: PodInfo): QueuedPod {
    const since = this.#options.clock.now()
    this.delete(info.key)
    return { key: info.key, info, since, attempts: 0, backoffUntil: 0, parkedAt: 0, triedAt: 0, rejectedBy: [] }
  }

  has(key: string): boolean {
    return this.find(key) !== undefined
  }

  find(key: string): QueuedPod | undefined {
    return this.#active.get(key) ?? this.#refused.get(key) ?? this.#failed.get(key) ?? this.#parked.get(key)
  }

  /** Replaces the pod of an entry, which `mayFit` now: a parked one is set going. */
  update(info: PodInfo, { mayFit }: { mayFit: boolean }): void {
    const entry = this.find(info.key)
    if (!entry) return
    const active = this.#active.delete(info.key) !== undefined
    entry.info = info
    if (active) this.#active.set(entry)
    else if (mayFit && this.#parked.delete(info.key)) this.#release(entry, 'UnscheduledPodUpdate')
  }

  delete(key: string): void {
    this.#active.delete(key)
    this.#refused.delete(key)
    this.#failed.delete(key)
    this.#parked.delete(key)
  }

  pop(): QueuedPod | undefined {
    const entry = this.#active.pop() ?? this.#refused.pop()
    if (entry) entry.attempts++
    return entry
  }

  /** Puts a popped pod back: to wait for an event if plugins refused it, else to back off. */
  giveBack(entry: QueuedPod, rejectedBy: readonly Plugin[]): void {
    const { clock, initialBackoff, maxBackoff } = this.#options
    const now = clock.monotonic()
    entry.rejectedBy = rejectedBy
    entry.parkedAt = now
    entry.backoffUntil = now + Math.min(maxBackoff, initialBackoff * 2 ** Math.min(30, entry.attempts - 1))
    if (rejectedBy.length === 0) return this.#release(entry, 'ScheduleAttemptFailure')
    this.#park(entry, 'ScheduleAttemptFailure')
    this.#wakeAt(now + FLUSH_EVERY)
  }

  /** Parks a pod before it was ever tried (its gates are closed). */
  park(info: PodInfo, by: Plugin): void {
    const entry = { ...this.#anew(info), rejectedBy: [by], parkedAt: this.#options.clock.monotonic() }
    this.#park(entry, 'UnscheduledPodAdd')
  }

  #park(entry: QueuedPod, after: string): void {
    this.#parked.set(entry.key, entry)
    this.#options.entered('unschedulable', after)
  }

  /** Sets pods going to which an event may help. */
  notice(event: ClusterEvent): void {
    if (this.#parked.size === 0) return
    for (const entry of this.#parked.values()) {
      const helps = entry.rejectedBy.some((plugin) => plugin.mayHelp?.(event, entry.info) ?? true)
      if (!helps) continue
      this.#parked.delete(entry.key)
      this.#release(entry, nameOf(event))
    }
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #release(entry: QueuedPod, after: string): void {
    if (entry.backoffUntil <= this.#options.clock.monotonic()) return this.#activate(entry, after)
    this.#wakeAt(entry.backoffUntil)
    this.#options.entered('backoff', after)
    if (entry.rejectedBy.length === 0) return this.#failed.set(entry)
    this.#refused.set(entry)
    this.#options.onReady()
  }

  #activate(entry: QueuedPod, after: string): void {
    this.#active.set(entry)
    this.#options.entered('active', after)
    this.#options.onReady()
  }

  #wakeAt(at: number): void {
    if (this.#isStopped || at >= this.#timerAt) return
    this.#timer?.cancel()
    this.#timerAt = at
    const delay = Math.max(0, at - this.#options.clock.monotonic())
    this.#timer = this.#options.clock.after(Math.ceil(delay), () => this.#flush())
  }

  #flush(): void {
    const { clock, maxUnschedulable } = this.#options
    const now = clock.monotonic()
    this.#timerAt = Infinity
    for (const backoff of [this.#refused, this.#failed])
      for (let next = backoff.peek(); next && next.backoffUntil <= now; next = backoff.peek())
        this.#activate(backoff.pop()!, 'BackoffComplete')
    for (const entry of this.#parked.values()) {
      if (now - entry.parkedAt < maxUnschedulable || gated(entry)) continue
      this.#parked.delete(entry.key)
      this.#release(entry, 'UnschedulableTimeout')
    }
    for (const next of [this.#refused.peek(), this.#failed.peek()]) if (next) this.#wakeAt(next.backoffUntil)
    if (this.#parked.size) this.#wakeAt(now + FLUSH_EVERY)
  }
}

const gated = ({ info, rejectedBy }: QueuedPod) => rejectedBy.some((plugin) => plugin.preEnqueue?.(info) !== undefined)

const subjects = {
  node: 'Node',
  'lost node': 'Node',
  pod: 'AssignedPod',
  volume: 'Volume',
  device: 'Device',
  namespace: 'Namespace',
  timeout: 'Timeout',
} as const
const actions = { add: 'Add', update: 'Update', delete: 'Delete', change: 'Change' } as const

/** What metrics call an event. */
const nameOf = ({ resource, action }: ClusterEvent): string => subjects[resource] + actions[action]
