import { computed, inject, onScopeDispose, ref, shallowRef, watch, type InjectionKey, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { Kube } from '../api/kube.ts'
import { holdNow } from '../composables/use-now.ts'
import { leaving } from './carry-moment.ts'
import { momentOf } from './known-moments.ts'
import { atText, clamped, parseAt, type Bounds, type Moment } from './moment.ts'

/** The cluster on screen in time. */
export interface Past {
  /** Whether the cluster keeps a history that can be looked at: not every cluster is Drydock's. */
  readonly isKept: Readonly<Ref<boolean>>
  /** What is shown; undefined for what is now. */
  readonly moment: Readonly<Ref<Moment | undefined>>
  /** The moment that was asked for, whether or not it can be shown. */
  readonly asked: Readonly<Ref<number | undefined>>
  /** Why the moment that was asked for cannot be shown. */
  readonly problem: Readonly<Ref<string>>
  readonly bounds: Readonly<Ref<Bounds | undefined>>
  /** Whether the controls are there although now is shown. */
  readonly isOpen: Ref<boolean>
  /** Shows a moment; leaves a way back in the browser's history only when it leaves now. */
  look(at: number): void
  /** Goes back or on by so many milliseconds from what is shown, within what is kept. */
  turn(by: number): void
  /** Shows now. @param options.stay leaves the controls open */
  back(options?: { stay?: boolean }): void
  /** Asks anew how far history goes back. */
  refresh(): Promise<void>
}

export const pastKey: InjectionKey<Past> = Symbol('past')

/** Where no cluster is on screen, and in clusters without a history: always now. */
const never: Past = {
  isKept: ref(false),
  moment: shallowRef(),
  asked: ref(),
  problem: ref(''),
  bounds: shallowRef(),
  isOpen: ref(false),
  look: () => undefined,
  turn: () => undefined,
  back: () => undefined,
  refresh: () => Promise.resolve(),
}

/** The past that this cluster's pages may look at; outside of a cluster, and in one without a history, it is always now. */
export const usePast = (): Past => inject(pastKey, never)

interface Told {
  resourceVersion: string
  time: number
}
interface Answer {
  begins: Told
  now: Told
  at?: Told
}

/** Milliseconds. */
const tick = 1000

/** Servers that keep no history, or do not let everyone see it. */
const absent = new Set([403, 404])

/** What the server says of its history. */
function historyOf(kube: Kube) {
  const isKept = ref(false)
  const bounds = shallowRef<Bounds>()
  const ask = async (query: string): Promise<Answer> => {
    const answer = await kube.get<Answer>(`/debug/history${query}`)
    isKept.value = true
    bounds.value = { begins: answer.begins.time, now: Date.now() }
    return answer
  }
  const refresh = async (): Promise<void> => {
    try {
      await ask('')
    } catch (error) {
      // Whatever else is wrong with the cluster, its lists tell.
      if (error instanceof StatusError && absent.has(error.code)) isKept.value = false
    }
  }
  return { isKept, bounds, ask, refresh }
}

/** Ways through time, which all lead over the URL. */
function waysThrough(asked: Past['asked'], bounds: Past['bounds']): Pick<Past, 'isOpen' | 'look' | 'turn' | 'back'> {
  const route = useRoute()
  const router = useRouter()
  const isOpen = ref(false)
  const goTo = (at: string | undefined, how: 'push' | 'replace'): void => {
    const { at: _, ...rest } = route.query
    const query = at === undefined ? rest : { ...rest, at }
    const to = at === undefined ? { query, state: leaving } : { query }
    void router[how](to)
  }
  // Leaving the present is a step that the browser's way back undoes; from there on the time only changes.
  const look = (at: number): void => goTo(atText(Math.round(at)), asked.value === undefined ? 'push' : 'replace')
  const back = ({ stay = false } = {}): void => {
    isOpen.value = stay
    if (route.query['at'] !== undefined) goTo(undefined, 'push')
  }
  const turn = (by: number): void => {
    const now = Date.now()
    const next = clamped((asked.value ?? now) + by, { begins: bounds.value?.begins ?? now, now })
    // Now goes on: who comes near it from the past has come to it.
    if (by > 0 && next >= now - tick) back({ stay: true })
    else look(next)
  }
  return { isOpen, look, turn, back }
}

/**
 * Keeps the moment that is shown at the one the URL asks for (`?at=`): its revision is asked of the server first, and until then what was
 * shown stays. Ages are told as of that moment. Must be called in setup.
 */
export function createPast(kube: Kube): Past & { isSettled: Readonly<Ref<boolean>> } {
  const route = useRoute()
  const moment = momentOf(kube.cluster)
  const asked = computed(() => parseAt(route.query['at']))
  const { isKept, bounds, ask, refresh } = historyOf(kube)
  const problem = ref('')
  const isSettled = ref(asked.value === undefined)
  let latest = 0

  const settle = async (at: number | undefined): Promise<void> => {
    const mine = ++latest
    let next: Moment | undefined
    let words = ''
    try {
      const answer = at === undefined ? undefined : await ask(`?at=${encodeURIComponent(atText(at))}`)
      if (answer?.at) next = { at: at!, revision: answer.at.resourceVersion }
    } catch (error) {
      words = (error as Error).message
    }
    if (mine !== latest) return
    moment.value = next
    problem.value = words
    isSettled.value = true
  }
  watch(asked, settle, { immediate: true })
  watch(moment, (shown) => holdNow(shown?.at), { immediate: true })
  onScopeDispose(
    kube.connection.onOpen(() => {
      void refresh()
      if (problem.value) void settle(asked.value)
    }),
  )
  onScopeDispose(() => {
    latest++
    moment.value = undefined
    holdNow(undefined)
  })
  return { isKept, moment, asked, problem, bounds, isSettled, refresh, ...waysThrough(asked, bounds) }
}
