/**
 * One list and one watch of a kind, kept current. Events are gathered and applied once a frame to one Map, which is then
 * triggered: a thousand changes in a frame cost one re-render. The Map's identity never changes; views take what they need.
 *
 * The course of it: list → watch from the list's revision → on a broken watch, watch again from the last revision seen
 * (bookmarks keep it young) → on 410, list anew and patch the difference in, so that nothing blinks. What was last known stays
 * on screen while the connection is gone; `state` says so.
 */
import { ref, type Ref, type ShallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { StreamHandle } from './connection.ts'
import { createLiveMap, keyOf, type LiveMap } from './live-map.ts'

export { keyOf }

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

export interface WatchListOptions {
  /** Runs `apply` before the next frame is drawn. */
  schedule?(apply: () => void): void
  delay?(milliseconds: number, run: () => void): void
  now?(): number
}

/** A list that stays as the server has it. */
export interface WatchList {
  /** By `uid`-free key, `namespace/name`; read only. */
  readonly objects: ShallowRef<ReadonlyMap<string, KubeObject>>
  readonly state: Ref<ListState>
  /** Why it failed, in the server's own words. */
  readonly error: Ref<Error | undefined>
  /** Since when the data is stale, milliseconds since the epoch. */
  readonly since: Ref<number | undefined>
  /** When a key came that was not there when it was first listed: what glows as a whole. */
  readonly cameAt: ReadonlyMap<string, number>
  start(): void
  stop(): void
}

export function createWatchList(source: WatchSource, options: WatchListOptions = {}): WatchList {
  const schedule = options.schedule ?? ((apply: () => void) => void requestAnimationFrame(apply))
  const delay = options.delay ?? ((ms: number, run: () => void) => void setTimeout(run, ms))
  const now = options.now ?? Date.now
  const map = createLiveMap(schedule, now)
  const standing = createStanding(now)
  const course = new Course(source, map, standing, delay)
  let unsubscribe: (() => void) | undefined
  return {
    objects: map.objects,
    cameAt: map.cameAt,
    state: standing.state,
    error: standing.error,
    since: standing.since,
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

/** How the list stands, for people. */
function createStanding(now: () => number) {
  const state = ref<ListState>('loading')
  const error = ref<Error>()
  const since = ref<number>()
  return {
    state,
    error,
    since,
    live() {
      state.value = 'live'
      since.value = undefined
    },
    stale() {
      if (state.value === 'live') since.value = now()
      if (state.value !== 'loading') state.value = 'stale'
    },
  }
}

/** List, watch, and what follows when either ends. A generation ends with the connection; what comes of an older one is not heard. */
class Course {
  #revision: string | undefined
  #handle: Pick<StreamHandle, 'close'> | undefined
  #generation = 0
  #failures = 0
  readonly #source: WatchSource
  readonly #map: LiveMap
  readonly #standing: ReturnType<typeof createStanding>
  readonly #delay: (ms: number, run: () => void) => void

  constructor(
    source: WatchSource,
    map: LiveMap,
    standing: ReturnType<typeof createStanding>,
    delay: (ms: number, run: () => void) => void,
  ) {
    this.#source = source
    this.#map = map
    this.#standing = standing
    this.#delay = delay
  }

  begin(): void {
    this.end()
    if (this.#revision === undefined) this.#list(this.#generation)
    else this.#watch(this.#generation)
  }

  end(): void {
    this.#generation++
    this.#handle?.close()
    this.#handle = undefined
  }

  #retry(mine: number, run: (mine: number) => void): void {
    const pause = Math.min(10_000, 250 * 2 ** this.#failures++)
    this.#delay(pause, () => mine === this.#generation && run(mine))
  }

  #list(mine: number): void {
    const isFirst = ['loading', 'failed'].includes(this.#standing.state.value)
    const part = (items: readonly KubeObject[]): void => {
      if (mine === this.#generation && isFirst) this.#map.add(items)
    }
    this.#source.list(part).then(
      ({ revision, items }) => {
        if (mine !== this.#generation) return
        this.#revision = revision
        this.#map.replace(items)
        if (isFirst) this.#map.settle()
        this.#standing.error.value = undefined
        this.#standing.live()
        this.#watch(mine)
      },
      (reason: unknown) => mine === this.#generation && this.#refused(mine, reason),
    )
  }

  #refused(mine: number, reason: unknown): void {
    const { state, error, stale } = this.#standing
    error.value = reason instanceof Error ? reason : new Error(String(reason))
    if (this.#map.objects.value.size === 0) state.value = 'failed'
    else stale()
    this.#retry(mine, (again) => this.#list(again))
  }

  #watch(mine: number): void {
    const isMine = (): boolean => mine === this.#generation
    this.#handle = this.#source.watch(this.#revision!, {
      opened: () => {
        if (!isMine()) return
        this.#failures = 0
        this.#standing.live()
      },
      events: (events) => {
        if (!isMine() || this.#receive(events) !== 'expired') return
        this.#handle?.close()
        this.#listAnew(mine)
      },
      closed: (end) => isMine() && this.#closed(mine, end),
    })
  }

  #receive(events: Array<{ type: string; object: unknown }>): 'expired' | undefined {
    for (const { type, object } of events) {
      if (type === 'ERROR') return 'expired'
      const changed = object as KubeObject
      this.#revision = changed.metadata.resourceVersion ?? this.#revision
      if (type !== 'BOOKMARK') this.#map.put(keyOf(changed), type === 'DELETED' ? undefined : changed)
    }
    return undefined
  }

  #closed(mine: number, { status, lost }: { status?: unknown; lost?: boolean }): void {
    this.#handle = undefined
    if (lost) return this.#standing.stale()
    if ((status as { code?: number } | undefined)?.code === 410) return this.#listAnew(mine)
    if (status) this.#standing.stale()
    this.#retry(mine, (again) => this.#watch(again))
  }

  #listAnew(mine: number): void {
    this.#revision = undefined
    this.#list(mine)
  }
}
