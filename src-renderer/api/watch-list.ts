/**
 * One list and one watch of a kind, kept current. Events are gathered and applied once a frame to one Map, which is then
 * triggered: a thousand changes in a frame cost one re-render. The Map's identity never changes; views take what they need.
 *
 * The course of it: list → watch from the list's revision → on a broken watch, watch again from the last revision seen
 * (bookmarks keep it young) → on 410, list anew and patch the difference in, so that nothing blinks. What was last known stays
 * on screen while the connection is gone; `state` says so.
 */
import { ref, shallowRef, triggerRef, type Ref, type ShallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { StreamHandle } from './connection.ts'

export type ListState = 'loading' | 'live' | 'stale' | 'failed'

export interface WatchSource {
  list(): Promise<{ revision: string; items: KubeObject[] }>
  watch(revision: string, handlers: WatchHandlers): Pick<StreamHandle, 'close'>
  /** Calls back each time the connection stands; the result ends that. */
  onOpen(listener: () => void): () => void
}

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

export const keyOf = ({ metadata }: KubeObject): string =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name

export function createWatchList(source: WatchSource, options: WatchListOptions = {}): WatchList {
  const schedule = options.schedule ?? ((apply: () => void) => void requestAnimationFrame(apply))
  const delay = options.delay ?? ((ms: number, run: () => void) => void setTimeout(run, ms))
  const now = options.now ?? Date.now
  const map = new Map<string, KubeObject>()
  const objects = shallowRef<ReadonlyMap<string, KubeObject>>(map)
  const state = ref<ListState>('loading')
  const error = ref<Error>()
  const since = ref<number>()
  const cameAt = new Map<string, number>()
  let waiting = new Map<string, KubeObject | undefined>()
  let scheduled = false
  let revision: string | undefined
  let handle: Pick<StreamHandle, 'close'> | undefined
  let unsubscribe: (() => void) | undefined
  let generation = 0
  let failures = 0

  const apply = (): void => {
    scheduled = false
    const at = now()
    for (const [key, object] of waiting) {
      if (object && !map.has(key)) cameAt.set(key, at)
      else if (!object) cameAt.delete(key)
      if (object) map.set(key, object)
      else map.delete(key)
    }
    waiting = new Map()
    triggerRef(objects)
  }
  const enqueue = (key: string, object: KubeObject | undefined): void => {
    waiting.set(key, object)
    if (scheduled) return
    scheduled = true
    schedule(apply)
  }
  const receive = (events: Array<{ type: string; object: unknown }>): 'expired' | undefined => {
    for (const { type, object } of events) {
      if (type === 'ERROR') return 'expired'
      const changed = object as KubeObject
      revision = changed.metadata.resourceVersion ?? revision
      if (type !== 'BOOKMARK') enqueue(keyOf(changed), type === 'DELETED' ? undefined : changed)
    }
    return undefined
  }
  const stale = (): void => {
    if (state.value === 'live') since.value = now()
    if (state.value !== 'loading') state.value = 'stale'
  }
  const retry = (mine: number, run: (mine: number) => void): void =>
    delay(Math.min(10_000, 250 * 2 ** failures++), () => mine === generation && run(mine))

  const watch = (mine: number): void => {
    handle = source.watch(revision!, {
      opened() {
        if (mine !== generation) return
        failures = 0
        state.value = 'live'
        since.value = undefined
      },
      events(events) {
        if (mine !== generation || receive(events) !== 'expired') return
        handle?.close()
        revision = undefined
        list(mine)
      },
      closed({ status, lost }) {
        if (mine !== generation) return
        handle = undefined
        if (lost) return stale()
        const expired = (status as { code?: number } | undefined)?.code === 410
        if (expired) revision = undefined
        else if (status) stale()
        if (expired) list(mine)
        else retry(mine, watch)
      },
    })
  }
  const list = (mine: number): void => {
    source.list().then(
      (answer) => {
        if (mine !== generation) return
        revision = answer.revision
        const listed = new Map(answer.items.map((object) => [keyOf(object), object]))
        for (const key of map.keys()) if (!listed.has(key)) waiting.set(key, undefined)
        const first = state.value === 'loading' || state.value === 'failed'
        for (const [key, object] of listed) {
          if (map.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) waiting.set(key, object)
        }
        apply()
        if (first) cameAt.clear()
        error.value = undefined
        state.value = 'live'
        since.value = undefined
        watch(mine)
      },
      (reason: unknown) => {
        if (mine !== generation) return
        error.value = reason instanceof Error ? reason : new Error(String(reason))
        if (map.size === 0) state.value = 'failed'
        else stale()
        retry(mine, list)
      },
    )
  }
  return {
    objects,
    state,
    error,
    since,
    cameAt,
    start() {
      unsubscribe ??= source.onOpen(() => {
        const mine = ++generation
        handle?.close()
        handle = undefined
        if (revision === undefined) list(mine)
        else watch(mine)
      })
    },
    stop() {
      generation++
      unsubscribe?.()
      unsubscribe = undefined
      handle?.close()
      handle = undefined
    },
  }
}
