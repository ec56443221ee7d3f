import { ref, type Ref } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { StreamHandle } from './connection.ts'
import { statusWords } from './kube.ts'
import { keyOf, type LivePart } from './live-map.ts'
import type { ListState, WatchHandlers, WatchSource } from './watch-list.ts'

/** How a list, or the part of one that a course keeps, stands for people. */
export interface Standing {
  readonly state: Ref<ListState>
  /** What went wrong last, in the server's own words. */
  readonly error: Ref<Error | undefined>
  /** Since when the data is stale, milliseconds since the epoch. */
  readonly since: Ref<number | undefined>
  /** Set while the server refuses to list: the person may not read it. */
  readonly refusal: Ref<Error | undefined>
  live(): void
  stale(): void
}

/** How a list stands before it was ever asked for; `now` in milliseconds. */
export function createStanding(now: () => number): Standing {
  const state = ref<ListState>('loading')
  const since = ref<number>()
  return {
    state,
    error: ref<Error>(),
    since,
    refusal: ref<Error>(),
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

/** Milliseconds until what was refused is asked for again: rights change, but seldom. */
const refusedPause = 30_000
const longestPause = 10_000

const codeOf = (status: unknown): number | undefined => (status as { code?: number } | undefined)?.code

/**
 * List, watch, and what follows when either ends: on a broken watch, watch again from the last revision seen (bookmarks keep it young); on
 * 410, list anew and patch the difference in. A generation ends with the connection; what comes of an older one is not heard.
 */
export class Course {
  #revision: string | undefined
  #handle: Pick<StreamHandle, 'close'> | undefined
  #generation = 0
  #failures = 0
  readonly #source: WatchSource
  readonly #part: LivePart
  readonly #standing: Standing
  readonly #delay: (ms: number, run: () => void) => void

  constructor(source: WatchSource, part: LivePart, standing: Standing, delay: (ms: number, run: () => void) => void) {
    this.#source = source
    this.#part = part
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

  /** Ends; what was seen counts no more, so that another beginning lists anew. */
  forget(): void {
    this.end()
    this.#revision = undefined
    this.#standing.state.value = 'loading'
  }

  #retry(mine: number, run: (mine: number) => void): void {
    const pause = this.#standing.refusal.value ? refusedPause : Math.min(longestPause, 250 * 2 ** this.#failures++)
    this.#delay(pause, () => mine === this.#generation && run(mine))
  }

  #list(mine: number): void {
    const isFirst = ['loading', 'failed'].includes(this.#standing.state.value)
    const add = (items: readonly KubeObject[]): void => {
      if (mine === this.#generation && isFirst) this.#part.add(items)
    }
    this.#source.list(add).then(
      ({ revision, items }) => {
        if (mine !== this.#generation) return
        this.#revision = revision
        this.#part.replace(items)
        if (isFirst) this.#part.settle()
        this.#standing.error.value = undefined
        this.#standing.refusal.value = undefined
        this.#standing.live()
        if (mine === this.#generation) this.#watch(mine)
      },
      (reason: unknown) => mine === this.#generation && this.#failed(mine, reason),
    )
  }

  #failed(mine: number, reason: unknown): void {
    const { state, error, refusal, stale } = this.#standing
    const words = reason instanceof Error ? reason : new Error(String(reason))
    error.value = words
    if (this.#part.isEmpty()) state.value = 'failed'
    else stale()
    refusal.value = codeOf(reason) === 403 ? words : undefined
    if (mine === this.#generation) this.#retry(mine, (again) => this.#list(again))
  }

  #watch(mine: number): void {
    const isMine = (): boolean => mine === this.#generation
    this.#handle = this.#source.watch(this.#revision!, {
      opened: () => {
        if (!isMine()) return
        this.#failures = 0
        this.#standing.error.value = undefined
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
      if (type !== 'BOOKMARK') this.#part.put(keyOf(changed), type === 'DELETED' ? undefined : changed)
    }
    return undefined
  }

  #closed(mine: number, { status, message, lost }: Parameters<WatchHandlers['closed']>[0]): void {
    this.#handle = undefined
    if (lost) return this.#standing.stale()
    const code = codeOf(status)
    if (code === 410) return this.#listAnew(mine)
    // Who may list and not watch sees what is listed every few seconds; who may do neither any more is told so by the list.
    if (code === 403) return this.#retry(mine, (again) => this.#listAnew(again))
    const words = status ? statusWords(status) : message
    if (status || message) this.#standing.stale()
    if (words) this.#standing.error.value = new Error(words)
    this.#retry(mine, (again) => this.#watch(again))
  }

  #listAnew(mine: number): void {
    this.#revision = undefined
    this.#list(mine)
  }
}
