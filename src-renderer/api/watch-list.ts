/**
 * One list and one watch of a kind, kept current. Events are gathered and applied once a frame to one Map, which is then
 * triggered: a thousand changes in a frame cost one re-render. The Map's identity never changes; views take what they need.
 * What was last known stays on screen while the connection is gone; `state` says so. Its course: `course.ts`.
 */
import { computed, ref, type Ref, type ShallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { StreamHandle } from './connection.ts'
import { Course, createStanding } from './course.ts'
import { createLiveMap, keyOf } from './live-map.ts'

export { keyOf }

/** `stale` shows what was there while the connection is made anew; `failed` has nothing to show, and says why. */
export type ListState = 'loading' | 'live' | 'stale' | 'failed'

/** Where a list comes from: the cluster, or in tests a script. */
export interface WatchSource {
  /** All there is. A long list comes in parts, each of which is told of as soon as it is there. */
  list(part: (items: readonly KubeObject[]) => void): Promise<{ revision: string; items: KubeObject[] }>
  watch(revision: string, handlers: WatchHandlers): Pick<StreamHandle, 'close'>
  /** Calls back each time the connection stands; the result ends that. */
  onOpen(listener: () => void): () => void
}

/** `closed` is called once and last; `lost` means that the connection went, not the watch. */
export interface WatchHandlers {
  opened(): void
  events(events: Array<{ type: string; object: unknown }>): void
  closed(end: { status?: unknown; message?: string; lost?: boolean }): void
}

/** Time, for tests: frames, delays and the clock, in milliseconds. */
export interface WatchListOptions {
  /** Runs `apply` before the next frame is drawn. */
  schedule?(apply: () => void): void
  delay?(milliseconds: number, run: () => void): void
  now?(): number
}

/** What the server refuses to list. */
export interface Refusal {
  /** Undefined for the whole cluster. */
  namespace: string | undefined
  error: Error
}

/** A list that stays as the server has it. */
export interface WatchList {
  /** By `uid`-free key, `namespace/name`; read only. */
  readonly objects: ShallowRef<ReadonlyMap<string, KubeObject>>
  readonly state: Readonly<Ref<ListState>>
  /** Why it failed, in the server's own words. */
  readonly error: Readonly<Ref<Error | undefined>>
  /** Since when the data is stale, milliseconds since the epoch. */
  readonly since: Readonly<Ref<number | undefined>>
  /** What of it the person may not read; the rest is there. */
  readonly refusals: Readonly<Ref<readonly Refusal[]>>
  /** Whether it is of the whole cluster, not of some namespaces. */
  readonly isWhole: Readonly<Ref<boolean>>
  /** When a key came that was not there when it was first listed: what glows as a whole. */
  readonly cameAt: ReadonlyMap<string, number>
  start(): void
  stop(): void
}

/** What a window offers; see {@link WatchListOptions}. */
export const browser: Required<WatchListOptions> = {
  schedule: (apply) => void requestAnimationFrame(apply),
  delay: (milliseconds, run) => void setTimeout(run, milliseconds),
  now: Date.now,
}

/** A list that is asked for when it is started, then watched, and listed anew whenever the server cannot go on from where it was. */
export function createWatchList(source: WatchSource, options: WatchListOptions = {}): WatchList {
  const { schedule, delay, now } = { ...browser, ...options }
  const map = createLiveMap(schedule, now)
  const standing = createStanding(now)
  const course = new Course(source, map.part(), standing, delay)
  let unsubscribe: (() => void) | undefined
  return {
    objects: map.objects,
    cameAt: map.cameAt,
    state: standing.state,
    error: standing.error,
    since: standing.since,
    refusals: computed(() => (standing.refusal.value ? [{ namespace: undefined, error: standing.refusal.value }] : [])),
    isWhole: ref(true),
    start() {
      unsubscribe ??= source.onOpen(() => course.begin())
    },
    stop() {
      unsubscribe?.()
      unsubscribe = undefined
      course.end()
    },
  }
}
