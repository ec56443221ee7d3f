import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Kube } from '../api/kube.ts'
import { useNow } from '../composables/use-now.ts'
import { carryMoment } from './carry-moment.ts'
import { momentOf } from './known-moments.ts'
import { createPast } from './use-past.ts'

const now = Date.UTC(2026, 0, 2, 12)
const minute = 60_000
const at = '2026-01-02T11:59:00Z'
const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)
let clusters = 0

/** A cluster on screen at a path, whose history `answer` tells. */
async function arranged(path: string, answer: (path: string) => unknown) {
  vi.useFakeTimers({ now })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/c/:cluster', component: { template: '' } }],
  })
  carryMoment(router)
  await router.push(path)
  const asked: string[] = []
  let open: () => void = () => undefined
  const cluster = `c${++clusters}`
  const kube = partial<Kube>({
    cluster,
    connection: {
      onOpen(listener: () => void) {
        open = listener
        listener()
        return () => undefined
      },
    },
    get(one: string) {
      asked.push(one)
      return Promise.resolve().then(() => answer(one))
    },
  })
  let past!: ReturnType<typeof createPast>
  const component = defineComponent({
    setup() {
      past = createPast(kube)
      return () => h('div')
    },
  })
  const wrapper = mount(component, { global: { plugins: [router] } })
  await settled()
  return { past, router, asked, wrapper, cluster, reopen: () => open() }
}

const told = (revision: string, time: number) => ({ resourceVersion: revision, time })
const bounds = { begins: told('1', now - 30 * minute), now: told('99', now) }
const history = (path: string): unknown => (path.includes('at=') ? { ...bounds, at: told('42', now - minute) } : bounds)
const refuse = (code: number, words: string) => (): never => {
  throw new StatusError(code, 'Expired', words)
}

afterEach(() => void vi.useRealTimers())

describe('the cluster in time', () => {
  it('is now where the URL says nothing, and knows how far one can go back', async () => {
    const { past } = await arranged('/c/dev', history)
    expect([past.moment.value, past.isSettled.value, past.isKept.value]).toEqual([undefined, true, true])
    expect(past.bounds.value).toEqual({ begins: now - 30 * minute, now })
  })

  it('is at the moment of the URL as soon as its revision is known, and ages are of then', async () => {
    const { past, asked, cluster, wrapper } = await arranged(`/c/dev?at=${at}`, history)
    expect(asked).toContain(`/debug/history?at=${encodeURIComponent(at)}`)
    expect(past.moment.value).toEqual({ at: now - minute, revision: '42' })
    expect(momentOf(cluster).value).toBe(past.moment.value)
    expect(useNow().value).toBe(now - minute)
    wrapper.unmount()
    expect(momentOf(cluster).value).toBeUndefined()
    expect(useNow().value).not.toBe(now - minute)
  })

  it('goes back and on within what is kept, and comes to now', async () => {
    const { past, router } = await arranged('/c/dev', history)
    const query = () => router.currentRoute.value.query['at']
    past.turn(-minute)
    await settled()
    expect(query()).toBe(at)
    past.turn(-90 * minute)
    await settled()
    expect(query()).toBe('2026-01-02T11:30:00Z')
    past.turn(29 * minute)
    await settled()
    past.turn(2 * minute)
    await settled()
    expect([query(), past.isOpen.value]).toEqual([undefined, true])
    past.back()
    expect(past.isOpen.value).toBe(false)
    // The way back leads through the moment that was left, not through every step.
    router.back()
    await settled()
    expect(query()).toBe('2026-01-02T11:59:00Z')
  })

  it('shows now and says why where a moment cannot be shown, and tries again with a new connection', async () => {
    let answer: (path: string) => unknown = refuse(410, 'gone')
    const { past, reopen } = await arranged(`/c/dev?at=${at}`, (path) => answer(path))
    expect([past.moment.value, past.problem.value, past.isSettled.value]).toEqual([undefined, 'gone', true])
    answer = history
    reopen()
    await settled()
    expect([past.moment.value?.revision, past.problem.value]).toEqual(['42', ''])
  })

  it('has no past where the cluster keeps none', async () => {
    const { past } = await arranged('/c/dev', refuse(404, 'no'))
    expect([past.isKept.value, past.isSettled.value]).toEqual([false, true])
  })
})
