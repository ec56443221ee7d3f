/**
 * A list of a namespaced kind for whoever may perhaps not read all of it. The whole cluster is asked first. Where that is refused the
 * namespaces of a scope are asked instead, one list and one watch each, into the same Map; and the whole again now and then, as rights
 * change. What is refused in some namespaces does not hide what is allowed in others: `refusals` names it.
 *
 * Rejected: to ask first what is allowed (SelfSubjectRulesReview). It tells of one namespace, authorizers other than RBAC answer it in
 * part, and the list itself has to be asked for in any case.
 */
import { computed, effectScope, shallowRef, watch, type EffectScope, type ShallowRef } from 'vue'
import type { NamespaceScope } from '../namespaces/known-scopes.ts'
import { Course, createStanding, type Standing } from './course.ts'
import { createLiveMap } from './live-map.ts'
import {
  browser,
  type ListState,
  type Refusal,
  type WatchList,
  type WatchListOptions,
  type WatchSource,
} from './watch-list.ts'

interface Running {
  namespace: string | undefined
  course: Course
  standing: Standing
}

/** @param sourceOf of a namespace, or of undefined for the whole cluster */
export function createScopedList(
  sourceOf: (namespace: string | undefined) => WatchSource,
  scope: Pick<NamespaceScope, 'names' | 'only'>,
  options: WatchListOptions = {},
): WatchList {
  const { schedule, delay, now } = { ...browser, ...options }
  const map = createLiveMap(schedule, now)
  const run = (namespace?: string): Running => {
    const standing = createStanding(now)
    return { namespace, standing, course: new Course(sourceOf(namespace), map.part(namespace), standing, delay) }
  }
  const whole = run()
  const parts = shallowRef<ReadonlyMap<string, Running>>(new Map())
  const isWhole = computed(
    () => !scope.only.value && (whole.standing.refusal.value === undefined || scope.names.value.length === 0),
  )
  const wanted = computed(() => (isWhole.value ? [] : [...new Set(scope.names.value)]))
  const asked = computed(() => (isWhole.value ? [whole] : [...parts.value.values()]))
  const courses = new Courses({ whole, parts, run, keepOnly: (names) => isWhole.value || map.keepOnly(names) })
  let following: EffectScope | undefined
  let unsubscribe: (() => void) | undefined
  return {
    objects: map.objects,
    cameAt: map.cameAt,
    isWhole,
    ...togetherOf(() => asked.value),
    start() {
      if (unsubscribe) return
      following = effectScope(true)
      following.run(() => {
        watch(wanted, (names) => courses.follow(names), { immediate: true, flush: 'sync' })
        watch(scope.only, (only) => courses.narrow(only), { flush: 'sync' })
      })
      unsubscribe = sourceOf(undefined).onOpen(() => courses.open(scope.only.value))
    },
    stop() {
      unsubscribe?.()
      unsubscribe = undefined
      following?.stop()
      courses.end()
    },
  }
}

interface Arrangement {
  whole: Running
  parts: ShallowRef<ReadonlyMap<string, Running>>
  run(namespace: string): Running
  /** Lets go of what is of other namespaces. */
  keepOnly(names: readonly string[]): void
}

/** The courses that run: that of the whole, and those of the namespaces that are wanted. */
class Courses {
  readonly #of: Arrangement
  #isOpen = false

  constructor(arrangement: Arrangement) {
    this.#of = arrangement
  }

  /** Begins and ends courses until exactly those of these namespaces run. */
  follow(names: readonly string[]): void {
    const { parts, keepOnly } = this.#of
    keepOnly(names)
    for (const [name, { course }] of parts.value) if (!names.includes(name)) course.end()
    parts.value = new Map(names.map((name) => [name, parts.value.get(name) ?? this.#begun(name)]))
  }

  narrow(only: boolean): void {
    const { course } = this.#of.whole
    if (only) course.forget()
    else if (this.#isOpen) course.begin()
  }

  open(only: boolean): void {
    this.#isOpen = true
    if (!only) this.#of.whole.course.begin()
    for (const { course } of this.#of.parts.value.values()) course.begin()
  }

  end(): void {
    this.#isOpen = false
    for (const { course } of [this.#of.whole, ...this.#of.parts.value.values()]) course.end()
  }

  #begun(name: string): Running {
    const part = this.#of.run(name)
    if (this.#isOpen) part.course.begin()
    return part
  }
}

/** How parts of a list stand as one; what is refused counts only where nothing else is there. */
function togetherOf(
  parts: () => ReadonlyArray<{ namespace: string | undefined; standing: Standing }>,
): Pick<WatchList, 'state' | 'error' | 'since' | 'refusals'> {
  const readable = computed(() => {
    const allowed = parts().filter(({ standing }) => standing.refusal.value === undefined)
    return (allowed.length > 0 ? allowed : parts()).map(({ standing }) => standing)
  })
  const times = (): number[] => readable.value.flatMap(({ since }) => since.value ?? [])
  return {
    state: computed(() => stateOf(readable.value.map(({ state }) => state.value))),
    error: computed(() => readable.value.find(({ error }) => error.value)?.error.value),
    since: computed(() => (times().length > 0 ? Math.min(...times()) : undefined)),
    refusals: computed<Refusal[]>(() =>
      parts().flatMap(({ namespace, standing }) =>
        standing.refusal.value ? [{ namespace, error: standing.refusal.value }] : [],
      ),
    ),
  }
}

function stateOf(states: readonly ListState[]): ListState {
  if (states.includes('loading') || states.length === 0) return 'loading'
  if (states.every((state) => state === 'failed')) return 'failed'
  return states.every((state) => state === 'live') ? 'live' : 'stale'
}
